/** rules_pkg: layers are `pkg_tar`. */
import { attributeOf, type Rule } from "../../bazel/index.ts";
import { emitRule } from "../emit.ts";
import type { ChosenRuleset } from "../facts.ts";
import type { LayerRuleset, Objection } from "../ruleset.ts";

/** rules_pkg in the version chosen. */
export function rulesPkg(chosen: ChosenRuleset): LayerRuleset {
  return {
    chosen,
    layer: (part) => emitRule("pkg_tar", part, chosen),
    object: (rules) => rules.flatMap(object),
  };
}

/** What pkg_tar refuses at analysis (facts: `pkg_tar`, `validation`). */
function object(rule: Rule): readonly Objection[] {
  const folderFile = attributeOf(rule, "package_dir_file");
  const mtime = attributeOf(rule, "mtime");
  if (!folderFile && !mtime) return [];
  const folder = attributeOf(rule, "package_dir");
  const portable = attributeOf(rule, "portable_mtime");
  const objections: Objection[] = [];
  if (folder && folderFile)
    objections.push({
      code: "attribute-pair",
      args: { message: "pkg_tar takes `packageDir` or `packageDirFile`, not both" },
      path: folderFile.path,
    });
  if (mtime && (!portable || (portable.value.kind === "boolean" && portable.value.value))) {
    objections.push({
      code: "attribute-pair",
      args: { message: "pkg_tar takes `mtime` only with portableMtime: false" },
      path: mtime.path,
    });
  }
  return objections;
}
