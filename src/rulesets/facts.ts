import semver from "semver";

/** Types of attributes: Bazel's own, and those that macros of the rulesets accept. */
export type AttributeType =
  | "name"
  | "repo_name"
  | "string"
  | "int"
  | "bool"
  | "label"
  | "output"
  | "license"
  | "string_list"
  | "label_list"
  | "string_dict"
  | "label_keyed_string_dict"
  | "label_list_dict"
  | "label_or_dict"
  | "label_or_list";

/** One attribute as the facts tell it; fields as in `facts/README.md`. */
export interface AttributeFacts {
  readonly type: AttributeType;
  readonly mandatory?: boolean;
  readonly effectivelyMandatory?: boolean;
  readonly configurable?: boolean;
  readonly values?: readonly string[];
  readonly selectBranches?: "label";
  readonly since?: string;
  readonly removedIn?: string;
  readonly internal?: boolean;
  /** The spelling in older Bazel. */
  readonly alias?: string;
}

/** One rule, macro, tag class or function. */
export interface KindFacts {
  readonly load: string | null;
  readonly symbol?: string;
  readonly loadAlternatives?: readonly string[];
  readonly kind: string;
  readonly since?: string;
  readonly acceptsCommon?: readonly ("build" | "executable" | "test" | "repository")[];
  readonly attributes: Readonly<Record<string, AttributeFacts>>;
}

/** One ruleset at one version. */
export interface RulesetFacts {
  readonly ruleset: string;
  readonly version: string;
  readonly rules: Readonly<Record<string, KindFacts>>;
}

/** A ruleset in the version that the config chose, with the facts that tell most about it. */
export interface ChosenRuleset {
  readonly name: string;
  /** The version of the config, `1.5.0`, or the newest known of its major. */
  readonly version: string;
  readonly facts: RulesetFacts;
  /** All facts of the ruleset, ascending: what the chosen version lacks may be in another. */
  readonly all: readonly RulesetFacts[];
}

// Every attribute of every rule asks, about a handful of versions.
const comparisons = new WeakMap<ChosenRuleset, Map<string, boolean>>();

/** Reports whether the chosen version is `version` or later. */
export function isAtLeast(chosen: ChosenRuleset, version: string): boolean {
  const known = comparisons.get(chosen)?.get(version);
  if (known !== undefined) return known;
  const answer = semver.gte(chosen.version, version);
  comparisons.set(chosen, (comparisons.get(chosen) ?? new Map<string, boolean>()).set(version, answer));
  return answer;
}

/** The labels other than `load` under which a kind can be loaded; the facts put remarks behind them. */
export function alternativesOf(kind: KindFacts): readonly string[] {
  return (kind.loadAlternatives ?? []).map((text) => text.split(" ")[0] ?? text);
}
