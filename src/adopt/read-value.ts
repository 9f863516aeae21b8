/** Values as they stand in a BUILD file to values of the model, comments included. */
import {
  type Comment,
  type DictEntry,
  type Item,
  type LoadedSymbol,
  type StarlarkArgument,
  type StarlarkValue,
  string,
} from "../starlark/index.ts";
import type { CallExpression, Expression, Remark, Span, StarlarkFile } from "../starlark/read/index.ts";

/** What reading a value depends on. */
export interface ReadContext {
  readonly file: StarlarkFile;
  /** By its name here, what the file loads; only symbols that it does not rename. */
  readonly loads: ReadonlyMap<string, LoadedSymbol>;
}

/** A value with its comments: those that have a place in the model where they stand, all others above it. */
export function readAttribute(
  argument: { readonly value: Expression; readonly comments: readonly Remark[] } & Span,
  context: ReadContext,
): Item {
  const reading: Reading = { ...context, carried: new Set(argument.comments) };
  const value = readValue(argument.value, reading);
  const lost = remarksIn(context.file, argument).filter((remark) => !reading.carried.has(remark));
  return {
    value,
    comments: [
      ...commentsOf(argument.comments, argument),
      ...commentsOf(lost, { start: argument.end, end: argument.end }),
    ],
  };
}

/** The comments of a file inside a span. */
export function remarksIn(file: StarlarkFile, { start, end }: Span): readonly Remark[] {
  return file.comments.filter((remark) => remark.start >= start && remark.end <= end);
}

/** The text of a comment, without its first `#` and the blank behind it. */
export function commentText({ text }: Remark): string {
  return text.replace(/^# ?/, "");
}

/** Remarks around a span as comments: those before it become one of several lines, one behind it stays behind. */
export function commentsOf(remarks: readonly Remark[], span: Span): readonly Comment[] {
  const above = remarks.filter((remark) => remark.start < span.end);
  const after = remarks.filter((remark) => remark.start >= span.end);
  return [
    ...(above.length > 0 ? [{ text: above.map(commentText).join("\n"), place: "above" } as const] : []),
    ...after.map((remark) => ({ text: commentText(remark), place: "after" }) as const),
  ];
}

interface Reading extends ReadContext {
  /** Remarks that some value took with it. */
  readonly carried: Set<Remark>;
}

function readItem(expression: Expression, reading: Reading): Item {
  return readCommented(
    { value: expression, comments: expression.comments, start: expression.start, end: expression.end },
    reading,
  );
}

function readCommented(
  item: { readonly value: Expression; readonly comments: readonly Remark[] } & Span,
  reading: Reading,
): Item {
  for (const remark of item.comments) reading.carried.add(remark);
  return { value: readValue(item.value, reading), comments: commentsOf(item.comments, item) };
}

function readValue(expression: Expression, reading: Reading): StarlarkValue {
  switch (expression.kind) {
    case "string":
      return string(expression.value);
    case "number":
      return { kind: "number", value: expression.value };
    case "boolean":
      return { kind: "boolean", value: expression.value };
    case "none":
      return { kind: "none" };
    case "identifier":
      return readName(expression.name, reading);
    case "list":
      return { kind: "list", items: readItems(expression, reading) };
    case "dict":
      return readDict(expression, reading) ?? readText(expression, reading);
    case "dot":
      return readDotted(expression, reading) ?? readText(expression, reading);
    case "call":
      return readSelect(expression, reading) ?? readCall(expression, reading) ?? readText(expression, reading);
    case "binary":
      return readSum(expression, reading) ?? readText(expression, reading);
    default:
      return readText(expression, reading);
  }
}

function readName(name: string, { loads }: Reading): StarlarkValue {
  const load = loads.get(name.split(".")[0] ?? name);
  return { kind: "identifier", name, ...(load && { load }) };
}

function readItems(list: Expression & { kind: "list" | "tuple" }, reading: Reading): readonly Item[] {
  const items = list.items.map((item) => readItem(item, reading));
  const last = items.at(-1);
  if (!last || list.trailing.length === 0) return items;
  for (const remark of list.trailing) reading.carried.add(remark);
  // Nothing stands behind them that could own them, so they go to the last item: behind it where there is room.
  const hasRoom = list.trailing.length === 1 && !last.comments.some(({ place }) => place === "after");
  const place = hasRoom ? "after" : "above";
  const trailing: Comment = { text: list.trailing.map(commentText).join("\n"), place };
  return [...items.slice(0, -1), { ...last, comments: [...last.comments, trailing] }];
}

/** A dictionary with plain, different strings for keys; undefined for any other. */
function readDict(
  dict: Expression & { kind: "dict" },
  reading: Reading,
): (StarlarkValue & { kind: "dict" }) | undefined {
  const keys = dict.entries.map(({ key }) => (key.kind === "string" ? key.value : undefined));
  if (keys.includes(undefined) || new Set(keys).size !== keys.length) return undefined;
  const entries = dict.entries.map(
    (entry): DictEntry => ({ key: readValue(entry.key, reading), ...readCommented(entry, reading) }),
  );
  return { kind: "dict", entries };
}

const dottedName = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

function readDotted(expression: Expression & { kind: "dot" }, reading: Reading): StarlarkValue | undefined {
  const text = textOf(expression, reading);
  return dottedName.test(text) ? readName(text, reading) : undefined;
}

/** `select({...})` with an optional `no_match_error`. */
function readSelect(call: CallExpression, reading: Reading): StarlarkValue | undefined {
  const [branches, error, ...rest] = call.args;
  if (call.callee !== "select" || rest.length > 0 || branches?.name !== undefined) return undefined;
  if (branches?.value.kind !== "dict" || branches.spread) return undefined;
  if (error && (error.name !== "no_match_error" || error.value.kind !== "string")) return undefined;
  const dict = readDict(branches.value, reading);
  if (!dict) return undefined;
  return {
    kind: "select",
    branches: dict.entries,
    ...(error?.value.kind === "string" && { noMatchError: error.value.value }),
  };
}

/** A call of a plain name whose arguments come one by one, positional ones first. */
function readCall(call: CallExpression, reading: Reading): StarlarkValue | undefined {
  if (!dottedName.test(call.callee) || call.args.some(({ spread }) => spread)) return undefined;
  // A comprehension as the only argument has no brackets of its own, and would get lost in an array.
  if (call.args.some(({ value, name }) => name === undefined && isBare(value, call, reading))) return undefined;
  const args = call.args.map(
    (argument): StarlarkArgument => ({
      ...(argument.name !== undefined && { name: argument.name }),
      ...readCommented(argument, reading),
    }),
  );
  const load = reading.loads.get(call.callee.split(".")[0] ?? call.callee);
  return { kind: "call", callee: call.callee, args, ...(load && { load }) };
}

function isBare(value: Expression, call: CallExpression, { file }: Reading): boolean {
  return value.kind === "other" && file.text[value.start] === "(" && value.end === call.end;
}

/** A sum, read from the left; one on the right in brackets is something else, since the brackets would be lost. */
function readSum(expression: Expression, reading: Reading): StarlarkValue | undefined {
  const operands = operandsOf(expression, reading);
  return operands && { kind: "sum", operands: operands.map((operand) => readValue(operand, reading)) };
}

function operandsOf(expression: Expression, reading: Reading): readonly Expression[] | undefined {
  if (expression.kind !== "binary" || expression.operator !== "+") return undefined;
  const { left, right } = expression;
  if (right.kind === "binary" && right.operator === "+") return undefined;
  return [...(operandsOf(left, reading) ?? [left]), right];
}

function textOf({ start, end }: Span, { file }: Reading): string {
  return file.text.slice(start, end);
}

/**
 * Any other expression as its text, with the strings and the loaded names in it as values, so that nothing hides there.
 * Comments stay in the text, unless a template could not hold them.
 */
function readText(expression: Expression, reading: Reading): StarlarkValue {
  const { file } = reading;
  const isInside = (span: Span) => span.start >= expression.start && span.end <= expression.end;
  const remarks = remarksIn(file, expression);
  const keeps = remarks.length > 0 && remarks.every(({ text }) => !/[`\\]|\$\{/.test(text));
  if (keeps) for (const remark of remarks) reading.carried.add(remark);
  const strings = file.strings
    .filter(isInside)
    .flatMap(({ start, end, value }) => (value === undefined ? [] : [{ start, end, part: string(value) }]));
  const names = file.identifiers
    .filter((one) => isInside(one) && reading.loads.has(one.name))
    .map(({ start, end, name }) => ({ start, end, part: readName(name, reading) }));
  const dropped = keeps ? [] : remarks.map(({ start, end }) => ({ start, end, part: "" }));
  const parts: (string | StarlarkValue)[] = [];
  let done = expression.start;
  for (const { start, end, part } of [...strings, ...names, ...dropped].sort((a, b) => a.start - b.start)) {
    parts.push(file.text.slice(done, start), part);
    done = end;
  }
  parts.push(file.text.slice(done, expression.end));
  return { kind: "expression", parts: parts.map((part) => (typeof part === "string" ? layOut(part, keeps) : part)) };
}

/** Without comments, line ends mean nothing inside brackets; a line that goes on behind a backslash always goes on. */
function layOut(text: string, keepsLines: boolean): string {
  const joined = text.replace(/\\\r?\n\s*/g, " ");
  return keepsLines ? joined.replaceAll("\r\n", "\n") : joined.replace(/\s*\r?\n\s*/g, " ");
}
