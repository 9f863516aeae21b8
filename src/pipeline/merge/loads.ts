import { identifiersIn, type LoadSymbol, type StarlarkFile, type StarlarkReader } from "../../starlark/read/index.ts";
import { type Addition, addLoads, type LoadSite, type NewLoad } from "./add-loads.ts";
import { type Binding, bindingsOf, isFulfilled, isReplaceable, localOf, sameLabel } from "./bindings.ts";
import { commentsAbove, isInside, type Region, searchRegion } from "./region.ts";
import { removeLoads } from "./remove-loads.ts";
import type { MergeRequest } from "./request.ts";
import { applyEdits, type Edit, lineEnd, lineStart, nextLine } from "./text.ts";

/** A text that was read, with its region. */
export interface ReadText {
  readonly file: StarlarkFile;
  readonly region: Region | undefined;
}

/** Reads a text of which is known that it parses and that its borders are right. */
export function readAgain(text: string, path: string, reader: StarlarkReader): ReadText {
  const file = reader.read(text);
  return { file, region: searchRegion(file, path).region };
}

/** Gives the text the loads that it needs, and takes those of ours that nothing uses any more. */
export function adjustLoads(text: string, request: MergeRequest, reader: StarlarkReader): string {
  const { file: path } = request;
  const first = readAgain(text, path, reader);
  const moved = movedBindings(first, request);
  const additions = missingLoads(first.file, moved, request);
  const added = applyEdits(text, addLoads({ ...first, path }, additions));
  const second = additions.length > 0 ? readAgain(added, path, reader) : first;
  return applyEdits(added, removeLoads({ ...second, path }, staleSymbols(second.file, moved, request)));
}

/** Bindings of ours to a symbol that the region now needs from another label. */
function movedBindings({ file, region }: ReadText, request: MergeRequest): readonly Binding[] {
  const needs = new Map((request.wanted?.loads ?? []).map((need) => [localOf(need), need]));
  return bindingsOf(file, request.file).filter((binding) => {
    const need = needs.get(binding.local);
    return (
      need?.symbol === binding.symbol &&
      !isFulfilled(binding, need, request.file) &&
      isReplaceable(binding, file, region, request)
    );
  });
}

function missingLoads(
  file: StarlarkFile,
  moved: readonly Binding[],
  { file: path, wanted }: MergeRequest,
): readonly Addition[] {
  const isMoved = (binding: Binding) => moved.some(({ loadSymbol }) => loadSymbol === binding.loadSymbol);
  const kept = bindingsOf(file, path).filter((binding) => !isMoved(binding));
  const bound = new Set(kept.map(({ local }) => local));
  const missing = new Map(
    (wanted?.loads ?? [])
      .map((need) => ({ from: need.from, symbol: need.symbol, local: localOf(need) }))
      .filter(({ local }) => !bound.has(local))
      .map((addition) => [addition.local, addition]),
  );
  return [...missing.values()];
}

/** Symbols that we may have loaded, that nothing in the file uses, and that nobody asked to keep. */
function staleSymbols(file: StarlarkFile, moved: readonly Binding[], request: MergeRequest): ReadonlySet<LoadSymbol> {
  const used = identifiersIn(file);
  const needed = new Set(request.wanted?.loads.map(localOf));
  const isStale = ({ local, loadSymbol }: Binding) => !loadSymbol.keep && !used.has(local) && !needed.has(local);
  const isMoved = ({ local, label }: Binding) => moved.some((one) => one.local === local && one.label === label);
  const stale = bindingsOf(file, request.file).filter(
    (one) => isMoved(one) || (isStale(one) && isEmitted(one, request)),
  );
  return new Set(stale.map(({ loadSymbol }) => loadSymbol));
}

function isEmitted({ symbol, label }: Binding, { emitted, file }: MergeRequest): boolean {
  return (emitted.get(symbol) ?? []).some((from) => sameLabel(from, file) === label);
}

/**
 * Moves the loads that stand in the region (buildozer puts them there) to the other loads.
 *
 * - without comments: its symbols go into a load of the same file, else into a statement of their own
 * - with comments, or when a name is bound differently outside: the statement moves as it stands
 * - bound outside to the very same: dropped
 */
export function relocateLoads(site: LoadSite): { readonly text: string; readonly moved: readonly string[] } {
  const { file, region, path } = site;
  const { text } = file;
  const bindings = bindingsOf(file, path);
  const outside = new Map(
    bindings.filter(({ statement }) => !isInside(region, statement)).map((binding) => [binding.local, binding]),
  );
  const edits: Edit[] = [];
  const additions: Addition[] = [];
  const statements: NewLoad[] = [];
  const moved: string[] = [];
  for (const load of file.statements) {
    if (load.kind !== "load" || !isInside(region, load)) continue;
    const above = commentsAbove(load, region);
    const start = above[0]?.start ?? load.start;
    const end = load.suffix?.end ?? load.end;
    const own = bindings.filter(({ statement }) => statement === load);
    const isPlain = !file.comments.some((remark) => remark.start >= start && remark.end <= end);
    const clashes = own.some((one) => outside.has(one.local) && !isSame(one, outside.get(one.local)));
    if (isPlain && !clashes) {
      const fresh = own.filter(({ local }) => !outside.has(local));
      additions.push(...fresh.map(({ symbol, local }) => ({ from: load.label, symbol, local })));
    } else {
      statements.push({ label: load.label, text: text.slice(start, end) });
    }
    moved.push(text.slice(load.start, load.end).split("\n")[0]?.trimEnd() ?? "");
    edits.push(
      isWholeLines(text, start, end)
        ? { start: lineStart(text, start), end: nextLine(text, end), text: "" }
        : { start, end, text: "pass" },
    );
  }
  return { text: applyEdits(text, [...addLoads(site, additions, statements), ...edits]), moved };
}

function isSame(a: Binding, b: Binding | undefined): boolean {
  return a.symbol === b?.symbol && a.label === b.label;
}

function isWholeLines(text: string, start: number, end: number): boolean {
  return text.slice(lineStart(text, start), start).trim() === "" && text.slice(end, lineEnd(text, end)).trim() === "";
}
