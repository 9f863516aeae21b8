import type { Attribute, Rule } from "../bazel/index.ts";
import type { Part } from "../model/index.ts";
import type { ChosenRuleset } from "./facts.ts";

/** A rule of a kind in the facts, from a declared part: the fields are its attributes. */
export function emitRule(
  kind: string,
  part: Part,
  chosen: ChosenRuleset,
  attributes: readonly Attribute[] = part.fields,
): Rule {
  const from = chosen.facts.rules[kind]?.load;
  return {
    kind,
    callee: kind,
    ...(from && { load: { from, symbol: kind } }),
    name: part.name,
    attributes,
    ...(part.comment !== undefined && { comment: part.comment }),
    path: part.path,
  };
}
