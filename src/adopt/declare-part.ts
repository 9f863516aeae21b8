/** Rules of a BUILD file as the objects that declare them. */
import type { Field } from "../model/index.ts";
import { attributeName, knownKeys } from "../pipeline/index.ts";
import { attributeTypeOf, type ChosenRuleset } from "../rulesets/index.ts";
import type { StarlarkValue } from "../starlark/index.ts";
import { declareField } from "./declare-value.ts";

/** An object of a declaration. */
export type Declared = Readonly<Record<string, unknown>>;

/** What an object is made for: the properties that it has, and the kind that says of which types they are. */
export interface Target {
  readonly keys: readonly string[];
  readonly kind: string;
  readonly chosen: ChosenRuleset;
}

/** Turns attributes into properties; what has none, or a value that its type does not take, goes to `attributes`. */
export function declareFields(fields: readonly Field[], target: Target): Declared {
  const named: [string, unknown][] = [];
  const others: [string, unknown][] = [];
  for (const field of fields) {
    const key = propertyName(field.name);
    const isProperty = target.keys.includes(key) && attributeName(key) === field.name && takes(field, target);
    (isProperty ? named : others).push([isProperty ? key : field.name, declareField(field)]);
  }
  return { ...Object.fromEntries(named), ...(others.length > 0 && { attributes: Object.fromEntries(others) }) };
}

function propertyName(attribute: string): string {
  return attribute.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const typeOfScalar: Readonly<Record<string, StarlarkValue["kind"]>> = {
  bool: "boolean",
  int: "number",
  string: "string",
  label: "string",
};

/** The words by which `cmd` says more than a label. */
const words: Readonly<Record<string, readonly string[]>> = { cmd: ["inherit", "none"] };

function takes({ name, value }: Field, { kind, chosen }: Target): boolean {
  if (value.kind === "none") return false;
  if (value.kind === "string" && words[name]?.includes(value.value)) return false;
  const isScalar = ["string", "number", "boolean"].includes(value.kind);
  const wanted = typeOfScalar[attributeTypeOf(kind, name, chosen) ?? ""];
  return !isScalar || wanted === undefined || value.kind === wanted;
}

/** What every rule takes comes behind what is its own, typed tests behind that. */
const late: readonly string[] = ["tags", "visibility", "testonly", ...knownKeys.structureTests, "attributes"];

/** The properties of an object in the order in which people expect them: name and comment, then as the model lists them. */
export function inOrder(object: Declared, keys: readonly string[]): Declared {
  const order = ["name", "comment", ...keys.filter((key) => !late.includes(key)), ...late];
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** The properties of parts that are rules, by what they are. */
export const partKeys = {
  layer: knownKeys.layer,
  load: knownKeys.load,
  test: knownKeys.test.filter((key) => !(knownKeys.structureTests as readonly string[]).includes(key)),
  push: knownKeys.push,
} as const;
