/** The facts as the stubs read them: the JSON beside the rulesets, with the fields that only a stub needs. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AttributeFacts, KindFacts, RulesetFacts } from "../../../src/rulesets/facts.ts";

/** What a macro makes besides the target itself. */
export interface ExtraTarget {
  /** `{name}` stands for the name of the target. */
  readonly name: string;
  readonly rule: string;
  /** `always`, or `env is a dict`. */
  readonly when: string;
  readonly outputs: readonly string[];
}

/** A condition that somebody checks: Bazel when loading or analysing, or a program later. */
export interface Validation {
  readonly when: string;
  readonly phase: string;
  readonly effect: string;
}

/** One attribute, with what `rule()` needs to declare it. */
export interface StubAttribute extends AttributeFacts {
  readonly default?: unknown;
  readonly files?: true | readonly string[];
  readonly singleFile?: boolean;
  readonly executable?: boolean;
  readonly cfg?: string;
  readonly values?: readonly string[];
  readonly valuesEnforcedBy?: string;
  /** `false`: the macro passes it itself, so that nobody else may. */
  readonly settable?: boolean;
  /** Bazel in which the attribute does not exist. */
  readonly notIn?: string;
  /** The spelling in older Bazel. */
  readonly alias?: string;
}

/** One rule, macro or function. */
export interface StubKind extends KindFacts {
  readonly macro?: boolean;
  readonly outputs?: string;
  readonly outputGroups?: Readonly<Record<string, unknown>>;
  readonly extraTargets?: readonly ExtraTarget[];
  readonly validation?: readonly Validation[];
  readonly notes?: readonly string[];
  readonly source?: { readonly rule?: string; readonly macro?: string };
  readonly attributes: Readonly<Record<string, StubAttribute>>;
}

/** One ruleset at one version. */
export interface StubFacts extends RulesetFacts {
  readonly rules: Readonly<Record<string, StubKind>>;
}

/** Kinds whose targets stand in BUILD files. */
export const targetKinds: readonly string[] = ["build", "executable", "test"];

const folder = fileURLToPath(new URL("../../../src/rulesets/facts/", import.meta.url));

/** Reads `ruleset@version.json`. */
export function readFacts(ruleset: string, version: string): StubFacts {
  return JSON.parse(readFileSync(`${folder}${ruleset}@${version}.json`, "utf8"));
}

/** A copy of the facts in which one kind lacks one attribute. */
export function withoutAttribute(facts: StubFacts, kind: string, attribute: string): StubFacts {
  const { [kind]: changed, ...others } = facts.rules;
  if (changed?.attributes[attribute] === undefined) throw new Error(`${facts.ruleset} has no ${kind}.${attribute}`);
  const { [attribute]: _, ...attributes } = changed.attributes;
  return { ...facts, rules: { ...others, [kind]: { ...changed, attributes } } };
}

/** The name of the rule class, which a macro hides: `pkg_tar` makes targets of `pkg_tar_impl`. */
export function ruleClass(name: string, kind: StubKind): string {
  return kind.source?.rule?.split("%")[1] ?? name;
}
