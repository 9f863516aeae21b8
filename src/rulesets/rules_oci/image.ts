/** What both generations of rules_oci do alike. */
import type { Attribute, Rule } from "../../bazel/index.ts";
import { attributeOf } from "../../bazel/index.ts";
import { isWholeRepository, type LoadPart, type Part } from "../../model/index.ts";
import { item, list, type StarlarkValue, string } from "../../starlark/index.ts";
import { emitRule } from "../emit.ts";
import type { ChosenRuleset } from "../facts.ts";
import type { Objection } from "../ruleset.ts";

/** The rule that loads the image, tagged `manual` unless the declaration says otherwise. */
export function emitLoad(kind: string, part: LoadPart, chosen: ChosenRuleset): Rule {
  return emitRule(kind, part, chosen, part.manual ? withTag(part.fields, "manual", part) : part.fields);
}

function withTag(fields: readonly Attribute[], tag: string, part: Part): readonly Attribute[] {
  const tags = fields.find((field) => field.name === "tags");
  if (!tags) return [...fields, { name: "tags", value: list([string(tag)]), comments: [], path: part.path }];
  return fields.map((field) => (field === tags ? { ...field, value: addTag(field.value, tag) } : field));
}

function addTag(value: StarlarkValue, tag: string): StarlarkValue {
  if (value.kind !== "list") return { kind: "sum", operands: [list([string(tag)]), value] };
  const has = value.items.some((only) => only.value.kind === "string" && only.value.value === tag);
  return has ? value : { kind: "list", items: [item(string(tag)), ...value.items] };
}

/** The push; a short repository becomes `image_repository("name")`, which the caller loads. */
export function emitPush(part: Part, chosen: ChosenRuleset): Rule {
  return emitRule("oci_push", part, chosen, part.fields.map(withRepositoryCall));
}

function withRepositoryCall(field: Attribute): Attribute {
  if (field.name !== "repository" || field.value.kind !== "string" || isWholeRepository(field.value.value))
    return field;
  const call: StarlarkValue = { kind: "call", callee: "image_repository", args: [item(field.value)] };
  return { ...field, value: call };
}

/** What both generations refuse in an image (facts: `oci_image`, `validation`). */
export function objectToImage(rule: Rule): readonly Objection[] {
  const base = attributeOf(rule, "base");
  const platform = ["os", "architecture", "variant"].flatMap((name) => attributeOf(rule, name) ?? []);
  if (base)
    return platform.map(({ name, path }) => ({ code: "image-platform-twice", args: { attribute: name }, path }));
  const complete = attributeOf(rule, "os") && attributeOf(rule, "architecture");
  return complete ? [] : [{ code: "image-platform-missing", args: {}, path: rule.path }];
}

/** What both generations refuse in a push: a repository that carries a tag or digest, both homes of it, or none. */
export function objectToPush(rule: Rule, needsOne: boolean): readonly Objection[] {
  const repository = attributeOf(rule, "repository");
  const file = attributeOf(rule, "repository_file");
  const both = repository && file ? [pair("oci_push takes `repository` or `repositoryFile`, not both", file.path)] : [];
  const none =
    needsOne && !repository && !file ? [pair("oci_push needs `repository` or `repositoryFile`", rule.path)] : [];
  return [...both, ...none, ...(repository ? objectToRepository(repository) : [])];
}

function pair(message: string, path: Objection["path"]): Objection {
  return { code: "attribute-pair", args: { message }, path };
}

function objectToRepository({ value, path }: Attribute): readonly Objection[] {
  const name = value.kind === "call" ? value.args[0]?.value : value;
  if (name?.kind !== "string") return [];
  const last = name.value.split("/").at(-1) ?? "";
  const problem =
    name.value === ""
      ? "it is empty"
      : name.value.includes("@")
        ? "it has a digest"
        : last.includes(":")
          ? "it has a tag"
          : undefined;
  return problem === undefined ? [] : [{ code: "repository-invalid", args: { repository: name.value, problem }, path }];
}
