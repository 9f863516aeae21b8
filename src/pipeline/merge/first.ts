import type { LoadStatement, StarlarkFile } from "../../starlark/read/index.ts";
import { addLoads } from "./add-loads.ts";
import { sameLabel } from "./bindings.ts";
import { leadingLoads } from "./leading-loads.ts";
import { appendRegion } from "./place-region.ts";
import { findRegion, regionText } from "./region.ts";
import type { MergeRequest, WantedRegion } from "./request.ts";
import { applyEdits } from "./text.ts";
import { codeOf, hasNoString, isUnchanged } from "./unchanged.ts";

/**
 * The text with its first region, made without a parser; undefined when somebody has to look closer. A promise: it is the
 * text that `mergeFile` gives, unless the file does not parse (test/properties/merge.test.ts).
 *
 * - nothing in the text looks like a border, and it holds nothing that could be misread, as for `isUnchanged`
 * - it begins with load statements, plain and without blank lines or comments between them, and has no others
 * - no name that we need or want occurs in it, nothing is loaded from where we load, nor loaded that we may have loaded
 */
export function mergeFirst(request: MergeRequest): string | undefined {
  const { text, wanted } = request;
  if (!wanted || text === undefined || /[\r\ufeff]/.test(text) || findRegion(text)) return undefined;
  const loads = leadingLoads(text);
  if (loads.length === 0 || !isUntouched(text, loads, wanted, request)) return undefined;
  const spliced = appendRegion(text, regionText(wanted.body, wanted.sources));
  const file: StarlarkFile = {
    text: spliced,
    statements: loads,
    comments: [],
    identifiers: [],
    calls: [],
    strings: [],
  };
  const needs = wanted.loads.map(({ from, symbol, local = symbol }) => [local, { from, symbol, local }] as const);
  const additions = [...new Map(needs).values()];
  const merged = applyEdits(spliced, addLoads({ file, region: undefined, path: request.file }, additions));
  return isUnchanged({ ...request, text: merged }) ? merged : undefined;
}

function isUntouched(
  text: string,
  loads: readonly LoadStatement[],
  wanted: WantedRegion,
  { file, emitted }: MergeRequest,
): boolean {
  const ours = new Set([...wanted.names, ...wanted.loads.flatMap(({ symbol, local = symbol }) => [symbol, local])]);
  const code = codeOf(text);
  if (code === undefined) return false;
  const words = code.match(/[A-Za-z_]\w*/g) ?? [];
  if (words.some((word) => ours.has(word)) || words.filter((word) => word === "load").length !== loads.length)
    return false;
  for (const name of ours) if (!hasNoString(text, name)) return false;
  const labels = new Set(
    wanted.loads.flatMap(({ from, alternatives }) => [from, ...alternatives]).map((label) => sameLabel(label, file)),
  );
  return loads.every(
    ({ label, symbols }) => !labels.has(sameLabel(label, file)) && symbols.every(({ symbol }) => !emitted.has(symbol)),
  );
}
