import { isLabel, isTargetName } from "../../bazel/index.ts";
import type { PropertyPath } from "../../diagnostics/index.ts";
import {
  appendOf,
  commentedOf,
  configFile,
  type Field,
  type LayerPart,
  type LoadPart,
  type Part,
  type PushPart,
  type PushStage,
  type TestPart,
} from "../../model/index.ts";
import { type Item, string } from "../../starlark/index.ts";
import { booleanOf, checkKeys, declareFields, knownKeys, stringOf } from "./fields.ts";
import { checkText, lowerItem } from "./lower.ts";
import { type Declared, describe, isObject, type Reporter } from "./report.ts";
import { declareStructureTests } from "./structure-tests.ts";

type PartKind = "image" | "layer" | "load" | "test" | "push";

/** A declared rule: its keys checked, its values lowered, its name made or checked. */
export function declarePart(
  object: Declared,
  kind: PartKind,
  name: string,
  path: PropertyPath,
  reporter: Reporter,
): Part {
  checkKeys(object, knownKeys[kind], kind === "image" ? "an image rule" : `a ${kind}`, path, reporter);
  const comment = stringOf(object, "comment", path, reporter);
  if (comment !== undefined) checkText(comment, [...path, "comment"], reporter);
  return {
    name: declareName(object, name, path, reporter),
    fields: declareFields(object, knownKeys[kind], path, reporter),
    ...(comment !== undefined && { comment }),
    path,
  };
}

function declareName(object: Declared, fallback: string, path: PropertyPath, reporter: Reporter): string {
  const name = stringOf(object, "name", path, reporter) ?? fallback;
  if (!isTargetName(name))
    reporter.report("target-name-invalid", { name }, "name" in object ? [...path, "name"] : path);
  return name;
}

/** The layers of a service: the tars to make, and the items of `tars` in their order. */
export function declareLayers(
  value: unknown,
  reporter: Reporter,
): { readonly layers: readonly LayerPart[]; readonly tars?: Field } {
  const path: PropertyPath = ["layers"];
  if (value === undefined) return { layers: [] };
  const outer = commentedOf(value);
  const list = appendOf(outer ? outer.value : value) ?? (outer ? outer.value : value);
  if (!Array.isArray(list)) {
    const lowered = lowerItem(value, path, reporter);
    if (isObject(value) || lowered.value.kind === "string") {
      reporter.report(
        "wrong-type",
        { what: "layers", expected: "an array of layers and labels", got: describe(value) },
        path,
      );
    }
    return { layers: [], tars: { name: "tars", ...lowered, path } };
  }
  const declared = list.map((layer, index) => declareLayer(layer, [...path, index], reporter));
  const items = declared.map(({ item }) => item);
  const layers = declared.flatMap(({ part }) => (part ? [part] : []));
  return { layers, tars: { name: "tars", value: { kind: "list", items }, comments: outer?.comments ?? [], path } };
}

function declareLayer(
  layer: unknown,
  path: PropertyPath,
  reporter: Reporter,
): { readonly item: Item; readonly part?: LayerPart } {
  const wrapped = commentedOf(layer);
  const inner = wrapped ? wrapped.value : layer;
  if (isObject(inner)) {
    if (typeof inner["name"] !== "string") reporter.report("missing-key", { key: "name", what: "a layer" }, path);
    const platform = stringOf(inner, "crossBinary", path, reporter);
    const part: LayerPart = {
      ...declarePart(inner, "layer", "layer", path, reporter),
      ...(platform !== undefined && { crossBinary: { platform, path: [...path, "crossBinary"] } }),
    };
    return { item: { value: string(`:${part.name}`), comments: wrapped?.comments ?? [] }, part };
  }
  if (typeof inner === "string" && !isLabel(inner)) reporter.report("label-invalid", { label: inner }, path);
  return { item: lowerItem(layer, path, reporter) };
}

/** The objects of `load`, `test` or `push`, with their paths: one, several, or none. */
export function partsOf(
  value: unknown,
  key: string,
  reporter: Reporter,
): readonly { readonly object: Declared; readonly path: PropertyPath }[] {
  if (value === undefined || value === false) return [];
  const entries = Array.isArray(value)
    ? value.map((object, index) => ({ object, path: [key, index] }))
    : [{ object: value, path: [key] }];
  return entries.flatMap(({ object, path }) => {
    if (isObject(object)) return [{ object, path }];
    reporter.report(
      "wrong-type",
      { what: key, expected: "an object, an array of objects or false", got: describe(object) },
      path,
    );
    return [];
  });
}

/** A load target. */
export function declareLoad(object: Declared, name: string, path: PropertyPath, reporter: Reporter): LoadPart {
  return {
    ...declarePart(object, "load", name, path, reporter),
    manual: booleanOf(object, "manual", path, reporter) ?? true,
  };
}

/** A push target; what a release pushes is called so, unless it has a name. */
export function declarePush(
  object: Declared,
  names: Readonly<Record<PushStage, string>>,
  path: PropertyPath,
  reporter: Reporter,
): PushPart {
  const { stage = "candidate" } = object;
  const known = stage === "candidate" || stage === "release";
  if (!known) {
    const got = typeof stage === "string" ? JSON.stringify(stage) : describe(stage);
    reporter.report("wrong-type", { what: "stage", expected: '"candidate" or "release"', got }, [...path, "stage"]);
  }
  const chosen = known ? stage : "candidate";
  return { ...declarePart(object, "push", names[chosen], path, reporter), stage: chosen };
}

/** A structure test, with the config to write when it has typed tests. */
export function declareTest(object: Declared, name: string, path: PropertyPath, reporter: Reporter): TestPart {
  const part = declarePart(object, "test", name, path, reporter);
  const tests = declareStructureTests(object, path, reporter);
  const { configs } = object;
  const hasConfigs = configs !== undefined && !(Array.isArray(configs) && configs.length === 0);
  if (!tests && !hasConfigs) reporter.report("test-empty", { name: part.name }, path);
  return tests ? { ...part, config: { file: configFile(part.name), tests } } : part;
}
