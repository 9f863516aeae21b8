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
): Promise<Result<readonly Change[]>> {
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
  return {
    value: [...merged.map(({ change }) => change), ...stale],
    diagnostics: [...merged.flatMap(({ diagnostics }) => diagnostics), ...guard(packages, snapshot)],
  };
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
  { project, texts, whole, prune, ignored, settled }: Snapshot,
): readonly Diagnostic[] {
  if (!whole || prune) return [];
  const image = swapOf("oci_image", project.config.loads)?.symbol ?? "oci_image";
  const wanted = new Map(
    packages.map(({ package: pkg, services }) => [pkg, services.filter(({ rules }) => rules.length > 0)]),
  );
  const files = [...texts].filter(
    ([file, text]) => text !== undefined && isBuildFile(file) && !ignored.has(folderOf(file)) && findRegion(text),
  );
  const lost = files.map(([file, text]) => {
    const services = wanted.get(folderOf(file)) ?? [];
    const images = services.filter(({ rules }) => rules.some((rule) => rule.callee === image)).length;
    return Math.max(services.length === 0 ? 1 : 0, imagesIn(text ?? "", image) - images);
  });
  const gone = lost.reduce((sum, count) => sum + count, 0);
  const kept = [
    ...[...wanted.values()].map(({ length }) => length),
    ...settled.map(({ facts }) => facts.services),
  ].reduce((sum, count) => sum + count, 0);
  const total = gone + kept;
  return gone > 20 || gone > total / 2 ? [diagnostic("prune-refused", { count: gone, total })] : [];
}

/** How many images the region of a text has, which is how many services it is of; those without an image do not count. */
function imagesIn(text: string, kind: string): number {
  const region = /^\ufeff?# BEGIN gen-bazel-images[ \t]*$([\s\S]*?)^# END gen-bazel-images/m.exec(
    text.replaceAll("\r\n", "\n"),
  );
  return region?.[1]?.split("\n").filter((line) => line.startsWith(`${kind}(`)).length ?? 0;
}
