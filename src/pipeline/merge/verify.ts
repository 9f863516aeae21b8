import type { StarlarkFile } from "../../starlark/read/index.ts";
import { bindingsOf } from "./bindings.ts";
import type { ReadText } from "./loads.ts";
import { isInside, type Region } from "./region.ts";

/** What the last look at a merge compares. */
export interface Verification {
  readonly before: ReadText;
  readonly after: ReadText;
  readonly path: string;
  /** The region that should be there, in line feeds. */
  readonly region: string | undefined;
}

/**
 * The last look, before anybody writes: reports whether the result is what merging promises. It guards against texts
 * that nobody thought of (a line continuation at the very end of a file was one).
 *
 * - the result parses, and its region is the wanted one, letter by letter
 * - every statement outside that is no load is there as it was, in order
 * - every comment outside is there
 * - no name is bound by more loads than before
 */
export function isFaithful({ before, after, path, region }: Verification): boolean {
  return (
    !after.file.problem &&
    regionOf(after) === region &&
    isSubsequence(statementsOf(before), statementsOf(after)) &&
    holdsAll(commentsOf(before), commentsOf(after)) &&
    doubledNames(after.file, path) <= doubledNames(before.file, path)
  );
}

function regionOf({ file, region }: ReadText): string | undefined {
  return region && file.text.slice(region.start, region.end).replaceAll("\r\n", "\n");
}

function statementsOf({ file, region }: ReadText): readonly string[] {
  const outside = file.statements.filter((statement) => statement.kind !== "load" && !isInside(region, statement));
  return outside.map(({ start, end }) => file.text.slice(start, end));
}

function commentsOf({ file, region }: { readonly file: StarlarkFile; readonly region: Region | undefined }) {
  return file.comments.filter((remark) => !isInside(region, remark)).map((remark) => remark.text);
}

function isSubsequence(wanted: readonly string[], there: readonly string[]): boolean {
  let next = 0;
  for (const one of there) if (one === wanted[next]) next += 1;
  return next === wanted.length;
}

function holdsAll(wanted: readonly string[], there: readonly string[]): boolean {
  const left = new Map<string, number>();
  for (const one of there) left.set(one, (left.get(one) ?? 0) + 1);
  return wanted.every((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count > 0;
  });
}

function doubledNames(file: StarlarkFile, path: string): number {
  const names = bindingsOf(file, path).map(({ local }) => local);
  return names.length - new Set(names).size;
}
