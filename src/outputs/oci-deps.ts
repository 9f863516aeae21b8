import type { Config, PinnedBase } from "../model/index.ts";
import { header, type StarlarkOutput, type Templates } from "./output.ts";
import { printPull } from "./pull.ts";

/** The bases for WORKSPACE: `def oci_deps()` with one `oci_pull` each, or `pass`. */
export function ociDeps(config: Config, bases: readonly PinnedBase[], templates: Templates): StarlarkOutput {
  const load = bases.length === 0 ? "" : '\nload("@rules_oci//oci:pull.bzl", "oci_pull")\n';
  const pulls = bases.length === 0 ? "    pass" : bases.map((base) => printPull("oci_pull", base, "    ")).join("\n\n");
  return {
    path: config.files.deps,
    type: "bzl",
    text: templates.render("oci_deps.bzl", { header, config: config.file, load, pulls }),
  };
}
