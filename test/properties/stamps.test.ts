/** What expand_template makes of our templates, in whatever order it replaces, is what the declaration says. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Field } from "../../src/model/index.ts";
import { bazelLib } from "../../src/rulesets/bazel_lib/index.ts";
import facts from "../../src/rulesets/facts/bazel_lib@3.7.1.json" with { type: "json" };
import type { RulesetFacts } from "../../src/rulesets/facts.ts";
import { splitStamps } from "../../src/rulesets/rules_oci/stamps.ts";
import type { StarlarkValue } from "../../src/starlark/index.ts";

const known = facts as unknown as RulesetFacts;
const lib = bazelLib({ name: "bazel_lib", version: "3.7.1", facts: known, all: [known] });

/** Keys, fallbacks and texts that get into each other's way. */
const key = fc.constantFrom("A", "A_2", "STABLE_A", "STABLE_A_2", "B");
const text = fc
  .array(fc.constantFrom("{{A}}", "{{A_2}}", "{{STABLE_A}}", "{{", "}}", "A", "_2", "=", "dev", " ", '"', "\\"), {
    maxLength: 5,
  })
  .map((parts) => parts.join(""));
const item = fc.oneof(
  text.map((value) => ({ value })),
  fc.record({ key, fallback: text.filter((one) => one !== ""), prefix: text, suffix: text }),
);
type Item = { readonly value: string } | { key: string; fallback: string; prefix: string; suffix: string };

/** The field as declared: labels `l0`, `l1` and so on. */
function fieldOf(items: readonly Item[]): Field {
  const texts = items.map((one) => ("value" in one ? one.value : one.prefix + one.fallback + one.suffix));
  const value: StarlarkValue = {
    kind: "dict",
    entries: texts.map((value, index) => ({
      key: { kind: "string", value: `l${index}` },
      value: { kind: "string", value },
      comments: [],
    })),
  };
  const stamped = items.flatMap((one, index) => ("key" in one ? [{ ...one, index, path: [] }] : []));
  return { name: "labels", value, stamped, comments: [], path: [] };
}

function strings(value: StarlarkValue | undefined): readonly (readonly [string, string])[] {
  const textOf = (one: StarlarkValue) => (one.kind === "string" ? one.value : "not a string");
  if (value?.kind === "list") return value.items.map((one, index) => [String(index), textOf(one.value)]);
  return value?.kind === "dict" ? value.entries.map((one) => [textOf(one.key), textOf(one.value)]) : [];
}

it("gives the fallbacks unstamped and the values stamped, and touches no other text", () => {
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 6 }).filter((items) => items.some((one) => "key" in one)),
      fc.infiniteStream(fc.nat()),
      (items, random) => {
        const { part, files } = splitStamps({ name: "image", fields: [fieldOf(items)], path: [] });
        expect(part.fields[0]?.value).toEqual({ kind: "string", value: ":image_labels" });
        const rule = lib.file(files[0] ?? expect.fail("no file"));
        const attribute = (name: string) => strings(rule.attributes.find((one) => one.name === name)?.value);
        const template = attribute("template")
          .map(([, line]) => line)
          .join("\n");
        const order = (pairs: readonly (readonly [string, string])[]) =>
          pairs
            .map((pair) => ({ pair, at: random.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ pair }) => pair);
        const expand = (pairs: readonly (readonly [string, string])[]) =>
          order(pairs).reduce((before, [from, to]) => before.replaceAll(from, () => to), template);
        const line = (one: Item, index: number, stamped: boolean) =>
          `l${index}=${"value" in one ? one.value : one.prefix + (stamped ? `<${one.key}>` : one.fallback) + one.suffix}`;
        expect(expand(attribute("substitutions"))).toBe(items.map((one, index) => line(one, index, false)).join("\n"));
        // A status file has values for the keys, which the program puts in before it replaces.
        const status = attribute("stamp_substitutions").map(
          ([placeholder, value]) => [placeholder, value.replace(/^\{\{(.*)\}\}$/, "<$1>")] as const,
        );
        expect(expand(status)).toBe(items.map((one, index) => line(one, index, true)).join("\n"));
      },
    ),
    { numRuns: 3000 },
  );
});

it("sees placeholders that a fallback and the text around it make together", () => {
  const items: readonly Item[] = [
    { key: "B", fallback: "}}", prefix: "{{A", suffix: "" },
    { key: "A", fallback: "a", prefix: "", suffix: "" },
  ];
  const { files } = splitStamps({ name: "image", fields: [fieldOf(items)], path: [] });
  const rule = lib.file(files[0] ?? expect.fail("no file"));
  const template = rule.attributes.find((one) => one.name === "template")?.value;
  expect(strings(template).map(([, line]) => line)).toEqual(["l0={{A{{B}}", "l1={{A_2}}"]);
});
