import type { LoadStatement, LoadSymbol, StarlarkFile } from "../../starlark/read/index.ts";
import { sameLabel } from "./bindings.ts";
import { compareLabels, compareSymbols, printLoad, printSymbol, type SymbolName } from "./load-order.ts";
import { commentsAbove, isInside, type Region } from "./region.ts";
import { type Edit, isBlankBefore, lineEnd, lineEndOf, lineStart, nextLine } from "./text.ts";

/** A symbol to load. */
export interface Addition extends SymbolName {
  readonly from: string;
}

/** A load statement to put into the file as it is. */
export interface NewLoad {
  readonly label: string;
  readonly text: string;
}

/** Where loads are put: a read file, its region, its path. */
export interface LoadSite {
  readonly file: StarlarkFile;
  readonly region: Region | undefined;
  readonly path: string;
}

/** The edits that load more symbols: into a load of the same file where there is one, else by statements of their own. */
export function addLoads(
  site: LoadSite,
  additions: readonly Addition[],
  statements: readonly NewLoad[] = [],
): readonly Edit[] {
  // Backwards, so that the first of several statements for a file takes the symbols.
  const present = new Map<string, LoadStatement>();
  for (const load of loadsOutside(site).toReversed()) present.set(sameLabel(load.label, site.path), load);
  const labels = [...new Set(additions.map(({ from }) => from))];
  const added = labels.map((label) => ({
    label,
    symbols: additions.filter(({ from }) => from === label),
    load: present.get(sameLabel(label, site.path)),
  }));
  const fresh = added.flatMap(({ label, symbols, load }) => (load ? [] : [{ label, text: printLoad(label, symbols) }]));
  return [
    ...added.flatMap(({ symbols, load }) => (load ? addSymbols(site.file.text, load, symbols) : [])),
    ...placeLoads(
      site,
      [...fresh, ...statements].sort((x, y) => compareLabels(x.label, y.label)),
    ),
  ];
}

/** The load statements outside the region. */
export function loadsOutside({ file, region }: LoadSite): readonly LoadStatement[] {
  return file.statements.filter((one): one is LoadStatement => one.kind === "load" && !isInside(region, one));
}

/**
 * The edits that put load statements where buildifier puts them.
 *
 * - there are loads: into the first block of them, in its order
 * - there are none: before the first statement with its comments, behind comments that stand alone and docstrings
 */
function placeLoads(site: LoadSite, statements: readonly NewLoad[]): readonly Edit[] {
  const { text } = site.file;
  const newline = lineEndOf(text);
  const block = firstBlock(site);
  const before: string[] = [];
  const behind: Edit[] = [];
  for (const { label, text: statement } of statements) {
    const previous = block.filter((load) => compareLabels(load.label, label) <= 0).at(-1);
    const end = previous && lineEnd(text, previous.suffix?.end ?? previous.end);
    if (end === undefined) before.push(statement);
    else behind.push({ start: end, end, text: `${newline}${statement}` });
  }
  if (before.length === 0) return behind;
  const start = headOf(site, block[0]);
  const isGlued = block[0] !== undefined && start === lineStart(text, block[0].start);
  const blank = !isGlued && isBlankBefore(text, start) ? newline : "";
  return [{ start, end: start, text: `${before.join(newline)}${newline}${blank}` }, ...behind];
}

function headOf(site: LoadSite, first: LoadStatement | undefined): number {
  if (!first) return firstStatement(site);
  return lineStart(site.file.text, commentsAbove(first, site.region)[0]?.start ?? first.start);
}

function firstBlock({ file, region }: LoadSite): readonly LoadStatement[] {
  const block: LoadStatement[] = [];
  for (const statement of file.statements) {
    if (statement.kind === "load" && !isInside(region, statement)) block.push(statement);
    else if (block.length > 0) break;
  }
  return block;
}

function firstStatement({ file, region }: LoadSite): number {
  const first = file.statements.find((statement) => statement.kind !== "string" && !isInside(region, statement));
  const start = first ? (commentsAbove(first, region)[0]?.start ?? first.start) : file.text.length;
  return lineStart(file.text, Math.min(start, region?.start ?? start));
}

/** The edits that put symbols into a load statement: in order, on lines of their own where the others have them. */
function addSymbols(text: string, load: LoadStatement, additions: readonly SymbolName[]): readonly Edit[] {
  const sorted = [...additions].sort(compareSymbols);
  const before = new Map<LoadSymbol, SymbolName[]>();
  const behind: SymbolName[] = [];
  for (const addition of sorted) {
    const next = load.symbols.find((symbol) => compareSymbols(addition, symbol) < 0);
    if (next) before.set(next, [...(before.get(next) ?? []), addition]);
    else behind.push(addition);
  }
  const last = load.symbols.at(-1);
  return [
    ...[...before].map(([symbol, names]) => insertBefore(text, symbol, names)),
    ...(last && behind.length > 0 ? insertBehind(text, last, behind) : []),
  ];
}

function insertBefore(text: string, symbol: LoadSymbol, names: readonly SymbolName[]): Edit {
  const indent = indentOf(text, symbol);
  if (indent === undefined) {
    return { start: symbol.start, end: symbol.start, text: names.map((name) => `${printSymbol(name)}, `).join("") };
  }
  const above = symbol.comments.find((remark) => remark.start < symbol.start && remark.ownLine);
  const start = lineStart(text, above?.start ?? symbol.start);
  return { start, end: start, text: asLines(text, indent, names) };
}

/**
 * Behind the last symbol.
 *
 * - it shares its line with others, or its comma stands behind a comment: on the same line
 * - it has a comma: on the next line, with a comma
 * - it has none: on the next line, without a comma, unless a comment would change its owner
 */
function insertBehind(text: string, symbol: LoadSymbol, names: readonly SymbolName[]): readonly Edit[] {
  const indent = indentOf(text, symbol);
  const rest = text.slice(symbol.end, lineEnd(text, symbol.end));
  const insert = (start: number, added: string): Edit => ({ start, end: start, text: added });
  const hasLateComma = /^\s*(?:#[^\n]*\s*)+,/.test(text.slice(symbol.end));
  if (indent === undefined || !/^[ \t]*,?[ \t]*(?:#.*)?$/.test(rest) || hasLateComma) {
    return [insert(symbol.end, names.map((name) => `, ${printSymbol(name)}`).join(""))];
  }
  const lines = insert(nextLine(text, symbol.end), asLines(text, indent, names));
  if (/^[ \t]*,/.test(rest)) return [lines];
  if (rest.includes("#")) return [insert(symbol.end, ","), lines];
  const separator = `,${lineEndOf(text)}${indent}`;
  return [insert(symbol.end, names.map((name) => `${separator}${printSymbol(name)}`).join(""))];
}

function asLines(text: string, indent: string, names: readonly SymbolName[]): string {
  return names.map((name) => `${indent}${printSymbol(name)},${lineEndOf(text)}`).join("");
}

/** The blanks before a symbol when it is the first thing on its line. */
function indentOf(text: string, symbol: LoadSymbol): string | undefined {
  const before = text.slice(lineStart(text, symbol.start), symbol.start);
  return /^[ \t]*$/.test(before) ? before : undefined;
}
