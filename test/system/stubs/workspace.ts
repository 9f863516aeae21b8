/** A WORKSPACE that declares the rulesets as people do, for workspaces made in tests. */
import type { StubVersions } from "./index.ts";
import { literal } from "./starlark.ts";

const archives = [
  "bazel_skylib",
  "aspect_bazel_lib",
  "bazel_lib",
  "rules_pkg",
  "rules_oci",
  "container_structure_test",
  "io_bazel_rules_go",
];

/** The text of a WORKSPACE for these versions; `pulls` are the bases, each an `oci_pull` by digest. */
export function renderWorkspace(versions: Pick<StubVersions, "oci">, pulls: readonly string[] = []): string {
  const crane = versions.oci.startsWith("1.");
  return [
    'load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")',
    ...archives.map((name) => `http_archive(name = ${literal(name)}, url = "https://stub.invalid/${name}.tar.gz")`),
    'load("@rules_oci//oci:dependencies.bzl", "rules_oci_dependencies")',
    "rules_oci_dependencies()",
    `load("@rules_oci//oci:repositories.bzl", ${crane ? '"LATEST_CRANE_VERSION", ' : ""}"oci_register_toolchains")`,
    `oci_register_toolchains(name = "oci"${crane ? ", crane_version = LATEST_CRANE_VERSION" : ""})`,
    'load("@rules_oci//oci:pull.bzl", "oci_pull")',
    ...pulls.map(
      (name) =>
        `oci_pull(name = ${literal(name)}, image = "index.docker.io/library/${name}", digest = "sha256:${"0".repeat(64)}")`,
    ),
    "",
  ].join("\n");
}
