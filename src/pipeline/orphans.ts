import { folderOf, isBuildFile } from "../bazel/index.ts";
import { type Diagnostic, diagnostic, type Result } from "../diagnostics/index.ts";
import { isOurs } from "../outputs/index.ts";
import type { Rulesets } from "../rulesets/index.ts";
import type { StarlarkReader } from "../starlark/read/index.ts";
import { type ExpandedPackage, swapOf } from "./expand/index.ts";
import type { Snapshot } from "./index.ts";
import { findRegion, mergeFile } from "./merge/index.ts";
import { mergeContext, notesOf } from "./packages.ts";
import { type Change, reviewChange } from "./review/index.ts";

/**
 * What nobody wants any more among the texts of the snapshot: regions of packages without services, and test configs with
 * our first line. A narrowed run sees its own packages only, because only their texts are in the snapshot.
 */
export async function orphansOf(
  snapshot: Snapshot,
  packages: readonly ExpandedPackage[],
  rulesets: Rulesets,
  configs: readonly string[],
  reader: () => Promise<StarlarkReader>,
): Promise<Orphans> {
  const wanted = new Set(
    packages.filter((pkg) => pkg.services.some(({ rules }) => rules.length > 0)).map((pkg) => pkg.package),
  );
  const regions = [...snapshot.texts].flatMap(([file, text]) => {
    const isOrphan =
      text !== undefined &&
      isBuildFile(file) &&
      !wanted.has(folderOf(file)) &&
      !snapshot.ignored.has(folderOf(file)) &&
      findRegion(text);
    return isOrphan ? [{ file, text }] : [];
  });
  const merged = regions.length === 0 ? [] : removeRegions(regions, mergeContext(snapshot, rulesets), await reader());
  const kept = new Set(configs);
  const stale = [...snapshot.texts].flatMap(([path, text]) =>
    text !== undefined &&
    /\.ya?ml$/.test(path) &&
    isOurs(text) &&
    !kept.has(path) &&
    !snapshot.ignored.has(folderOf(path))
      ? [reviewChange(path, text, undefined)]
      : [],
  );
  const lost = lostIn(packages, snapshot);
  return {
    value: [...merged.map(({ change }) => change), ...stale],
    diagnostics: [...merged.flatMap(({ diagnostics }) => diagnostics), ...guard(packages, lost, snapshot)],
    lost,
  };
}

/** What goes, and how much that is. */
export interface Orphans extends Result<readonly Change[]> {
  /** How many services the regions of a package hold beyond those that are wanted, where there are any. */
  readonly lost: ReadonlyMap<string, number>;
}

function removeRegions(
  regions: readonly { readonly file: string; readonly text: string }[],
  context: ReturnType<typeof mergeContext>,
  reader: StarlarkReader,
): readonly { readonly change: Change; readonly diagnostics: readonly Diagnostic[] }[] {
  return regions.map(({ file, text }) => {
    const result = mergeFile(
      { file, text, wanted: undefined, ...context(folderOf(file)), isForeignSource: () => false },
      reader,
    );
    return { change: reviewChange(file, text, result.text, notesOf(result)), diagnostics: result.diagnostics };
  });
}

/** More than 20 services, or more than half of those that are there, go only with `--prune`. */
function guard(
  packages: readonly ExpandedPackage[],
  lost: Orphans["lost"],
  { whole, prune, settled }: Snapshot,
): readonly Diagnostic[] {
  if (!whole || prune) return [];
  const gone = sum([...lost.values(), ...settled.map(({ facts }) => facts.lost)]);
  const kept = sum([...packages.map((pkg) => ruledIn(pkg).length), ...settled.map(({ facts }) => facts.services)]);
  const total = gone + kept;
  return gone > 20 || gone > total / 2 ? [diagnostic("prune-refused", { count: gone, total })] : [];
}

/** What the regions of a whole run's packages hold beyond what is wanted, by their images; a region without any counts once. */
function lostIn(packages: readonly ExpandedPackage[], { project, texts, whole, ignored }: Snapshot): Orphans["lost"] {
  if (!whole) return new Map();
  const image = swapOf("oci_image", project.config.loads)?.symbol ?? "oci_image";
  const wanted = new Map(packages.map((pkg) => [pkg.package, ruledIn(pkg)]));
  const lost = new Map<string, number>();
  for (const [file, text] of texts) {
    const pkg = folderOf(file);
    if (text === undefined || !isBuildFile(file) || ignored.has(pkg) || !findRegion(text)) continue;
    const services = wanted.get(pkg) ?? [];
    const images = services.filter(({ rules }) => rules.some((rule) => rule.callee === image)).length;
    const count = Math.max(services.length === 0 ? 1 : 0, imagesIn(text, image) - images);
    if (count > 0) lost.set(pkg, (lost.get(pkg) ?? 0) + count);
  }
  return lost;
}

function ruledIn({ services }: ExpandedPackage): ExpandedPackage["services"] {
  return services.filter(({ rules }) => rules.length > 0);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** How many images the region of a text has, which is how many services it is of; those without an image do not count. */
function imagesIn(text: string, kind: string): number {
  const region = /^\ufeff?# BEGIN gen-bazel-images[ \t]*$([\s\S]*?)^# END gen-bazel-images/m.exec(
    text.replaceAll("\r\n", "\n"),
  );
  return region?.[1]?.split("\n").filter((line) => line.startsWith(`${kind}(`)).length ?? 0;
}
