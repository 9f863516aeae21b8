import type { DeclaredPush } from "./declared.ts";

/** A rule as `bazel query --output=xml` tells of it. */
export interface QueriedRule {
  readonly label: string;
  readonly kind: string;
  /** `/repo/cmd/worker/BUILD.bazel:20:9`. */
  readonly location: string;
  /** Attributes that hold one string or label, those of selects with several left out. */
  readonly attributes: ReadonlyMap<string, string>;
}

/**
 * The query for everything that may be a push target: rules of these kinds, declared targets under whatever kind a macro
 * gave them, and the `.digest` targets that rulesets put beside images. Filters, since a label that is not there would
 * fail a set.
 */
export function pushQuery(declared: readonly DeclaredPush[], kinds: readonly string[]): string {
  const labels = declared.map(({ label }) => escapePattern(label));
  return [
    `kind("^(${kinds.map(escapePattern).join("|")}) rule$", //...)`,
    ...(labels.length > 0 ? [`filter("^(${labels.join("|")})$", //...)`] : []),
    `filter("[.]digest$", //...)`,
  ].join("\nunion ");
}

function escapePattern(text: string): string {
  return text.replace(/[^\w/:-]/g, (character) => `[${character === "^" ? "\\^" : character}]`);
}

const element = /<(\/?)(rule|string|label)((?:\s+[\w-]+="[^"]*")*)\s*\/?>/g;

/** The rules in the answer. Bazel's XML is a list of elements whose values stand in attributes. */
export function readRules(xml: string): readonly QueriedRule[] {
  const rules: { rule: Omit<QueriedRule, "attributes">; seen: Map<string, string | undefined> }[] = [];
  for (const [, end, name, text = ""] of xml.matchAll(element)) {
    const values = valuesOf(text);
    const value = values.get("value");
    const attribute = values.get("name");
    const current = rules.at(-1);
    if (name === "rule" && end === "") {
      const rule = { label: attribute ?? "", kind: values.get("class") ?? "", location: values.get("location") ?? "" };
      rules.push({ rule: { ...rule, label: canonicalLabel(rule.label) }, seen: new Map() });
    } else if (current && attribute !== undefined && value !== undefined) {
      const known = current.seen.has(attribute);
      current.seen.set(attribute, known ? undefined : name === "label" ? canonicalLabel(value) : value);
    }
  }
  return rules.map(({ rule, seen }) => ({
    ...rule,
    attributes: new Map([...seen].flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))),
  }));
}

const entities: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };

function valuesOf(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/([\w-]+)="([^"]*)"/g)];
  return new Map(pairs.map(([, name = "", value = ""]) => [name, unescapeXml(value)]));
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (all, decimal, hexadecimal, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hexadecimal) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    return entities[name] ?? all;
  });
}

/** A label of the main repository as Bazel spells it from 1 to 8: `@//a:b` and `@@//a:b` are `//a:b`. */
export function canonicalLabel(label: string): string {
  return label.replace(/^@{1,2}(?=\/\/)/, "");
}
