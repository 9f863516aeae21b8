/** What the rulesets spread over several rules, put back into the rule that it is for. */
import type { FoundRule } from "./find-rules.ts";
import type { GroupContext } from "./group.ts";

/** A rule with what other rules do for it put back in, and those rules. */
export interface Joined extends FoundRule {
  readonly parts: readonly FoundRule[];
  readonly crossBinary?: string;
}

/** Puts the stamps of a file that a rule takes, and the binary that is rebuilt for a layer, back into the rule. */
export function joinParts(rules: readonly FoundRule[], { rulesets }: GroupContext): readonly Joined[] {
  const free = rules.filter((rule) => rule.isPart && rule.comment === undefined);
  return rules.map((rule): Joined => {
    if (rule.kind === "pkg_tar") {
      const crossed = free.filter(({ kind }) => kind === "go_cross_binary");
      const rules = crossed.map(({ name, fields }) => ({ name, attributes: fields }));
      const found = rulesets.go.recognise(rule, rules);
      if (!found) return { ...rule, parts: [] };
      const parts = crossed.filter(({ name }) => name === found.rule);
      return { ...rule, fields: found.fields, parts, crossBinary: found.platform };
    }
    const parts: FoundRule[] = [];
    const fields = rule.fields.map((field) => {
      const name = rulesets.oci.stampedFileName(rule.name, field.name);
      const part = free.find((one) => one.kind === "expand_template" && one.name === name);
      if (!part || field.value.kind !== "string" || field.value.value !== `:${name}`) return field;
      const lines = rulesets.lib.recognise(name, part.fields);
      const joined = lines && rulesets.oci.joinStamps(field, lines);
      if (joined) parts.push(part);
      return joined ?? field;
    });
    return { ...rule, fields, parts };
  });
}
