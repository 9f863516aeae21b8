/** container_structure_test: one test target, which reads a layout (driver docker) or a .tar (driver tar). */
import type { Attribute } from "../../bazel/index.ts";
import { configFile, type Field, type TestPart } from "../../model/index.ts";
import { type Item, item, string } from "../../starlark/index.ts";
import { emitRule } from "../emit.ts";
import type { ChosenRuleset } from "../facts.ts";
import type { Objection, TarTarget, TestRuleset } from "../ruleset.ts";

/** container_structure_test in the version chosen. */
export function containerStructureTest(chosen: ChosenRuleset): TestRuleset {
  return {
    chosen,
    test: (part, tar) => emitRule("container_structure_test", part, chosen, attributesOf(part, tar)),
    object,
    recognise,
  };
}

function attributesOf(part: TestPart, tar: TarTarget | undefined): readonly Attribute[] {
  const fields = part.fields.map((field) =>
    field.name === "image" && tar ? { ...field, value: string(tar.label) } : field,
  );
  if (!part.config) return fields;
  const own = item(string(part.config.file));
  const configs = fields.find((field) => field.name === "configs");
  if (!configs)
    return [...fields, { name: "configs", value: { kind: "list", items: [own] }, comments: [], path: part.path }];
  return fields.map((field) => (field === configs ? { ...field, value: withConfig(field, own) } : field));
}

function withConfig({ value }: Attribute, own: Item): Attribute["value"] {
  if (value.kind === "list") return { kind: "list", items: [own, ...value.items] };
  return { kind: "sum", operands: [{ kind: "list", items: [own] }, value] };
}

/** The reverse of naming the written config in front of all others. */
function recognise(name: string, fields: readonly Field[]): readonly Field[] {
  return fields.flatMap((field) => {
    if (field.name !== "configs" || field.value.kind !== "list") return [field];
    const [first, ...rest] = field.value.items;
    if (first?.value.kind !== "string" || first.value.value !== configFile(name)) return [field];
    return rest.length === 0 ? [] : [{ ...field, value: { kind: "list", items: rest } }];
  });
}

/** DIFFERENCES.md 1: the tar driver starts nothing, the host driver cannot work through the rule. */
function object(part: TestPart): readonly Objection[] {
  const driver = part.fields.find((field) => field.name === "driver");
  if (driver?.value.kind !== "string") return [];
  if (driver.value.value === "host") return [{ code: "test-driver-host", args: {}, path: driver.path }];
  if (driver.value.value !== "tar") return [];
  return (["commandTests", "containerRunOptions"] as const)
    .filter((property) => part.config?.tests[property] !== undefined)
    .map((property) => ({ code: "test-driver-tar-commands", args: { property }, path: [...part.path, property] }));
}
