/**
 * Checks a rule against the facts: names, types, values and versions of its attributes. Pure; what comes out are
 * objections at properties of the declaration.
 */
import { type Attribute, isLabel, type Rule } from "../bazel/index.ts";
import { didYouMean } from "../diagnostics/index.ts";
import type { Item, StarlarkValue } from "../starlark/index.ts";
import common from "./facts/bazel_common@9.1.json" with { type: "json" };
import { type AttributeFacts, type ChosenRuleset, isAtLeast, type KindFacts, type RulesetFacts } from "./facts.ts";
import type { Objection } from "./ruleset.ts";

const commonRules = (common as unknown as RulesetFacts).rules;

// Facts never change, and every rule of a run asks for them again.
const attributesByKind = new WeakMap<KindFacts, Readonly<Record<string, AttributeFacts>>>();

/** Every attribute that a kind takes: its own, then those of the common groups that it accepts, also as older Bazel spells them. */
export function attributesOf(kind: KindFacts): Readonly<Record<string, AttributeFacts>> {
  const known = attributesByKind.get(kind);
  if (known) return known;
  const collected = collectAttributes(kind);
  attributesByKind.set(kind, collected);
  return collected;
}

function collectAttributes(kind: KindFacts): Readonly<Record<string, AttributeFacts>> {
  const groups = (kind.acceptsCommon ?? []).map((group) => commonRules[group]?.attributes ?? {});
  const spellings = groups.flatMap((group) =>
    Object.entries(group).flatMap(([name, facts]) => [[name, facts], ...(facts.alias ? [[facts.alias, facts]] : [])]),
  );
  return { ...Object.fromEntries(spellings), ...kind.attributes };
}

/** The type of an attribute of a kind; undefined when the facts do not know it. */
export function attributeTypeOf(kind: string, attribute: string, chosen: ChosenRuleset): string | undefined {
  const facts = chosen.facts.rules[kind];
  return facts && attributesOf(facts)[attribute]?.type;
}

/** What the facts object to in a rule. A `swapped` rule is the repo's own macro: unknown attributes are only a warning. */
export function checkRule(rule: Rule, chosen: ChosenRuleset, swapped: boolean): readonly Objection[] {
  const kind = chosen.facts.rules[rule.kind];
  if (!kind) return [];
  const known = attributesOf(kind);
  const context = { rule, chosen, known, swapped };
  return [
    ...rule.attributes.flatMap((attribute) => checkAttribute(attribute, context)),
    ...(swapped ? [] : checkMandatory(context)),
  ];
}

interface Context {
  readonly rule: Rule;
  readonly chosen: ChosenRuleset;
  readonly known: Readonly<Record<string, AttributeFacts>>;
  readonly swapped: boolean;
}

function checkMandatory({ rule, known }: Context): readonly Objection[] {
  return mandatoryOf(known)
    .filter((name) => !rule.attributes.some((a) => a.name === name))
    .map((name) => ({ code: "attribute-missing", args: { kind: rule.callee, attribute: name }, path: rule.path }));
}

const mandatoryByKind = new WeakMap<Context["known"], readonly string[]>();

function mandatoryOf(known: Context["known"]): readonly string[] {
  const names = mandatoryByKind.get(known);
  if (names) return names;
  const collected = collectMandatory(known);
  mandatoryByKind.set(known, collected);
  return collected;
}

function collectMandatory(known: Context["known"]): readonly string[] {
  return Object.entries(known)
    .filter(([, { mandatory, effectivelyMandatory }]) => mandatory || effectivelyMandatory)
    .filter(([, { type }]) => type !== "name" && type !== "repo_name")
    .map(([name]) => name);
}

function checkAttribute(attribute: Attribute, context: Context): readonly Objection[] {
  const { rule, chosen, known, swapped } = context;
  const { name, path } = attribute;
  const facts = known[name];
  if (!facts || name === "name") {
    if (swapped) return [{ code: "attribute-unknown-swapped", args: argsOf(attribute, context), path }];
    return [objectToUnknown(attribute, context)];
  }
  const { since, removedIn } = facts;
  if (facts.internal) return [{ code: "attribute-internal", args: argsOf(attribute, context), path }];
  // What comes from the common groups has a version of Bazel.
  if (isBefore(chosen, since) && facts === chosen.facts.rules[rule.kind]?.attributes[name])
    return [{ code: "attribute-version", args: { ...argsOf(attribute, context), since }, path }];
  if (removedIn && isAtLeast(chosen, removedIn))
    return [{ code: "attribute-removed", args: { ...argsOf(attribute, context), removedIn }, path }];
  return checkValue(attribute.value, facts, attribute, rule);
}

function objectToUnknown(attribute: Attribute, context: Context): Objection {
  const { rule, chosen, known } = context;
  const { name, path } = attribute;
  const args = argsOf(attribute, context);
  const elsewhere = chosen.all.flatMap(({ rules }) => rules[rule.kind]?.attributes[name] ?? []);
  const since = elsewhere.at(-1)?.since;
  if (isBefore(chosen, since)) return { code: "attribute-version", args: { ...args, since }, path };
  const removedIn = elsewhere.find((other) => other.removedIn)?.removedIn;
  if (removedIn !== undefined && isAtLeast(chosen, removedIn))
    return { code: "attribute-removed", args: { ...args, removedIn }, path };
  const meant = didYouMean(name, Object.keys(known));
  const hint = meant === undefined ? `known are: ${Object.keys(known).join(", ")}` : `did you mean \`${meant}\`?`;
  return { code: "attribute-unknown", args: { ...args, hint }, path };
}

function argsOf({ name }: Attribute, { rule, chosen }: Context): Record<string, string> {
  return { kind: rule.callee, attribute: name, name: chosen.name, version: chosen.version };
}

/** Reports whether the chosen version is before that of the facts, which may have a remark in its place. */
function isBefore(chosen: ChosenRuleset, since: string | undefined): since is string {
  return since !== undefined && /^\d+\.\d+\.\d+$/.test(since) && !isAtLeast(chosen, since);
}

function checkValue(
  value: StarlarkValue,
  facts: AttributeFacts,
  attribute: Attribute,
  rule: Rule,
): readonly Objection[] {
  if (value.kind === "select") return checkSelect(value, facts, attribute, rule);
  if (value.kind === "sum") return value.operands.flatMap((operand) => checkValue(operand, facts, attribute, rule));
  const got = checkType(value, facts);
  if (got !== undefined)
    return [
      {
        code: "attribute-type",
        args: { kind: rule.callee, attribute: attribute.name, expected: expectation[facts.type], got },
        path: attribute.path,
      },
    ];
  if (value.kind === "string" && facts.values && !facts.values.includes(value.value)) {
    const values = facts.values.map((v) => `"${v}"`).join(", ");
    const args = { kind: rule.callee, attribute: attribute.name, values, got: JSON.stringify(value.value) };
    return [{ code: "attribute-value", args, path: attribute.path }];
  }
  return checkLabels(value, facts, attribute);
}

function checkSelect(
  value: StarlarkValue & { kind: "select" },
  facts: AttributeFacts,
  attribute: Attribute,
  rule: Rule,
): readonly Objection[] {
  const args = { kind: rule.callee, attribute: attribute.name };
  if (facts.configurable === false) return [{ code: "attribute-select", args, path: attribute.path }];
  return value.branches.flatMap((branch) => {
    if (branch.value.kind === "none") return [];
    if (facts.selectBranches === "label" && (branch.value.kind === "dict" || branch.value.kind === "list")) {
      const got = branch.value.kind === "dict" ? "a dictionary" : "a list";
      return [{ code: "select-branches-labels", args: { ...args, got }, path: attribute.path } as const];
    }
    return checkValue(branch.value, facts, attribute, rule);
  });
}

const expectation: Readonly<Record<AttributeFacts["type"], string>> = {
  name: "a string",
  repo_name: "a string",
  string: "a string",
  int: "an integer",
  bool: "a boolean",
  label: "a label",
  output: "a file name",
  license: "a list of strings",
  string_list: "a list of strings",
  label_list: "a list of labels",
  string_dict: "a dictionary of strings",
  label_keyed_string_dict: "a dictionary of labels to strings",
  label_list_dict: "a dictionary of lists of labels",
  label_or_dict: "a dictionary of strings or one label",
  label_or_list: "a list of strings or one label",
};

const scalar: Readonly<Partial<Record<AttributeFacts["type"], StarlarkValue["kind"]>>> = {
  name: "string",
  repo_name: "string",
  string: "string",
  int: "number",
  bool: "boolean",
  label: "string",
  output: "string",
};

const listTypes: readonly AttributeFacts["type"][] = ["string_list", "label_list", "label_or_list", "license"];

/** What the value is instead, when it cannot be of the type; undefined when it fits or nobody can tell. */
function checkType(value: StarlarkValue, facts: AttributeFacts): string | undefined {
  const wanted = scalar[facts.type];
  if (value.kind === wanted || value.kind === "none" || isOpaque(value)) return undefined;
  // Bazel takes 0 and 1 for a boolean, and old BUILD files are full of them.
  if (facts.type === "bool" && value.kind === "number" && (value.value === 0 || value.value === 1)) return undefined;
  if (wanted !== undefined) return describe(value);
  if (facts.type.startsWith("label_or_") && value.kind === "string") return undefined;
  if (listTypes.includes(facts.type))
    return value.kind === "list" ? firstMisfit(value.items, "string", "a list with ") : describe(value);
  if (value.kind !== "dict") return describe(value);
  const leaf = facts.type === "label_list_dict" ? "list" : "string";
  return firstMisfit(value.entries, leaf, "a dictionary with ");
}

function firstMisfit(items: readonly Item[], kind: StarlarkValue["kind"], before: string): string | undefined {
  const misfit = items.find(({ value }) => value.kind !== kind && !isOpaque(value));
  return misfit && before + describe(misfit.value);
}

/** Reports whether only Bazel can tell the value's type. */
function isOpaque(value: StarlarkValue): boolean {
  return (
    value.kind === "identifier" ||
    value.kind === "call" ||
    value.kind === "expression" ||
    value.kind === "select" ||
    value.kind === "sum"
  );
}

function describe(value: StarlarkValue): string {
  if (value.kind === "string") return `the string ${JSON.stringify(value.value)}`;
  if (value.kind === "number") return `the number ${value.value}`;
  if (value.kind === "none") return "None";
  return (
    { boolean: "a boolean", list: "a list", dict: "a dictionary" }[value.kind as "boolean" | "list" | "dict"] ??
    "an expression"
  );
}

/** Labels that Bazel would refuse, each at its item. */
function checkLabels(value: StarlarkValue, facts: AttributeFacts, attribute: Attribute): readonly Objection[] {
  const { path } = attribute;
  if (value.kind === "string" && (facts.type === "label" || facts.type.startsWith("label_or_")))
    return isBadLabel(value) ? [objectToLabel(value.value, path)] : [];
  if (value.kind === "list" && facts.type === "label_list")
    return value.items.flatMap(({ value: only }, index) =>
      isBadLabel(only) ? [objectToLabel(only.value, [...path, index])] : [],
    );
  if (value.kind === "dict" && facts.type === "label_keyed_string_dict")
    return value.entries.flatMap(({ key }) =>
      isBadLabel(key) ? [objectToLabel(key.value, [...path, key.value])] : [],
    );
  return [];
}

function isBadLabel(value: StarlarkValue): value is StarlarkValue & { kind: "string" } {
  return value.kind === "string" && !isLabel(value.value);
}

function objectToLabel(label: string, path: Attribute["path"]): Objection {
  return { code: "label-invalid", args: { label }, path };
}
