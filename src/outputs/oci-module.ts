import type { Config, PinnedBase } from "../model/index.ts";
import type { ImageRuleset } from "../rulesets/index.ts";
import { quote } from "../starlark/index.ts";
import { header, type StarlarkOutput, type Templates } from "./output.ts";
import { printPull } from "./pull.ts";

/** The bases for MODULE.bazel, to be included there (Bazel 7.2 or newer); Renovate wants the variable called `oci`. */
export function ociModule(
  config: Config,
  bases: readonly PinnedBase[],
  oci: ImageRuleset,
  templates: Templates,
): StarlarkOutput {
  const pulls =
    bases.length === 0
      ? ""
      : [...opening, ...bases.map((base) => printPull("oci.pull", base)), useRepo(bases, oci)].join("\n");
  return {
    path: config.files.module,
    type: "module",
    text: templates.render("oci.MODULE.bazel", { header, config: config.file, pulls }),
  };
}

const opening = ["", 'oci = use_extension("@rules_oci//oci:extensions.bzl", "oci")'];

/** Exactly the names that the extension reports, so that `bazel mod tidy` has nothing to do. */
function useRepo(bases: readonly PinnedBase[], oci: ImageRuleset): string {
  const names = [...new Set(bases.flatMap((base) => oci.reportedRepositories(base)))].sort();
  if (names.length === 1) return `use_repo(oci, ${names.map(quote).join(", ")})`;
  return ["use_repo(", "    oci,", ...names.map((name) => `    ${quote(name)},`), ")"].join("\n");
}
