import { at, type Diagnostic, diagnostic } from "../../diagnostics/index.ts";
import type { Remark, Span, StarlarkFile, Statement } from "../../starlark/read/index.ts";
import { lineEnd } from "./text.ts";

/** The first line of a region. */
export const beginLine = "# BEGIN gen-bazel-images";
/** The last line of a region. */
export const endLine = "# END gen-bazel-images";
const ignoreLine = "# gen-bazel-images: ignore";
const sourceStart = "# Source: ";
const sourceEnd = "; edit it there, then run: npx gen-bazel-images";

/** The text of a region, borders included, without a line end behind it. */
export function regionText(body: string, sources: readonly string[]): string {
  const source = `${sourceStart}${[...sources].sort().join(", ")}${sourceEnd}`;
  return [beginLine, source, "", body, "", endLine].join("\n");
}

/** Reports whether a text may hold a region: quick, without reading it, and true too for a border in a string. */
export function findRegion(text: string): boolean {
  return /^\ufeff?# (?:BEGIN|END) gen-bazel-images[ \t]*\r?$/m.test(text);
}

/** A region as it stands in a file: from the first character of BEGIN to the end of the line of END. */
export interface Region extends Span {
  readonly begin: Remark;
  readonly close: Remark;
  /** The second comment line, when it is there. */
  readonly source?: Remark;
  readonly sources: readonly string[];
}

/** A region, or none, or what is wrong with the borders. */
export interface RegionSearch {
  readonly region?: Region;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reports whether the file asks to be left alone; the comment counts in a file that does not parse, too. */
export function isIgnored(file: StarlarkFile): boolean {
  if (file.problem) return /^\ufeff?# gen-bazel-images: ignore[ \t]*\r?$/m.test(file.text);
  return file.comments.some((remark) => remark.topLevel && remark.column === 1 && remark.text === ignoreLine);
}

/**
 * Finds the region of a file. Only a real comment at the start of a line is a border.
 *
 * - none: no region
 * - BEGIN, then END: the region
 * - a second BEGIN or END of a pair: `region-doubled`, at the second
 * - BEGIN without END, END without BEGIN or before it: `region-unbalanced`
 * - a border inside a statement: `region-inside-statement`
 */
export function searchRegion(file: StarlarkFile, path: string): RegionSearch {
  const borders = file.comments.filter(isBorder);
  const inside = borders.find((border) => !border.topLevel);
  if (inside) return wrong("region-inside-statement", path, inside);
  const [first, second, third] = borders;
  if (!first) return { diagnostics: [] };
  if (first.text === endLine) return wrong("region-unbalanced", path, first, "BEGIN");
  if (!second) return wrong("region-unbalanced", path, first, "END");
  if (second.text === beginLine) return wrong("region-doubled", path, second);
  if (third) return wrong(third.text === beginLine ? "region-doubled" : "region-unbalanced", path, third, "BEGIN");
  return { region: toRegion(file, first, second), diagnostics: [] };
}

function isBorder(remark: Remark): boolean {
  return remark.column === 1 && (remark.text === beginLine || remark.text === endLine);
}

type BorderCode = "region-inside-statement" | "region-unbalanced" | "region-doubled";

function wrong(code: BorderCode, path: string, border: Remark, missing = ""): RegionSearch {
  const args = { file: path, border: border.text, line: border.line, missing };
  return { diagnostics: [diagnostic(code, args, at(path, border.line, border.column))] };
}

function toRegion(file: StarlarkFile, begin: Remark, end: Remark): Region {
  const source = file.comments.find(
    (remark) => remark.line === begin.line + 1 && remark.ownLine && remark.text.startsWith(sourceStart),
  );
  const listed = source?.text.slice(sourceStart.length).split(sourceEnd)[0] ?? "";
  return {
    start: begin.start,
    end: lineEnd(file.text, end.start),
    begin,
    close: end,
    ...(source && { source }),
    sources: listed.split(", ").filter((path) => path !== ""),
  };
}

/** Reports whether something stands between the borders. */
export function isInside(region: Region | undefined, span: Span): boolean {
  return region !== undefined && span.start >= region.start && span.end <= region.end;
}

/** The comments right above a statement, without lines of ours. */
export function commentsAbove(statement: Statement, region: Region | undefined): readonly Remark[] {
  if (!region) return statement.before;
  const inside = isInside(region, statement);
  return statement.before.filter((remark) =>
    inside ? remark !== region.begin && remark !== region.source : !isInside(region, remark),
  );
}
