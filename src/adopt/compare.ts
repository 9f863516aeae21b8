/** Compares rules as a BUILD file has them, attribute by attribute: layout, comments and the order of attributes aside. */
import type { CallExpression, Expression, StarlarkFile } from "../starlark/read/index.ts";

/** The attribute in which two rules differ, with the text of the second; undefined when they are equal. */
export function differenceOf(
  was: { readonly call: CallExpression; readonly file: StarlarkFile },
  is: { readonly call: CallExpression; readonly file: StarlarkFile },
): { readonly attribute: string; readonly got: string } | undefined {
  const before = attributesOf(was.call, was.file);
  const after = attributesOf(is.call, is.file);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const got = after.get(name);
    if (before.get(name) !== got) return { attribute: name, got: got ?? "nothing" };
  }
  return undefined;
}

function attributesOf(call: CallExpression, file: StarlarkFile): ReadonlyMap<string, string> {
  return new Map(
    call.args.map(({ name, value }, index) => [name ?? (index === 0 ? "name" : ""), canonical(value, file)]),
  );
}

/** A text that is equal for equal expressions: brackets that only group, quotes and layout do not count. */
function canonical(expression: Expression, file: StarlarkFile): string {
  const of = (inner: Expression) => canonical(inner, file);
  switch (expression.kind) {
    case "string":
      return JSON.stringify(expression.value);
    case "number":
    case "boolean":
      return String(expression.value);
    case "none":
      return "None";
    case "identifier":
      return expression.name;
    case "list":
      return `[${expression.items.map(of).join(", ")}]`;
    case "tuple":
      return `(${expression.items.map(of).join(", ")},)`;
    case "dict":
      return `{${expression.entries.map(({ key, value }) => `${of(key)}: ${of(value)}`).join(", ")}}`;
    case "dot":
      return `${of(expression.object)}.${expression.name}`;
    case "binary":
      return `(${of(expression.left)} ${expression.operator} ${of(expression.right)})`;
    case "call": {
      const args = expression.args.map(
        ({ name, spread, value }) => `${name === undefined ? (spread ? "*" : "") : `${name} = `}${of(value)}`,
      );
      return `${squeeze(expression.callee)}(${args.join(", ")})`;
    }
    case "other":
      return textOf(expression, file);
  }
}

/** The text of an expression that nobody looks into: without comments and layout, its strings by their values. */
function textOf({ start, end }: Expression, { text, comments, strings }: StarlarkFile): string {
  const isInside = (span: { readonly start: number; readonly end: number }) => span.start >= start && span.end <= end;
  const pieces = [
    ...comments.filter(isInside).map((remark) => ({ ...remark, text: "" })),
    ...strings.filter(isInside).map((literal) => ({
      ...literal,
      text: literal.value === undefined ? text.slice(literal.start, literal.end) : JSON.stringify(literal.value),
    })),
  ].sort((one, other) => one.start - other.start);
  let done = start;
  const kept = pieces.map((piece) => {
    const before = squeeze(text.slice(done, piece.start));
    done = piece.end;
    return before + piece.text;
  });
  return kept.join("") + squeeze(text.slice(done, end));
}

/** Without the blanks and the last comma that only layout asks for. */
function squeeze(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/ ?([()[\]{},]) ?/g, "$1")
    .replace(/,([)\]}])/g, "$1");
}
