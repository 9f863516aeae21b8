import { assertNever } from "../diagnostics/index.ts";
import { quote } from "./quote.ts";
import type { Comment, DictEntry, StarlarkArgument, StarlarkValue } from "./value.ts";

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
      return printSequence("[", value.items, "]", indent);
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
  return printSequence("(", args, ")", indent);
}

/** Items between brackets, one a line, unless there is a single plain one. */
function printSequence(open: string, items: readonly StarlarkArgument[], close: string, indent: string): Printed {
  const inner = indent + step;
  const [only] = items;
  if (!only) return open + close;
  if (items.length === 1 && only.comments.length === 0) return open + printArgument(only, inner).trimStart() + close;
  const lines = items.map((item) => withComments(`${printArgument(item, inner)},`, item.comments, inner));
  return `${open}\n${lines.join("\n")}\n${indent}${close}`;
}

function printArgument({ name, value }: StarlarkArgument, indent: string): Printed {
  const printed = printValue(value, indent);
  return name === undefined ? printed : `${name} = ${printed}`;
}

function printDict(entries: readonly DictEntry[], indent: string): Printed {
  if (entries.length === 0) return "{}";
  const inner = indent + step;
  const lines = entries.map(({ key, value, comments }) =>
    withComments(`${printValue(key, inner)}: ${printValue(value, inner)},`, comments, inner),
  );
  return `{\n${lines.join("\n")}\n${indent}}`;
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
