/** rules_oci 2.x: `oci_load` gives a script, and its tar only through an output group; lists go one item a line. */
import type { Attribute, Rule } from "../../../bazel/index.ts";
import type { LoadPart } from "../../../model/index.ts";
import { list, string } from "../../../starlark/index.ts";
import { emitRule } from "../../emit.ts";
import { type ChosenRuleset, isAtLeast } from "../../facts.ts";
import type { ImageRuleset, Objection, TarTarget } from "../../ruleset.ts";
import { emitLoad, emitPush, objectToImage, objectToPush, recogniseLoad, recognisePush } from "../image.ts";
import { joinStamps, splitStamps, stampedFileName } from "../stamps.ts";

/** rules_oci 2.x in the version chosen. */
export function rulesOciV2(chosen: ChosenRuleset): ImageRuleset {
  return {
    chosen,
    loadKind: "oci_load",
    image: (part) => emitRule("oci_image", part, chosen),
    splitStamps,
    stampedFileName,
    joinStamps,
    load: (part) => emitLoad("oci_load", part, chosen),
    push: (part) => emitPush(part, chosen),
    tarOf,
    recogniseLoad,
    recognisePush,
    object: (rules) => rules.flatMap((rule) => object(rule, chosen)),
    // DIFFERENCES.md 2: 2.x reports the alias and one repository a platform.
    reportedRepositories: ({ name, platforms }) => [
      name,
      ...platforms.map((platform) => `${name}_${platform.replaceAll("/", "_")}`),
    ],
  };
}

/** DIFFERENCES.md 1: the tar of an `oci_load` is handed on by a filegroup over its output group (rules_oci#627). */
function tarOf(part: LoadPart): TarTarget {
  const name = `${part.name}.tar`;
  const attribute = (key: string, value: Attribute["value"]): Attribute => ({
    name: key,
    value,
    comments: [],
    path: part.path,
  });
  const attributes = [
    attribute("srcs", list([string(`:${part.name}`)])),
    attribute("output_group", string("tarball")),
    attribute("tags", list([string("manual")])),
  ];
  const testonly = part.fields.filter((field) => field.name === "testonly");
  const rule: Rule = {
    kind: "filegroup",
    callee: "filegroup",
    name,
    attributes: [...attributes, ...testonly],
    path: part.path,
  };
  return { label: `:${name}`, rule };
}

function object(rule: Rule, chosen: ChosenRuleset): readonly Objection[] {
  if (rule.kind === "oci_image") return objectToImage(rule);
  // Optional at load from 2.2.7 on, where --repository at run time gives it (facts: oci_push.repository, `history`).
  return rule.kind === "oci_push" ? objectToPush(rule, !isAtLeast(chosen, "2.2.7")) : [];
}
