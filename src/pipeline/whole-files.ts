import { folderOf, pathIn } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic, type Result } from "../diagnostics/index.ts";
import type { PinnedBase } from "../model/index.ts";
import {
  isOurs,
  type OutputFile,
  ociDefs,
  ociDeps,
  ociModule,
  type StarlarkOutput,
  sharedBuild,
  type Templates,
  testConfig,
} from "../outputs/index.ts";
import type { ImageRuleset } from "../rulesets/index.ts";
import type { Snapshot } from "./index.ts";
import { buildFileOf } from "./packages.ts";

/** The files that WORKSPACE, MODULE and BUILD files share, and a BUILD file for each folder of theirs that has none. */
export function sharedFiles(
  snapshot: Snapshot,
  bases: readonly PinnedBase[],
  oci: ImageRuleset,
  templates: Templates,
  ownRepositoryFunction: boolean,
): Result<readonly StarlarkOutput[]> {
  const { config } = snapshot.project;
  const defs = ownRepositoryFunction ? undefined : ociDefs(config, templates);
  const files = [
    ...(config.externalDeps === "bzlmod" ? [] : [ociDeps(config, bases, templates)]),
    ...(config.externalDeps === "workspace" ? [] : [ociModule(config, bases, oci, templates)]),
    ...(defs ? [defs] : []),
  ];
  const folders = [...new Set(files.map(({ path }) => folderOf(path)))];
  const packages = folders
    .filter((folder) => buildFileOf(folder, snapshot.texts) === undefined)
    .map((folder) => sharedBuild(folder, templates));
  const settings = { [config.files.deps]: "deps", [config.files.module]: "module", [config.files.defs]: "defs" };
  const hint = (path: string) =>
    `move it away, or write ours elsewhere: files: { ${settings[path] ?? "deps"}: "other/path" }; existing bases and rules: npx gen-bazel-images import`;
  return { value: [...files, ...packages], diagnostics: refuseForeign(files, snapshot, hint) };
}

/** The configs of all structure tests that have typed tests. */
export function testConfigs(snapshot: Snapshot, templates: Templates): Result<readonly OutputFile[]> {
  const files = snapshot.project.services
    .filter((service) => !snapshot.ignored.has(service.package))
    .flatMap((service) =>
      service.tests.flatMap(({ config }) => {
        if (!config) return [];
        const path = pathIn(service.package, config.file);
        return [testConfig(path, config.tests, service.origin.file, templates)];
      }),
    );
  const hint = (path: string) =>
    `keep it and name it: configs: ["${path.split("/").at(-1)}"] instead of typed tests, or give the test another name; or: npx gen-bazel-images import`;
  return { value: files, diagnostics: refuseForeign(files, snapshot, hint) };
}

/**
 * The files that nobody reads in a review, since they are generated as a whole: configs of structure tests and the helper
 * for repositories. Never pins: a bump has to be seen.
 */
export function generatedFiles({ project, texts, ignored }: Snapshot): readonly string[] {
  const { services, config } = project;
  const configs = services.flatMap(({ package: pkg, tests }) =>
    ignored.has(pkg) ? [] : tests.flatMap((test) => (test.config ? [pathIn(pkg, test.config.file)] : [])),
  );
  const defs = texts.get(config.files.defs) === undefined ? [] : [config.files.defs];
  return [...configs, ...defs].filter((path) => !isForeign(path, texts)).sort();
}

function refuseForeign(
  files: readonly OutputFile[],
  { texts }: Snapshot,
  hint: (path: string) => string,
): readonly Diagnostic[] {
  return files
    .filter(({ path }) => isForeign(path, texts))
    .map(({ path }) => diagnostic("file-not-ours", { file: path, hint: hint(path) }, at(path)));
}

/** Somebody else's file stands at a path. */
function isForeign(path: string, texts: Snapshot["texts"]): boolean {
  const text = texts.get(path);
  return text !== undefined && !isOurs(text);
}
