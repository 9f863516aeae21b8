/** The texts that a plan may look at. */
import { buildFilesIn, folderOf, isBuildFile, pathIn } from "../bazel/index.ts";
import type { Project } from "../model/index.ts";
import { firstTexts, type Ports, pinsFilesOf, type SettledPackage, type Snapshot } from "../pipeline/index.ts";
import { readTexts } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { filesIn, isKnownMissing, type Walked } from "../shell/walk.ts";
import { isAtOrBelow } from "./narrow.ts";

/** For runs that have not read any yet. */
export const noTexts: Snapshot["texts"] = new Map();

/**
 * What a whole run may have to look at besides what is declared. Async, so that it is read while esbuild bundles, and
 * buildifier has read by then what nobody has generated yet.
 */
export async function readAround(
  root: string,
  walked: Walked,
  declarations: readonly string[],
  format: Ports["format"],
  enter: Shell["enter"],
): Promise<Snapshot["texts"]> {
  enter?.("read");
  const texts = readTexts(root, [...walked.files].filter(isConcerned).sort());
  const firsts = firstTexts(new Set(declarations.map(folderOf)), texts);
  // Whether buildifier can be run at all is said by those who need its answers.
  if (firsts.length > 0) format(firsts).catch(() => undefined);
  enter?.("bundle");
  return texts;
}

interface SnapshotOptions {
  readonly root: string;
  readonly project: Project;
  readonly walked: Walked;
  /** Texts that have been read. */
  readonly around: Snapshot["texts"];
  readonly bazelIgnored: ReadonlySet<string>;
  readonly whole: boolean;
  readonly prune: boolean | undefined;
  readonly settled: readonly SettledPackage[];
}

/** Reads every other file that the plan may look at, and leaves out what is settled. */
export function takeSnapshot(options: SnapshotOptions): Snapshot {
  const { root, project, walked, around, bazelIgnored, whole, prune = false, settled } = options;
  const { config, services } = project;
  const shared = [...new Set([...pinsFilesOf(config), config.files.defs])];
  const packages = [...new Set(services.map((service) => service.package))];
  const folders = [...new Set([...shared.map(folderOf), ...packages])];
  const builds = folders.flatMap(buildFilesIn);
  const configs = services.flatMap((service) =>
    service.tests.flatMap((test) => (test.config ? [pathIn(service.package, test.config.file)] : [])),
  );
  const settledFolders = new Set(settled.map((pkg) => pkg.package));
  const rest = [...around].filter(([path]) => !settledFolders.has(folderOf(path)));
  const narrow = whole ? [] : packages.flatMap((pkg) => filesIn(root, pkg)).filter(isConcerned);
  const named = [...shared, ...builds, ...configs, ...narrow.sort()];
  const unread = named.filter((path) => !around.has(path));
  const texts = new Map([
    ...readTexts(root, unread, (path) => isKnownMissing(walked, path)),
    ...rest,
    ...named.flatMap((path) => (around.has(path) ? [[path, around.get(path)] as const] : [])),
  ]);
  const ignored = new Map(packages.flatMap((pkg) => ignoredBy(pkg, bazelIgnored)));
  return { project, texts, whole, prune, ignored, settled };
}

/** BUILD files, and what may be a config of ours. */
export function isConcerned(path: string): boolean {
  return path.endsWith(".yaml") || isBuildFile(path);
}

function ignoredBy(pkg: string, folders: ReadonlySet<string>): readonly (readonly [string, string])[] {
  const folder = [...folders].find((candidate) => isAtOrBelow(pkg, candidate));
  return folder === undefined ? [] : [[pkg, `.bazelignore names ${folder}`]];
}
