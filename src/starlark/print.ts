import { assertNever } from "../diagnostics/index.ts";
import { quote } from "./quote.ts";
import type { Comment, DictEntry, Item, StarlarkArgument, StarlarkValue } from "./value.ts";

/** Printed Starlark, without a newline at the end. */
export type Printed = string;

const step = "    ";

/**
 * Prints a value as Starlark, its lines after the first indented by `indent`. Everything that buildifier leaves as it
 * stands is printed the way it likes it: two items or more stand one a line.
 */
export function printValue(value: StarlarkValue, indent = ""): Printed {
  switch (value.kind) {
    case "string":
      return quote(value.value);
    case "number":
      return String(value.value);
    case "boolean":
      return value.value ? "True" : "False";
    case "none":
      return "None";
    case "identifier":
      return value.name;
    case "list":
      return printSequence("[", value.items.map(itemLines(indent)), "]", indent, isInline(value.items));
    case "dict":
      return printDict(value.entries, indent);
    case "call":
      return `${value.callee}${printArguments(value.args, indent)}`;
    case "select":
      return printSelect(value, indent);
    case "sum":
      return value.operands.map((operand) => printValue(operand, indent)).join(" + ");
    case "expression":
      return value.parts.map((part) => (typeof part === "string" ? part : printValue(part, indent))).join("");
    default:
      return assertNever(value);
  }
}

/** Prints a comment as lines that start with `#`. */
export function printComment(text: string, indent = ""): Printed {
  return text
    .split("\n")
    .map((line) => `${indent}${marked(line)}`)
    .join("\n");
}

/** A line behind `#` and a blank; banners and `##` come as they are. */
function marked(line: string): string {
  return `#${line === "" || line.startsWith("#") ? "" : " "}${line}`;
}

/** Prints a call's arguments with their parentheses: one a line, unless there is a single plain one. */
export function printArguments(args: readonly StarlarkArgument[], indent = ""): Printed {
  return printSequence("(", args.map(argumentLines(indent)), ")", indent, isInline(args));
}

function isInline(items: readonly Item[]): boolean {
  return items.length < 2 && items.every((only) => only.comments.length === 0);
}

function printSequence(open: string, lines: readonly string[], close: string, indent: string, inline: boolean): string {
  if (inline) return `${open}${lines.map((line) => line.trimStart().replace(/,$/, "")).join("")}${close}`;
  return `${open}\n${lines.join("\n")}\n${indent}${close}`;
}

function itemLines(indent: string): (item: Item) => string {
  return ({ value, comments }) => withComments(`${printValue(value, indent + step)},`, comments, indent + step);
}

function argumentLines(indent: string): (argument: StarlarkArgument) => string {
  return ({ name, value, comments }) =>
    withComments(
      `${name === undefined ? "" : `${name} = `}${printValue(value, indent + step)},`,
      comments,
      indent + step,
    );
}

function printDict(entries: readonly DictEntry[], indent: string): string {
  if (entries.length === 0) return "{}";
  const lines = entries.map(({ key, value, comments }) =>
    withComments(`${printValue(key, indent + step)}: ${printValue(value, indent + step)},`, comments, indent + step),
  );
  return printSequence("{", lines, "}", indent, false);
}

function printSelect(value: StarlarkValue & { kind: "select" }, indent: string): string {
  const branches = printDict(value.branches, indent);
  if (value.noMatchError === undefined) return `select(${branches})`;
  const inner = indent + step;
  return `select(\n${inner}${printDict(value.branches, inner)},\n${inner}no_match_error = ${quote(value.noMatchError)},\n${indent})`;
}

function withComments(line: string, comments: readonly Comment[], indent: string): string {
  if (comments.length === 0) return indent + line;
  const above = comments.filter((comment) => comment.place === "above");
  const after = comments.filter((comment) => comment.place === "after");
  const suffix = after.map((comment) => `  ${marked(comment.text.replaceAll("\n", " "))}`).join("");
  return [...above.map((comment) => printComment(comment.text, indent)), `${indent}${line}${suffix}`].join("\n");
}
