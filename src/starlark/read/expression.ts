import type { Argument, CallExpression, DictEntry, Expression, Remark } from "./file.ts";
import type { SyntaxNode } from "./node.ts";
import { decodeString } from "./string.ts";

/** What turning nodes into expressions needs: the text, and the comments by their start. */
export interface Source {
  readonly text: string;
  readonly remarks: ReadonlyMap<number, Remark>;
}

/** Turns a node of an expression into data. */
export function toExpression(node: SyntaxNode, source: Source, comments: readonly Remark[] = []): Expression {
  const base = { start: node.start, end: node.end, comments };
  const text = source.text.slice(node.start, node.end);
  switch (node.type) {
    case "string": {
      const value = decodeString(text);
      return value === undefined ? { ...base, kind: "other" } : { ...base, kind: "string", value };
    }
    case "integer":
      return toNumber(text, base);
    case "true":
    case "false":
      return { ...base, kind: "boolean", value: node.type === "true" };
    case "none":
      return { ...base, kind: "none" };
    case "identifier":
      return { ...base, kind: "identifier", name: text };
    case "list":
    case "tuple":
      return { ...base, kind: node.type, ...toItems(node, source) };
    case "dictionary":
      return toDict(node, source, base);
    case "call":
      return toCall(node, source, comments);
    case "attribute":
      return toDot(node, source, base);
    case "binary_operator":
      return toBinary(node, source, base);
    case "unary_operator":
      return toNegative(node, source, base);
    case "parenthesized_expression":
      return toParenthesized(node, source, comments);
    default:
      return { ...base, kind: "other" };
  }
}

interface Base {
  readonly start: number;
  readonly end: number;
  readonly comments: readonly Remark[];
}

function toNumber(text: string, base: Base): Expression {
  const value = /^(?:0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[oO][0-7]+)$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? { ...base, kind: "number", value } : { ...base, kind: "other" };
}

/** `-1` is a number; any other unary operation is not looked into. */
function toNegative(node: SyntaxNode, source: Source, base: Base): Expression {
  const operand = fieldOf(node, "argument");
  const number =
    operand?.type === "integer" ? toNumber(source.text.slice(operand.start, operand.end), base) : undefined;
  const isMinus = source.text[node.start] === "-";
  return isMinus && number?.kind === "number" ? { ...number, value: -number.value } : { ...base, kind: "other" };
}

function toItems(node: SyntaxNode, source: Source) {
  const { elements, trailing } = elementsOf(node, source);
  return { items: elements.map(({ element, comments }) => toExpression(element, source, comments)), trailing };
}

function toDict(node: SyntaxNode, source: Source, base: Base): Expression {
  const { elements, trailing } = elementsOf(node, source);
  const entries: DictEntry[] = [];
  for (const { element, comments } of elements) {
    const key = fieldOf(element, "key");
    const value = fieldOf(element, "value");
    if (element.type !== "pair" || !key || !value) return { ...base, kind: "other" };
    const span = { start: element.start, end: element.end };
    entries.push({ ...span, key: toExpression(key, source), value: toExpression(value, source), comments });
  }
  return { ...base, kind: "dict", entries, trailing };
}

/** Turns a call into data. A comprehension as the only argument counts as one argument. */
export function toCall(node: SyntaxNode, source: Source, comments: readonly Remark[] = []): CallExpression {
  const callee = fieldOf(node, "function");
  const list = fieldOf(node, "arguments");
  const { elements, trailing } = list ? elementsOf(list, source) : { elements: [], trailing: [] };
  return {
    kind: "call",
    start: node.start,
    end: node.end,
    comments,
    callee: callee ? source.text.slice(callee.start, callee.end) : "",
    args: elements.map(({ element, comments: own }) => toArgument(element, source, own)),
    trailing,
  };
}

function toArgument(node: SyntaxNode, source: Source, comments: readonly Remark[]): Argument {
  const span = { start: node.start, end: node.end, comments };
  const name = node.type === "keyword_argument" ? fieldOf(node, "name") : undefined;
  const value = name ? fieldOf(node, "value") : undefined;
  if (name && value) {
    return {
      ...span,
      name: source.text.slice(name.start, name.end),
      spread: false,
      value: toExpression(value, source),
    };
  }
  const spread = node.type === "list_splat" || node.type === "dictionary_splat";
  const inner = spread ? (plainChildren(node)[0] ?? node) : node;
  return { ...span, spread, value: toExpression(inner, source) };
}

function toDot(node: SyntaxNode, source: Source, base: Base): Expression {
  const object = fieldOf(node, "object");
  const name = fieldOf(node, "attribute");
  if (!object || !name) return { ...base, kind: "other" };
  const text = source.text.slice(name.start, name.end);
  return { ...base, kind: "dot", object: toExpression(object, source), name: text };
}

function toBinary(node: SyntaxNode, source: Source, base: Base): Expression {
  const [left, operator, right] = ["left", "operator", "right"].map((field) => fieldOf(node, field));
  if (!left || !operator || !right) return { ...base, kind: "other" };
  return {
    ...base,
    kind: "binary",
    operator: source.text.slice(operator.start, operator.end),
    left: toExpression(left, source),
    right: toExpression(right, source),
  };
}

function toParenthesized(node: SyntaxNode, source: Source, comments: readonly Remark[]): Expression {
  const [only, ...rest] = plainChildren(node);
  if (!only || rest.length > 0) return { start: node.start, end: node.end, comments, kind: "other" };
  const inner = toExpression(only, source, comments);
  return { ...inner, start: node.start, end: node.end };
}

/** The child that fills a field. */
export function fieldOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return node.children.find((child) => child.field === field && child.type !== "comment");
}

const punctuation = new Set([",", "(", ")", "[", "]", "{", "}", "*", "**", "comment", "line_continuation"]);

function plainChildren(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter((child) => !punctuation.has(child.type));
}

interface Element {
  readonly element: SyntaxNode;
  readonly comments: readonly Remark[];
}

/**
 * The elements between brackets with their comments.
 *
 * - a comment behind an element on the same line is the element's
 * - any other comment belongs to the element after it
 * - what stands behind the last element on lines of its own is `trailing`
 */
function elementsOf(node: SyntaxNode, source: Source) {
  const elements: { element: SyntaxNode; comments: Remark[] }[] = [];
  let waiting: Remark[] = [];
  for (const child of node.children) {
    const remark = child.type === "comment" ? source.remarks.get(child.start) : undefined;
    const last = elements.at(-1);
    if (remark) {
      const behind = last && waiting.length === 0 && !source.text.slice(last.element.end, remark.start).includes("\n");
      (behind ? last.comments : waiting).push(remark);
    } else if (!punctuation.has(child.type)) {
      elements.push({ element: child, comments: waiting });
      waiting = [];
    }
  }
  const read: readonly Element[] = elements;
  return { elements: read, trailing: waiting };
}

/** The value when it is a plain string literal. */
export function stringOf(expression: Expression | undefined): string | undefined {
  return expression?.kind === "string" ? expression.value : undefined;
}

/** The values when it is a list of nothing but plain string literals. */
export function stringsOf(expression: Expression | undefined): readonly string[] | undefined {
  if (expression?.kind !== "list") return undefined;
  const values = expression.items.flatMap((item) => (item.kind === "string" ? [item.value] : []));
  return values.length === expression.items.length ? values : undefined;
}

/** The value when it is an integer literal. */
export function numberOf(expression: Expression | undefined): number | undefined {
  return expression?.kind === "number" ? expression.value : undefined;
}

/** The value when it is `True` or `False`. */
export function booleanOf(expression: Expression | undefined): boolean | undefined {
  return expression?.kind === "boolean" ? expression.value : undefined;
}

/** The dotted name when it is nothing but names and dots. */
export function calleeOf(expression: Expression): string | undefined {
  if (expression.kind === "identifier") return expression.name;
  if (expression.kind !== "dot") return undefined;
  const object = calleeOf(expression.object);
  return object === undefined ? undefined : `${object}.${expression.name}`;
}
