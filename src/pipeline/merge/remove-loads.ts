import type { LoadStatement, LoadSymbol } from "../../starlark/read/index.ts";
import { type LoadSite, loadsOutside } from "./add-loads.ts";
import { type Edit, isBlank, isBlankAt, isBlankBefore, lineEnd, lineEndOf, lineStart, nextLine } from "./text.ts";

/** The edits that take symbols out of their load statements, and out with a statement that has none left. */
export function removeLoads(site: LoadSite, stale: ReadonlySet<LoadSymbol>): readonly Edit[] {
  const loads = loadsOutside(site);
  const { text } = site.file;
  const isGone = (load: LoadStatement) => load.symbols.every((symbol) => stale.has(symbol)) && isAlone(text, load);
  const shrunk = loads.filter((load) => !isGone(load) && load.symbols.some((symbol) => !stale.has(symbol)));
  return [
    ...groups(text, loads.filter(isGone)).map((group) => removeStatements(site, group)),
    ...shrunk.flatMap((load) => removeSymbols(text, load, stale)),
  ];
}

/** Nothing but a comment stands on its lines besides it. */
function isAlone(text: string, load: LoadStatement): boolean {
  const rest = text.slice(load.end, lineEnd(text, load.end));
  return isBlank(text.slice(lineStart(text, load.start), load.start)) && /^[ \t]*(?:#.*)?$/.test(rest);
}

/** Statements on consecutive lines go together. */
function groups(text: string, loads: readonly LoadStatement[]): readonly (readonly LoadStatement[])[] {
  const found: LoadStatement[][] = [];
  for (const load of loads) {
    const last = found.at(-1)?.at(-1);
    if (last && nextLine(text, last.end) === lineStart(text, load.start)) found.at(-1)?.push(load);
    else found.push([load]);
  }
  return found;
}

/**
 * Takes out load statements that stand on consecutive lines; the reverse of placing them.
 *
 * - comments in and behind them stay, on lines of their own; comments above them are not touched
 * - nothing follows in the file: the blank line before them goes too
 * - a blank line on both sides: one of the two goes
 */
function removeStatements({ file }: LoadSite, group: readonly LoadStatement[]): Edit {
  const { text } = file;
  const newline = lineEndOf(text);
  const start = lineStart(text, group[0]?.start ?? 0);
  const end = lineEnd(text, group.at(-1)?.end ?? 0);
  const next = nextLine(text, end);
  const comments = file.comments.filter((remark) => remark.start >= start && remark.end <= end);
  if (comments.length > 0) return { start, end, text: comments.map((remark) => remark.text).join(newline) };
  const blankBefore = isBlankBefore(text, start);
  if (isBlank(text.slice(end))) return { start: lineEndBefore(text, start, blankBefore ? 2 : 1), end, text: "" };
  return { start, end: blankBefore && isBlankAt(text, next) ? nextLine(text, next) : next, text: "" };
}

function lineEndBefore(text: string, start: number, count: number): number {
  let end = start;
  for (let i = 0; i < count && end > 1; i += 1) end = lineEnd(text, lineStart(text, end - 1));
  return end;
}

/** Takes symbols out of a statement that keeps others; comments stay. */
function removeSymbols(text: string, load: LoadStatement, stale: ReadonlySet<LoadSymbol>): readonly Edit[] {
  const { symbols } = load;
  const keptLast = symbols.findLastIndex((symbol) => !stale.has(symbol));
  return symbols.flatMap((symbol, index) => {
    if (!stale.has(symbol)) return [];
    const line = wholeLine(text, symbol);
    if (line) return [line];
    const next = symbols[index + 1];
    const previous = symbols[index - 1];
    const from = index > keptLast ? (previous?.end ?? symbol.start) : symbol.start;
    const to = index > keptLast ? symbol.end : (next?.start ?? symbol.end);
    return text.slice(from, to).includes("#") ? withComma(text, symbol) : [{ start: from, end: to, text: "" }];
  });
}

function wholeLine(text: string, symbol: LoadSymbol): Edit | undefined {
  const start = lineStart(text, symbol.start);
  const indent = text.slice(start, symbol.start);
  const rest = /^[ \t]*,[ \t]*(#.*)?$/.exec(text.slice(symbol.end, lineEnd(text, symbol.end)));
  if (!isBlank(indent) || !rest || text.slice(symbol.start, symbol.end).includes("\n")) return undefined;
  if (rest[1] === undefined) return { start, end: nextLine(text, symbol.end), text: "" };
  return { start: symbol.start, end: lineEnd(text, symbol.end), text: rest[1].trimEnd() };
}

function withComma(text: string, symbol: LoadSymbol): readonly Edit[] {
  const comma = /^[ \t]*,/.exec(text.slice(symbol.end));
  return comma ? [{ start: symbol.start, end: symbol.end + comma[0].length, text: "" }] : [];
}
