/** What stubs hold beyond the facts, each marked as hand-made: set-up macros of WORKSPACE, go_library, small helpers. */
import { readFileSync } from "node:fs";
import type { StubFacts } from "./facts.ts";

/** The text of a file beside this one, in `bzl/`. */
export function handmade(name: string): string {
  return readFileSync(new URL(`bzl/${name}`, import.meta.url), "utf8");
}

/** Files that a ruleset gets as they are: path in the repository to file in `bzl/`. */
export const extraFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rules_oci: { "stub/pull.bzl": "pull.bzl", "stub/layout.bzl": "layout.bzl" },
  rules_pkg: { "stub/strip_prefix.bzl": "strip_prefix.bzl" },
  rules_go: { "stub/go.bzl": "go.bzl", "go/toolchain/BUILD.bazel": "go_platforms.txt" },
};

/** Symbols that public files hand on from the hand-made files. */
export const extraSymbols: Readonly<Record<string, Readonly<Record<string, Reexport>>>> = {
  rules_pkg: {
    "pkg/mappings.bzl": { from: "//stub:strip_prefix.bzl", symbols: ["REMOVE_BASE_DIRECTORY", "strip_prefix"] },
  },
  rules_go: { "go/def.bzl": { from: "//stub:go.bzl", symbols: ["go_library", "go_test"] } },
};

/** Symbols of one `.bzl` file that another one exports. */
export interface Reexport {
  readonly from: string;
  readonly symbols: readonly string[];
}

/** Macros that a WORKSPACE calls and the facts only quote: parameters by name. */
const setups: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  rules_pkg: { "deps.bzl": { rules_pkg_dependencies: "" } },
  rules_go: { "go/deps.bzl": { go_rules_dependencies: "", go_register_toolchains: "version = None" } },
  aspect_bazel_lib: {
    "lib/repositories.bzl": { aspect_bazel_lib_dependencies: "", aspect_bazel_lib_register_toolchains: "" },
  },
  bazel_lib: { "lib/repositories.bzl": { bazel_lib_dependencies: "", bazel_lib_register_toolchains: "" } },
};

/** Set-up files of a ruleset: path to text. */
export function setupFiles({ ruleset }: StubFacts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(setups[ruleset] ?? {}).map(([path, macros]) => [path, noOps(macros)]));
}

function noOps(macros: Readonly<Record<string, string>>): string {
  const text = Object.entries(macros).map(([name, parameters]) => `def ${name}(${parameters}):\n    pass\n`);
  return `"""HAND-MADE: does nothing."""\n\n${text.join("\n")}`;
}

/** bazel_skylib as far as a WORKSPACE loads it. */
export const skylib: Readonly<Record<string, string>> = { "workspace.bzl": noOps({ bazel_skylib_workspace: "" }) };
