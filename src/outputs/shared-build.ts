import { pathIn } from "../bazel/index.ts";
import { header, type StarlarkOutput, type Templates } from "./output.ts";

/** An empty BUILD file that makes the folder of a shared file a package. */
export function sharedBuild(folder: string, templates: Templates): StarlarkOutput {
  const path = pathIn(folder, "BUILD.bazel");
  return { path, type: "build", text: templates.render("shared.BUILD", { header }) };
}
