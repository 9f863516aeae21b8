/** What `init` and `doctor` share: the files that stamping needs, as the disk has them. */
import { join } from "node:path";
import { folderOf } from "../bazel/index.ts";
import type { Config, Project } from "../model/index.ts";
import {
  importsOf,
  stampingConfigs,
  stampingLines,
  statusScript,
  withStampingLines,
  workspaceStatus,
} from "../outputs/index.ts";
import { adviseGoStamps, type Change, reviewChange, type Snapshot } from "../pipeline/index.ts";
import type { StampingReport } from "../report/index.ts";
import { isExecutable, isInside, readText, readTexts } from "../shell/disk.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { templates } from "../shell/templates.ts";

/** The script that prints the workspace status, and what `.bazelrc` lacks to use it. */
interface SetUp {
  readonly bazelrc: string | undefined;
  /** Undefined where `.bazelrc` has a command line in its place. */
  readonly script: string | undefined;
  readonly scriptText: string | undefined;
  readonly missing: readonly string[];
  readonly configs: readonly string[];
}

async function readSetUp(root: string, folder: string): Promise<SetUp> {
  const bazelrc = readText(root, ".bazelrc");
  const imported = readTexts(root, importsOf(bazelrc ?? ""));
  const present = [bazelrc ?? "", ...imported.values()].join("\n");
  const script = statusScript(present, folder);
  const scriptText = script === undefined ? undefined : readText(root, script);
  const missing = stampingLines(present, script ?? "");
  return { bazelrc, script, scriptText, missing, configs: stampingConfigs(present) };
}

/** The folder of the files that a repository shares; where it has no config yet, the one of a new config. */
export function sharedFolder(config: Config | undefined): string {
  return config ? folderOf(config.files.defs) : "dev";
}

/** What a repository lacks for stamping; of a file that is there, only the lines that `.bazelrc` lacks are added. */
export async function stampingChanges(root: string, folder: string): Promise<readonly Change[]> {
  const { bazelrc, script, scriptText, missing } = await readSetUp(root, folder);
  const lacksScript = script !== undefined && scriptText === undefined && isInside(root, folderOf(script));
  return [
    ...(lacksScript
      ? [{ ...reviewChange(script, undefined, workspaceStatus(templates)), executable: true as const }]
      : []),
    ...(missing.length > 0 ? [reviewChange(".bazelrc", bazelrc, withStampingLines(bazelrc, missing))] : []),
  ];
}

/** How a repository is set up for stamping, and what its services use of it. */
export async function inspectStamping(root: string, { project, texts }: Snapshot): Promise<StampingReport> {
  const { script, scriptText, missing, configs } = await readSetUp(root, sharedFolder(project.config));
  const known = [scriptText ?? "", ...ownKeys].join("\n");
  const keys = keysOf(project);
  const isKnown = (key: string) => scriptText === undefined || new RegExp(`\\b${key}\\b`).test(known);
  return {
    bazelrc: missing,
    configs,
    ...(script !== undefined && {
      script: {
        path: script,
        present: scriptText !== undefined,
        executable: isExecutable(join(root, script)),
      },
    }),
    keys,
    unknownKeys: keys.filter((key) => !isKnown(key)),
    goStamps: project.config.goStamps.size > 0,
    goLibraries: adviseGoStamps(project, texts, await starlarkReader()),
  };
}

/** Keys that Bazel gives by itself. */
const ownKeys = ["BUILD_EMBED_LABEL", "BUILD_HOST", "BUILD_USER", "BUILD_TIMESTAMP"];

/** Every key that stamps and `goStamps` name. */
function keysOf({ config, services }: Project): readonly string[] {
  const parts = services.flatMap(({ image, pushes }) => [...(image ? [image] : []), ...pushes]);
  const stamped = parts.flatMap(({ fields }) => fields.flatMap((field) => field.stamped ?? []));
  return [...new Set([...stamped.map(({ key }) => key), ...config.goStamps.values()])].sort();
}
