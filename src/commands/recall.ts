/** Recalls which packages an earlier run found settled, and keeps for the next one what this one found. */
import { folderOf } from "../bazel/index.ts";
import { canonicalText, groupBy } from "../model/index.ts";
import {
  type DeclarationFile,
  reviewChange,
  type SettledFacts,
  type SettledPackage,
  type Snapshot,
} from "../pipeline/index.ts";
import { type Cache, hashOf, loadEntries, saveEntries } from "../shell/cache.ts";
import { readTexts } from "../shell/disk.ts";
import { programIdentity } from "../shell/version.ts";
import type { Walked } from "../shell/walk.ts";
import { isConcerned } from "./snapshot.ts";
import { inlinePackageOf, type Workspace } from "./workspace.ts";

/** What was recalled. */
export interface Recalled {
  readonly packages: readonly SettledPackage[];
  /** Keeps what the run found; undefined when it can tell of no package. */
  readonly remember: (found: ReadonlyMap<string, SettledFacts> | undefined) => void;
}

/** For runs that recall nothing. */
export const nothingRecalled: Recalled = { packages: [], remember: () => undefined };

const record = "settled";

/** Recalls the packages that are settled, if config and formatter let themselves be compared with those of an earlier run. */
export function recall(
  { root, cache, declared, exported }: Workspace,
  files: readonly DeclarationFile[],
  texts: Snapshot["texts"],
  walked: Walked,
  formatter: string | undefined,
): Recalled {
  const { config } = declared;
  // Of a base only the name concerns a package. The config as a whole first: its copy is plain whatever it is itself.
  const names = config.bases.map(({ name }) => name);
  const stated = canonicalText(exported) && canonicalText({ ...(exported as object), bases: names });
  if (formatter === undefined || stated === undefined) return nothingRecalled;
  const { defs, deps, module } = config.files;
  const entangled = new Set([
    // Shared files need a BUILD file there, too.
    ...[defs, deps, module].map(folderOf),
    ...declared.inline.map(({ service }) => inlinePackageOf(service)),
    // What a link leads to is read when the package is planned.
    ...[...walked.links].filter(isConcerned).map(folderOf),
  ]);
  // Whether `image_repository` is the team's own stands in its text.
  const own = readTexts(root, [defs]).get(defs) ?? "";
  return recallSettled({
    cache,
    shared: [programIdentity(), formatter, config.file, stated, own],
    files,
    texts,
    isEntangled: (pkg) => entangled.has(pkg) || !walked.folders.has(pkg),
  });
}

/** What the findings of a run follow from. */
interface RecallOptions {
  readonly cache: Cache;
  /** All that counts for every package: this program, the config, the formatter. */
  readonly shared: readonly string[];
  readonly files: readonly DeclarationFile[];
  /** BUILD files, and what may be a config of a test. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  /** Reports whether something besides its own declarations and texts decides about a package. */
  readonly isEntangled: (pkg: string) => boolean;
}

/**
 * The packages of which an earlier run found that nothing is to do. Declarations are evaluated whatever is remembered: the
 * key of a finding is the hash of what they exported, and of every text that the package was planned from. A package whose
 * declarations hold what has no text, a function say, is planned each time.
 */
function recallSettled({ cache, shared, files, texts, isEntangled }: RecallOptions): Recalled {
  const remembered = loadEntries<Finding>(cache, record);
  const filesOf = groupBy(files, ({ file }) => folderOf(file));
  const keyOf = keysOf({ shared, filesOf, texts, isEntangled });
  const packages = [...filesOf.keys()].flatMap((pkg): readonly SettledPackage[] => {
    const { key, facts } = remembered.get(pkg) ?? {};
    if (!facts || keyOf(pkg) !== key) return [];
    const changes = facts.files.map((path) => reviewChange(path, texts.get(path), texts.get(path)));
    return [{ package: pkg, facts, changes }];
  });
  const remember = (found: ReadonlyMap<string, SettledFacts> | undefined): void => {
    if (!found) return;
    // Of a package that is not settled now, what it was before: edits are taken back, branches changed.
    const kept = [...filesOf.keys()].flatMap((pkg) => {
      const facts = found.get(pkg);
      const key = facts && keyOf(pkg);
      const finding = facts && key !== undefined ? { key, facts } : remembered.get(pkg);
      return finding ? [[pkg, finding] as const] : [];
    });
    const isKnown = ([pkg, { key }]: (typeof kept)[number]) => remembered.get(pkg)?.key === key;
    if (kept.length !== remembered.size || !kept.every(isKnown)) saveEntries(cache, record, kept);
  };
  return { packages, remember };
}

/** What was found of a package, and the key that it has to have for that. */
interface Finding {
  readonly key: string;
  readonly facts: SettledFacts;
}

/** The key of each package, made when it is asked for; undefined for a package that has none. */
function keysOf({
  shared,
  filesOf,
  texts,
  isEntangled,
}: Pick<RecallOptions, "shared" | "texts" | "isEntangled"> & {
  readonly filesOf: ReadonlyMap<string, readonly DeclarationFile[]>;
}): (pkg: string) => string | undefined {
  const common = hashOf(joined(shared));
  const textsOf = groupBy(texts, ([path]) => folderOf(path));
  const made = new Map<string, string | undefined>();
  const make = (pkg: string): string | undefined => {
    const stated = (filesOf.get(pkg) ?? []).flatMap(({ file, exported }) => [file, canonicalText(exported)]);
    if (stated.length === 0 || isEntangled(pkg) || !stated.every((text) => text !== undefined)) return undefined;
    const present = (textsOf.get(pkg) ?? []).flatMap(([path, text]) => [path, text ?? "", `${text?.length}`]);
    return hashOf(joined([common, joined(stated), joined(present)]));
  };
  return (pkg) => {
    if (!made.has(pkg)) made.set(pkg, make(pkg));
    return made.get(pkg);
  };
}

/** The texts behind each other, each with its length, so that no two lists come to the same. */
function joined(texts: readonly string[]): string {
  return texts.map((text) => `${text.length} ${text}`).join("\n");
}
