/** rules_oci 1.x: `oci_tarball` makes a .tar that other rules take as it is; lists are joined with commas. */
import type { Rule } from "../../../bazel/index.ts";
import { emitRule } from "../../emit.ts";
import type { ChosenRuleset } from "../../facts.ts";
import type { ImageRuleset, Objection } from "../../ruleset.ts";
import { emitLoad, emitPush, objectToImage, objectToPush, recogniseLoad, recognisePush } from "../image.ts";
import { joinStamps, splitStamps, stampedFileName } from "../stamps.ts";

/** rules_oci 1.x in the version chosen. */
export function rulesOciV1(chosen: ChosenRuleset): ImageRuleset {
  return {
    chosen,
    loadKind: "oci_tarball",
    image: (part) => emitRule("oci_image", part, chosen),
    splitStamps,
    stampedFileName,
    joinStamps,
    load: (part) => emitLoad("oci_tarball", part, chosen),
    push: (part) => emitPush(part, chosen),
    tarOf: (part) => ({ label: `:${part.name}` }),
    recogniseLoad,
    recognisePush,
    object: (rules) => rules.flatMap(object),
    // DIFFERENCES.md 2: 1.x reports the alias repository alone, and `bazel mod tidy` drops the others.
    reportedRepositories: ({ name }) => [name],
  };
}

function object(rule: Rule): readonly Objection[] {
  if (rule.kind === "oci_image") return [...objectToImage(rule), ...objectToCommas(rule)];
  return rule.kind === "oci_push" ? objectToPush(rule, true) : [];
}

/** DIFFERENCES.md 1: the items of these lists are written to one line, with commas between them. */
function objectToCommas(rule: Rule): readonly Objection[] {
  return rule.attributes.flatMap(({ name, value, path }) => {
    if ((name !== "entrypoint" && name !== "cmd") || value.kind !== "list") return [];
    return value.items.flatMap(({ value: only }, index): readonly Objection[] =>
      only.kind === "string" && only.value.includes(",")
        ? [{ code: "entrypoint-comma", args: { attribute: name, item: only.value }, path: [...path, index] }]
        : [],
    );
  });
}
