/** Writes plain data as Starlark. */

/** A value as a Starlark literal: strings, numbers, booleans, null, arrays, objects and pairs in a Map. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, item]) => `${literal(key)}: ${literal(item)}`)
      .join(", ")}}`;
  throw new TypeError(`no Starlark for ${typeof value}`);
}

/** `callee(a = 1, b = 2)` from rendered arguments; undefined ones are left out. */
export function call(callee: string, args: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(args).filter(([, text]) => text !== undefined);
  return `${callee}(${given.map(([name, text]) => `${name} = ${text}`).join(", ")})`;
}

/** The pattern `_{name}_write_env` as an expression on the variables `name` and, where named, others. */
export function pattern(text: string, variables: Readonly<Record<string, string>> = { name: "name" }): string {
  const used = Object.entries(variables).filter(([variable]) => text.includes(`{${variable}}`));
  return `${literal(text)}.format(${used.map(([variable, expression]) => `${variable} = ${expression}`).join(", ")})`;
}
