import type { PropertyPath } from "../diagnostics/index.ts";
import {
  type Comment,
  collectLoads,
  type LoadedSymbol,
  printComment,
  printValue,
  type StarlarkValue,
} from "../starlark/index.ts";

/** An attribute of a rule, with the property of the declaration that it came from. */
export interface Attribute {
  readonly name: string;
  readonly value: StarlarkValue;
  readonly comments: readonly Comment[];
  readonly path: PropertyPath;
}

/** A rule as it will stand in a BUILD file: an instance of `kind`. */
export interface Rule {
  /** The kind in the facts (`oci_image`). */
  readonly kind: string;
  /** The name it is called by here: the kind, or that of the macro which `loads` puts in its place. */
  readonly callee: string;
  /** Where `callee` comes from; a native kind has none. */
  readonly load?: LoadedSymbol;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly comment?: string;
  /** The part of the declaration that it was made from. */
  readonly path: PropertyPath;
}

/** Prints a rule as a call, its name first; buildifier puts the other attributes in order. */
export function printRule(rule: Rule): string {
  const name: Attribute = { name: "name", value: { kind: "string", value: rule.name }, comments: [], path: rule.path };
  const call = printValue({ kind: "call", callee: rule.callee, args: [name, ...rule.attributes] });
  return rule.comment === undefined ? call : `${printComment(rule.comment)}\n${call}`;
}

/** Every symbol that the rules need loaded; doubles stay in. */
export function loadsOfRules(rules: readonly Rule[]): readonly LoadedSymbol[] {
  const loads: LoadedSymbol[] = [];
  for (const { load, attributes } of rules) {
    if (load) loads.push(load);
    for (const { value } of attributes) collectLoads(value, loads);
  }
  return loads;
}

/** The attribute of that name, if the rule has it. */
export function attributeOf(rule: Rule, name: string): Attribute | undefined {
  return rule.attributes.find((attribute) => attribute.name === name);
}
