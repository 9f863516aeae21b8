import { isLoadLabel } from "../../bazel/index.ts";
import type { PropertyPath } from "../../diagnostics/index.ts";
import {
  appendOf,
  commentedOf,
  type ExpressionNode,
  expressionOf,
  isArrayIndex,
  isPairs,
  stampOf,
} from "../../model/index.ts";
import {
  type Comment,
  type DictEntry,
  hasLoneSurrogate,
  type Item,
  type LoadedSymbol,
  type StarlarkArgument,
  type StarlarkValue,
} from "../../starlark/index.ts";
import { type Declared, describe, isObject, type Reporter } from "./report.ts";

const none: StarlarkValue = { kind: "none" };

/**
 * Lowers a declared value with its comments: plain values, arrays, objects, pairs and the helpers' expressions to
 * Starlark values. What cannot be said in Starlark is reported and becomes `None`.
 */
export function lowerItem(value: unknown, path: PropertyPath, reporter: Reporter): Item {
  const wrapped = commentedOf(value);
  if (!wrapped) return { value: lowerValue(value, path, reporter), comments: [] };
  return {
    value: lowerValue(wrapped.value, path, reporter),
    comments: wrapped.comments.map((c) => checkComment(c, path, reporter)),
  };
}

function checkComment(comment: Comment, path: PropertyPath, reporter: Reporter): Comment {
  checkText(comment.text, path, reporter);
  return comment;
}

function lowerValue(value: unknown, path: PropertyPath, reporter: Reporter): StarlarkValue {
  if (typeof value === "string") return { kind: "string", value: checkText(value, path, reporter) };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (typeof value === "number") return lowerNumber(value, path, reporter);
  if (value === null) return none;
  if (Array.isArray(value)) return lowerArray(value, path, reporter);
  const node = expressionOf(value);
  if (node) return lowerExpression(node, path, reporter);
  if (isObject(value)) return { kind: "dict", entries: lowerEntries(value, path, reporter) };
  if (stampOf(value)) {
    reporter.report("stamp-misplaced", { what: propertyOf(path) }, path);
    return none;
  }
  const got = appendOf(value) ? "append(...)" : describe(value);
  reporter.report("value-unsupported", { got }, path);
  return none;
}

/** The property of a path that takes a value: the first that is neither a part nor its place in a list. */
function propertyOf(path: PropertyPath): string {
  const parts: PropertyPath = ["image", "layers", "load", "test", "push", "attributes"];
  return String(path.find((step) => typeof step === "string" && !parts.includes(step)) ?? path.at(-1));
}

/** Reports half surrogate pairs, which have no UTF-8. */
export function checkText(text: string, path: PropertyPath, reporter: Reporter): string {
  if (hasLoneSurrogate(text)) reporter.report("lone-surrogate", { text: JSON.stringify(text) }, path);
  return text;
}

function lowerNumber(value: number, path: PropertyPath, reporter: Reporter): StarlarkValue {
  if (Number.isSafeInteger(value)) return { kind: "number", value };
  reporter.report("number-not-integer", { got: String(value) }, path);
  return none;
}

/** Pairs, `[["10", "a"], ["2", "b"]]`, are a dictionary; any other array is a list. */
function lowerArray(values: readonly unknown[], path: PropertyPath, reporter: Reporter): StarlarkValue {
  if (isPairs(values)) {
    const keys = values.map(([key]) => key);
    const twice = keys.findIndex((key, index) => keys.indexOf(key) < index);
    if (twice >= 0) reporter.report("dict-key-twice", { key: keys[twice] ?? "" }, [...path, twice, 0]);
    return {
      kind: "dict",
      entries: values.map(([key, value], index) => lowerEntry(key, value, [...path, index, 1], reporter)),
    };
  }
  return { kind: "list", items: values.map((value, index) => lowerItem(value, [...path, index], reporter)) };
}

function lowerEntries(object: Declared, path: PropertyPath, reporter: Reporter): readonly DictEntry[] {
  const keys = Object.keys(object);
  const moved = keys.find(isArrayIndex);
  if (moved !== undefined && keys.length > 1) reporter.report("dict-key-order", { key: moved }, [...path, moved]);
  if (Object.getPrototypeOf(object) !== Object.prototype && Object.getPrototypeOf(object) !== null) {
    reporter.report(
      "value-unsupported",
      { got: "an object with a prototype (a class instance, or a key `__proto__`)" },
      path,
    );
  }
  return keys.map((key) => lowerEntry(key, object[key], [...path, key], reporter));
}

function lowerEntry(key: string, value: unknown, path: PropertyPath, reporter: Reporter): DictEntry {
  return { key: { kind: "string", value: checkText(key, path, reporter) }, ...lowerItem(value, path, reporter) };
}

function lowerExpression(node: ExpressionNode, path: PropertyPath, reporter: Reporter): StarlarkValue {
  switch (node.kind) {
    case "identifier":
      return {
        kind: "identifier",
        name: checkName(node.name, path, reporter),
        ...loaded(node.name, node.from, path, reporter),
      };
    case "call":
      return lowerCall(node, path, reporter);
    case "select":
      return lowerSelect(node, path, reporter);
    case "sum":
      return { kind: "sum", operands: node.operands.map((operand) => lowerValue(operand, path, reporter)) };
    case "expression":
      return { kind: "expression", parts: interleave(node, path, reporter) };
  }
}

const dottedName = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

function checkName(name: string, path: PropertyPath, reporter: Reporter): string {
  if (!dottedName.test(name)) reporter.report("identifier-invalid", { name }, path);
  return name;
}

function loaded(
  name: string,
  from: string | undefined,
  path: PropertyPath,
  reporter: Reporter,
): { load?: LoadedSymbol } {
  if (from !== undefined && !isLoadLabel(from)) reporter.report("load-label-invalid", { label: from }, path);
  return from === undefined ? {} : { load: { from, symbol: name.split(".")[0] ?? name } };
}

function lowerCall(node: ExpressionNode & { kind: "call" }, path: PropertyPath, reporter: Reporter): StarlarkValue {
  const positional = node.args.map((arg) => lowerItem(arg, path, reporter));
  const named = node.named.map(
    ([name, arg]): StarlarkArgument => ({ name: checkName(name, path, reporter), ...lowerItem(arg, path, reporter) }),
  );
  return {
    kind: "call",
    callee: checkName(node.callee, path, reporter),
    args: [...positional, ...named],
    ...loaded(node.callee, node.from, path, reporter),
  };
}

function lowerSelect(node: ExpressionNode & { kind: "select" }, path: PropertyPath, reporter: Reporter): StarlarkValue {
  const branches = lowerValue(node.branches, path, reporter);
  if (branches.kind === "dict") {
    return {
      kind: "select",
      branches: branches.entries,
      ...(node.noMatchError !== undefined && { noMatchError: node.noMatchError }),
    };
  }
  reporter.report(
    "wrong-type",
    { what: "select", expected: "an object of conditions to values", got: describe(node.branches) },
    path,
  );
  return none;
}

function interleave(
  node: ExpressionNode & { kind: "expression" },
  path: PropertyPath,
  reporter: Reporter,
): readonly (string | StarlarkValue)[] {
  return node.texts.flatMap((text, index) => {
    checkText(text, path, reporter);
    return index < node.values.length ? [text, lowerValue(node.values[index], path, reporter)] : [text];
  });
}
