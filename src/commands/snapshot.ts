/** The texts that a plan may look at. */
import { buildFilesIn, folderOf, isBuildFile, pathIn } from "../bazel/index.ts";
import type { Project } from "../model/index.ts";
import { firstTexts, type Ports, pinsFilesOf, type SettledPackage, type Snapshot } from "../pipeline/index.ts";
import { readTexts } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { nextTurn } from "../shell/turn.ts";
import { filesIn, isKnownMissing, type Walked } from "../shell/walk.ts";
import { isAtOrBelow } from "./narrow.ts";

/** For runs that have not read any yet. */
export const noTexts: Snapshot["texts"] = new Map();

/** Reads what a whole run may have to look at besides what is declared. */
export function readAround(root: string, walked: Walked, enter: Shell["enter"]): Snapshot["texts"] {
  enter?.("read");
  const texts = readTexts(root, [...walked.files].filter(isConcerned).sort());
  enter?.("bundle");
  return texts;
}

/** Asks what buildifier says of what nobody has generated yet, so that it is known by the time it is needed. */
export async function prefetchFirsts(
  declarations: readonly string[],
  texts: Snapshot["texts"],
  format: Ports["format"],
): Promise<void> {
  const firsts = firstTexts(new Set(declarations.map(folderOf)), texts);
  if (firsts.length === 0) return;
  // Whether buildifier can be run at all is said by those who need its answers.
  format(firsts).catch(() => undefined);
  await nextTurn();
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
