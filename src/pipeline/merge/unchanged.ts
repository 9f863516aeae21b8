import { sameLabel } from "./bindings.ts";
import { leadingLoads } from "./leading-loads.ts";
import { findRegion, regionText } from "./region.ts";
import type { LoadNeed, MergeRequest, WantedRegion } from "./request.ts";
import { longString } from "./text.ts";

/**
 * Reports whether a file plainly is as it should be, without reading it. True is a promise: `mergeFile` would give the
 * same text, unless the file does not parse outside the region. False means only that somebody has to look.
 *
 * - no region wanted: nothing in the text looks like a border
 * - else the text holds the wanted region once, outside brackets, with blank lines around it
 * - outside the region there is nothing that this scan could misread: no line continuation, no octal escape, no lone
 *   carriage return, no word of ours in a comment
 * - no string outside the region is one of the wanted names
 * - nothing below the region defines a name that may be used in it
 * - every needed symbol is bound once, by a plain load, and no other symbol is loaded that we may have loaded
 */
export function isUnchanged(request: MergeRequest): boolean {
  const { wanted } = request;
  if (!wanted) return request.text === undefined || !findRegion(request.text);
  const text = plainText(request.text);
  const region = regionText(wanted.body, wanted.sources);
  const start = text?.indexOf(region) ?? -1;
  if (text === undefined || start < 0 || (start > 0 && !text.startsWith("\n\n", start - 2))) return false;
  const before = text.slice(0, start);
  const after = text.slice(start + region.length);
  if (!/^\n*$|^\n\n/.test(after) || /^(?:<{7}|>{7})/m.test(before) || /^(?:<{7}|>{7})/m.test(after)) return false;
  if (isFamiliar(request, wanted, before, after)) return true;
  const head = scan(before);
  const tail = scan(after);
  if (!head || !tail) return false;
  const tokens = [...head, ...tail];
  const names = new Set(wanted.names);
  if (tokens.some((one) => one.kind === "string" && names.has(one.text))) return false;
  if (tail.some((token, index) => mayDefine(tail, index) && wanted.body.includes(token.text))) return false;
  return hasRightLoads(request, wanted.loads, tokens);
}

/** A word outside brackets that is not called may be a definition, `def` itself aside. */
function mayDefine(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  if (token?.kind !== "word" || token.depth > 0) return false;
  return tokens[index + 1]?.text !== "(" || tokens[index - 1]?.text === "def";
}

/**
 * The commonest case, without looking at every word: load statements first, none elsewhere, and behind them no text like
 * a name of ours. What this says of a file, the tokens say too.
 */
function isFamiliar(request: MergeRequest, wanted: WantedRegion, before: string, after: string): boolean {
  const loads = leadingLoads(before);
  const rest = before.slice(loads.at(-1)?.end ?? 0);
  const words = wanted.loads.map(({ symbol, local = symbol }) => local);
  const isSilent = (text: string) =>
    !/\bload\b/.test(text) &&
    wanted.names.every((name) => hasNoString(text, name)) &&
    !words.some((word) => text.includes(word)) &&
    codeOf(text) !== undefined;
  const mayDefine = /^(?:def\b|[A-Za-z_]\w*\s*[,=])/m.test(after);
  if (mayDefine || !isSilent(rest) || !isSilent(after)) return false;
  const loaded = loads.flatMap(({ label, symbols }) => symbols.map(({ local, symbol }) => ({ local, symbol, label })));
  return bindsRightly(request, wanted.loads, loaded);
}

/**
 * A text without its comments and strings; undefined unless it plainly holds nothing that a scan could misread, and closes
 * what it opens.
 */
export function codeOf(text: string): string | undefined {
  if (text.includes("gen-bazel-images") || octal.test(text)) return undefined;
  const code = text.replace(quotedOrComment, " ");
  if (/["'\\]/.test(code)) return undefined;
  let depth = 0;
  for (const bracket of code.match(/[()[\]{}]/g) ?? []) {
    depth += steps.get(bracket) ?? 0;
    if (depth < 0) return undefined;
  }
  return depth === 0 ? code : undefined;
}

/** Reports whether a text plainly has no string of that content. */
export function hasNoString(text: string, content: string): boolean {
  return !text.includes(content) || !(text.includes(`"${content}"`) || text.includes(`'${content}'`));
}

/** The text with line feeds and without a byte order mark; undefined when its line ends are mixed. */
function plainText(text: string | undefined): string | undefined {
  const plain = text?.replace(/^\ufeff/, "");
  if (!plain?.includes("\r")) return plain;
  const lines = plain.split("\r\n");
  return lines.some((line) => /[\r\n]/.test(line)) ? undefined : lines.join("\n");
}

/** A piece of a text that is not plain rest. */
interface Token {
  readonly kind: "string" | "word" | "bracket" | "sign";
  readonly text: string;
  /** How many brackets are open around it. */
  readonly depth: number;
  /** It is the first thing on its line, at column 1. */
  readonly isFirst: boolean;
}

/** What a bracket does to the depth. */
const steps: ReadonlyMap<string, number> = new Map([
  ["(", 1],
  ["[", 1],
  ["{", 1],
  [")", -1],
  ["]", -1],
  ["}", -1],
]);

const octal = /\\[0-7]/;
const comment = /#[^\n]*/;
const string = /"([^"\\\n]*(?:\\.[^"\\\n]*)*)"|'([^'\\\n]*(?:\\.[^'\\\n]*)*)'/;
const rest = /[A-Za-z_]\w*|["'()[\]{}=,\\]/;
const token = anyOf(comment, longString, string, rest);
const quotedOrComment = anyOf(comment, longString, string);

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"), "g");
}

/** The tokens of a text, comments and long strings left out; undefined when it holds anything that is not plain. */
function scan(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let depth = 0;
  for (token.lastIndex = 0; ; ) {
    const match = token.exec(text);
    if (!match) return depth === 0 ? tokens : undefined;
    const found = match[0];
    const content = match[1] ?? match[2];
    if (isOdd(found, content)) return undefined;
    const isFirst = match.index === 0 || text[match.index - 1] === "\n";
    const step = steps.get(found);
    if (content !== undefined) tokens.push({ kind: "string", text: content, depth, isFirst });
    else if (step !== undefined) {
      // Either bracket of a pair stands outside of it.
      tokens.push({ kind: "bracket", text: found, depth: Math.min(depth, depth + step), isFirst });
      depth += step;
    } else if (found === "=" || found === ",") tokens.push({ kind: "sign", text: found, depth, isFirst });
    else if (/^\w/.test(found)) tokens.push({ kind: "word", text: found, depth, isFirst });
    if (depth < 0) return undefined;
  }
}

/** A quote that is not closed, a line continuation, an escape that hides a name, a comment that may be a word of ours. */
function isOdd(found: string, content: string | undefined): boolean {
  if (content !== undefined) return octal.test(content);
  return (
    found === '"' || found === "'" || found === "\\" || (found.startsWith("#") && found.includes("gen-bazel-images"))
  );
}

interface Loaded {
  readonly local: string;
  readonly symbol: string;
  readonly label: string;
}

function hasRightLoads(request: MergeRequest, needs: readonly LoadNeed[], tokens: readonly Token[]): boolean {
  const loaded = loadsOf(tokens);
  if (!loaded || !bindsRightly(request, needs, loaded)) return false;
  const needed = new Set(needs.map((need) => need.local ?? need.symbol));
  return !tokens.some((token, index) => needed.has(token.text) && !isPlainUse(tokens, index));
}

/** Every needed symbol is bound once, from where it should be, and nothing else that we may have loaded. */
function bindsRightly({ file, emitted }: MergeRequest, needs: readonly LoadNeed[], loaded: readonly Loaded[]): boolean {
  const locals = new Set(loaded.map(({ local }) => local));
  const needed = new Map(needs.map((need) => [need.local ?? need.symbol, need]));
  if (locals.size !== loaded.length || [...needed.keys()].some((local) => !locals.has(local))) return false;
  return loaded.every(({ local, symbol, label }) => {
    const need = needed.get(local);
    const labels = need ? [need.from, ...need.alternatives] : (emitted.get(symbol) ?? []);
    const isKnown = labels.some((known) => known === label || sameLabel(known, file) === sameLabel(label, file));
    return need ? isKnown && need.symbol === symbol : !isKnown;
  });
}

/** What the load statements bind; undefined when one of them is not plain. */
function loadsOf(tokens: readonly Token[]): readonly Loaded[] | undefined {
  const loaded: Loaded[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.text !== "load" || token.kind !== "word") continue;
    const close = tokens.findIndex((one, at) => at > index && one.text === ")" && one.depth === 0);
    const found = token.isFirst && token.depth === 0 ? readLoad(tokens.slice(index + 1, close)) : undefined;
    if (!found) return undefined;
    loaded.push(...found);
  }
  return loaded;
}

/** It stands in quotes, or is called; anything else may bind the name. */
function isPlainUse(tokens: readonly Token[], index: number): boolean {
  if (tokens[index]?.kind !== "word") return true;
  return tokens[index + 1]?.text === "(" && tokens[index - 1]?.text !== "def";
}

function readLoad(tokens: readonly Token[]): readonly Loaded[] | undefined {
  const [open, label, ...rest] = tokens;
  if (open?.text !== "(" || label?.kind !== "string") return undefined;
  if (tokens.some(({ text }) => text.includes("\\"))) return undefined;
  const loaded: Loaded[] = [];
  for (let index = 0; index < rest.length; ) {
    if (rest[index]?.text !== ",") return undefined;
    const renamed = rest[index + 1]?.kind === "word" && rest[index + 2]?.text === "=";
    const symbol = rest[index + (renamed ? 3 : 1)];
    if (symbol === undefined && index === rest.length - 1) break;
    if (symbol?.kind !== "string") return undefined;
    loaded.push({
      local: renamed ? (rest[index + 1]?.text ?? "") : symbol.text,
      symbol: symbol.text,
      label: label.text,
    });
    index += renamed ? 4 : 2;
  }
  return loaded;
}
