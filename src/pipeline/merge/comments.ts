import type { CallStatement, Remark, StarlarkFile } from "../../starlark/read/index.ts";

/**
 * The comments at a rule of ours that people wrote. What we printed the last time is not written down anywhere, so the
 * wanted rule is the measure, place by place (above the rule, behind it, at each argument):
 *
 * - every wanted comment is there, in order: what is there besides was written by people; it is moved below the region
 * - a wanted comment is missing: the comment changed in the declaration; what stood in that place was the old one and
 *   goes
 *
 * So a comment that a person adds is never lost while the declaration stays as it is, and a comment edited in the
 * declaration leaves nothing behind. One that is removed from the declaration is moved, once, and reported.
 */
export function extraRemarks(
  file: StarlarkFile,
  old: { readonly rule: CallStatement; readonly before: readonly Remark[] },
  wantedFile: StarlarkFile,
  wanted: CallStatement,
): readonly Remark[] {
  const places = byPlace(file, old.rule, old.before);
  const wantedPlaces = byPlace(wantedFile, wanted, wanted.before);
  return [...places].flatMap(([place, remarks]) => besides(remarks, wantedPlaces.get(place) ?? []));
}

function byPlace(
  file: StarlarkFile,
  rule: CallStatement,
  before: readonly Remark[],
): ReadonlyMap<string, readonly Remark[]> {
  const inner = file.comments.filter((remark) => remark.start > rule.start && remark.end < rule.end);
  const placed: (readonly [string, Remark])[] = [
    ...before.map((remark) => ["above the rule", remark] as const),
    ...inner.map((remark) => [argumentAt(rule, remark), remark] as const),
    ...(rule.suffix ? [["behind the rule", rule.suffix] as const] : []),
  ];
  const places = new Map<string, Remark[]>();
  for (const [place, remark] of placed) places.set(place, [...(places.get(place) ?? []), remark]);
  return places;
}

function argumentAt(rule: CallStatement, remark: Remark): string {
  const argument = rule.call.args.find(
    ({ start, end, comments }) => (remark.start >= start && remark.end <= end) || comments.includes(remark),
  );
  return `argument ${argument?.name ?? ""}`;
}

function besides(there: readonly Remark[], wanted: readonly Remark[]): readonly Remark[] {
  const extra: Remark[] = [];
  let next = 0;
  for (const remark of there) {
    if (remark.text === wanted[next]?.text) next += 1;
    else extra.push(remark);
  }
  return next === wanted.length ? extra : [];
}
