/** A symbol that a value needs and the label of the file it is loaded from. */
export interface LoadedSymbol {
  readonly symbol: string;
  readonly from: string;
}

/** A comment that is printed with an item or an attribute; `text` has no `#` and may have several lines. */
export interface Comment {
  readonly text: string;
  /** On lines of its own before the item, or behind it on the same line. */
  readonly place: "above" | "after";
}

/** An element of a list or an argument of a call, with its comments. */
export interface Item {
  readonly value: StarlarkValue;
  readonly comments: readonly Comment[];
}

/** A key and its value; the order of entries is meaning. */
export interface DictEntry extends Item {
  readonly key: StarlarkValue;
}

/** An argument of a call, positional without `name`. */
export interface StarlarkArgument extends Item {
  readonly name?: string;
}

/** Any value that an attribute can have. */
export type StarlarkValue =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly items: readonly Item[] }
  | { readonly kind: "dict"; readonly entries: readonly DictEntry[] }
  | { readonly kind: "identifier"; readonly name: string; readonly load?: LoadedSymbol }
  | {
      readonly kind: "call";
      readonly callee: string;
      readonly args: readonly StarlarkArgument[];
      readonly load?: LoadedSymbol;
    }
  | { readonly kind: "select"; readonly branches: readonly DictEntry[]; readonly noMatchError?: string }
  | { readonly kind: "sum"; readonly operands: readonly StarlarkValue[] }
  /** Text that nobody but Bazel understands, with values put in between. */
  | { readonly kind: "expression"; readonly parts: readonly (string | StarlarkValue)[] };

/** A string value. */
export function string(value: string): StarlarkValue {
  return { kind: "string", value };
}

/** An item without comments. */
export function item(value: StarlarkValue, comments: readonly Comment[] = []): Item {
  return { value, comments };
}

/** A list of values without comments. */
export function list(values: readonly StarlarkValue[]): StarlarkValue {
  return { kind: "list", items: values.map((value) => item(value)) };
}

/** A dictionary of strings to values, in the order given. */
export function dict(entries: readonly (readonly [string, StarlarkValue])[]): StarlarkValue {
  return { kind: "dict", entries: entries.map(([key, value]) => ({ key: string(key), value, comments: [] })) };
}

/** Appends every symbol that the value needs loaded, in the order of appearance. */
export function collectLoads(value: StarlarkValue, loads: LoadedSymbol[]): void {
  switch (value.kind) {
    case "string":
      return;
    case "identifier":
      if (value.load) loads.push(value.load);
      return;
    case "call":
      if (value.load) loads.push(value.load);
      for (const argument of value.args) collectLoads(argument.value, loads);
      return;
    case "list":
      for (const element of value.items) collectLoads(element.value, loads);
      return;
    case "dict":
      for (const entry of value.entries) {
        collectLoads(entry.key, loads);
        collectLoads(entry.value, loads);
      }
      return;
    case "select":
      for (const branch of value.branches) collectLoads(branch.value, loads);
      return;
    case "sum":
      for (const operand of value.operands) collectLoads(operand, loads);
      return;
    case "expression":
      for (const part of value.parts) if (typeof part !== "string") collectLoads(part, loads);
      return;
    default:
  }
}
