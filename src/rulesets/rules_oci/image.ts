/** What both generations of rules_oci do alike. */
import type { Attribute, Rule } from "../../bazel/index.ts";
import { attributeOf } from "../../bazel/index.ts";
import { type Field, isWholeRepository, type LoadPart, type Part } from "../../model/index.ts";
import { type Item, item, list, type StarlarkValue, string } from "../../starlark/index.ts";
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

/** The reverse of {@link emitLoad}: the tag that it adds is taken off, where putting it back gives the same. */
export function recogniseLoad(fields: readonly Field[]): {
  readonly fields: readonly Field[];
  readonly manual: boolean;
} {
  const tags = fields.find((field) => field.name === "tags");
  const rest = tags && withoutTag(tags, "manual");
  if (!tags || rest === undefined) return { fields, manual: false };
  if (rest === "none") return { fields: fields.filter((field) => field !== tags), manual: true };
  return { fields: fields.map((field) => (field === tags ? { ...field, value: rest } : field)), manual: true };
}

/** The tags without one; `none` when it was the only one, undefined when it is not there or has to stay for its comment. */
function withoutTag({ value, comments }: Field, tag: string): StarlarkValue | "none" | undefined {
  if (value.kind === "sum") {
    const [first, ...rest] = value.operands;
    const isAdded = first?.kind === "list" && first.items.length === 1 && isTag(first.items[0], tag);
    if (!isAdded || rest[0] === undefined || rest[0].kind === "list") return undefined;
    return rest.length === 1 ? rest[0] : { kind: "sum", operands: rest };
  }
  if (value.kind !== "list" || !value.items.some((only) => isTag(only, tag))) return undefined;
  // Comments tell buildifier how to sort, so such a list stays as it is.
  if (comments.length > 0 || value.items.some((only) => only.comments.length > 0)) return value;
  const items = value.items.filter((only) => !isTag(only, tag));
  return items.length === 0 ? "none" : { kind: "list", items };
}

function isTag(only: Item | undefined, tag: string): boolean {
  return only?.value.kind === "string" && only.value.value === tag;
}

/** The reverse of {@link emitPush}: the call becomes the name in it, a text that would become a call is kept from it. */
export function recognisePush(
  fields: readonly Field[],
  isRepositoryFunction: (call: StarlarkValue & { kind: "call" }) => boolean,
): readonly Field[] {
  return fields.map((field) => {
    const { name, value } = field;
    if (name !== "repository") return field;
    if (value.kind === "string" && !isWholeRepository(value.value))
      return { ...field, value: { kind: "expression", parts: ["", value, ""] } };
    if (value.kind !== "call" || !isRepositoryFunction(value)) return field;
    const [only, ...rest] = value.args;
    const isName = only?.name === undefined && only?.value.kind === "string" && only.comments.length === 0;
    return isName && rest.length === 0 && !isWholeRepository(only.value.value)
      ? { ...field, value: only.value }
      : field;
  });
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
