import type { Config } from "../model/index.ts";
import { quote } from "../starlark/index.ts";
import { header, type StarlarkOutput, type Templates } from "./output.ts";

/** The helper `image_repository(name)`; undefined without a prefix, when nothing needs it. */
export function ociDefs(config: Config, templates: Templates): StarlarkOutput | undefined {
  if (config.repositoryPrefix === undefined) return undefined;
  const slots = { header, config: config.file, prefix: quote(config.repositoryPrefix) };
  return { path: config.files.defs, type: "bzl", text: templates.render("oci_defs.bzl", slots) };
}
