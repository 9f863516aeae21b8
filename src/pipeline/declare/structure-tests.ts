import type { PropertyPath } from "../../diagnostics/index.ts";
import type { StructureTests } from "../../model/index.ts";
import { checkKeys, knownKeys } from "./fields.ts";
import { checkText } from "./lower.ts";
import { type Declared, describe, isObject, type Reporter } from "./report.ts";

/*
 * The schema of container-structure-test 2.0.0 as a table (facts: container_structure_test@1.22.0, `configSchema`).
 * The tool refuses unknown keys, so they are refused here too, at their place.
 */
export type Shape =
  | "string"
  | "integer"
  | "boolean"
  | { readonly list: Shape; readonly filled?: true }
  | { readonly enum: readonly string[] }
  | { readonly object: string };

/** A property of an object of the schema. */
export interface Property {
  readonly shape: Shape;
  readonly mandatory?: true;
  /** An empty string is refused. */
  readonly filled?: true;
}

const text: Property = { shape: "string" };
const name: Property = { shape: "string", mandatory: true, filled: true };
const texts: Property = { shape: { list: "string" } };
const flag: Property = { shape: "boolean" };
const integer: Property = { shape: "integer" };
const listOf = (object: string): Property => ({ shape: { list: { object } } });
const commands: Property = { shape: { list: { list: "string", filled: true } } };

/** The objects of the schema by name; `config` is the whole. An object has a `comment` besides when its type says so. */
export const structureTestShapes: Readonly<Record<string, Readonly<Record<string, Property>>>> = {
  config: {
    globalEnvVars: listOf("EnvVar"),
    commandTests: listOf("CommandTest"),
    fileExistenceTests: listOf("FileExistenceTest"),
    fileContentTests: listOf("FileContentTest"),
    metadataTest: { shape: { object: "MetadataTest" } },
    licenseTests: listOf("LicenseTest"),
    containerRunOptions: { shape: { object: "ContainerRunOptions" } },
  },
  EnvVar: { key: name, value: text, isRegex: flag },
  FilledEnvVar: { key: name, value: name, isRegex: flag },
  CommandTest: {
    name,
    setup: commands,
    teardown: commands,
    envVars: listOf("FilledEnvVar"),
    exitCode: integer,
    command: name,
    args: texts,
    expectedOutput: texts,
    excludedOutput: texts,
    expectedError: texts,
    excludedError: texts,
  },
  FileExistenceTest: {
    name,
    path: name,
    shouldExist: flag,
    permissions: text,
    uid: integer,
    gid: integer,
    isExecutableBy: { shape: { enum: ["owner", "group", "other", "any"] } },
  },
  FileContentTest: { name, path: name, expectedContents: texts, excludedContents: texts },
  MetadataTest: {
    envVars: listOf("EnvVar"),
    unboundEnvVars: listOf("EnvVar"),
    exposedPorts: texts,
    unexposedPorts: texts,
    entrypoint: texts,
    cmd: texts,
    workdir: text,
    volumes: texts,
    unmountedVolumes: texts,
    labels: listOf("EnvVar"),
    user: text,
  },
  LicenseTest: { debian: flag, files: texts },
  ContainerRunOptions: {
    user: text,
    privileged: flag,
    allocateTty: flag,
    envVars: texts,
    envFile: text,
    capabilities: texts,
    bindMounts: texts,
  },
};

/** The objects of the schema as they are checked, thousands of times: their properties in order, and every key they take. */
const objects: Readonly<Record<string, ObjectShape>> = Object.fromEntries(
  Object.entries(structureTestShapes).map(([type, properties]) => [
    type,
    { properties: Object.entries(properties), keys: [...Object.keys(properties), "comment"] },
  ]),
);

interface ObjectShape {
  readonly properties: readonly (readonly [string, Property])[];
  readonly keys: readonly string[];
}

/** The typed tests among the properties of a test, checked against the schema; undefined when there are none. */
export function declareStructureTests(
  object: Declared,
  path: PropertyPath,
  reporter: Reporter,
): StructureTests | undefined {
  const sections: readonly string[] = knownKeys.structureTests;
  const present = Object.keys(object).filter((key) => sections.includes(key) && object[key] !== undefined);
  if (present.length === 0) return undefined;
  const tests = Object.fromEntries(present.map((key) => [key, object[key]]));
  for (const key of present)
    check(tests[key], structureTestShapes["config"]?.[key] as Property, key, [...path, key], reporter);
  return tests;
}

function check(value: unknown, property: Property, what: string, path: PropertyPath, reporter: Reporter): void {
  const { shape } = property;
  if (typeof shape === "string") return checkScalar(value, shape, property, what, path, reporter);
  if ("enum" in shape) {
    if (typeof value !== "string" || !shape.enum.includes(value))
      wrong(value, `one of ${shape.enum.join(", ")}`, what, path, reporter);
    return;
  }
  if ("object" in shape) return checkObject(value, shape.object, what, path, reporter);
  if (!Array.isArray(value)) return wrong(value, "an array", what, path, reporter);
  if (shape.filled && value.length === 0) return wrong(value, "an array with at least one item", what, path, reporter);
  const each: Property = { shape: shape.list };
  for (const [index, element] of value.entries()) check(element, each, what, [...path, index], reporter);
}

function checkScalar(
  value: unknown,
  shape: "string" | "integer" | "boolean",
  property: Property,
  what: string,
  path: PropertyPath,
  reporter: Reporter,
): void {
  const fits = shape === "integer" ? Number.isSafeInteger(value) : typeof value === shape;
  if (!fits) return wrong(value, shape === "integer" ? "an integer" : `a ${shape}`, what, path, reporter);
  if (typeof value !== "string") return;
  checkText(value, path, reporter);
  if (property.filled && value === "") wrong(value, "a string that is not empty", what, path, reporter);
}

function checkObject(value: unknown, type: string, what: string, path: PropertyPath, reporter: Reporter): void {
  const { properties, keys } = objects[type] as ObjectShape;
  if (!isObject(value)) return wrong(value, "an object", what, path, reporter);
  checkKeys(value, keys, what, path, reporter);
  if (typeof value["comment"] === "string") checkText(value["comment"], [...path, "comment"], reporter);
  for (const [key, property] of properties) {
    if (value[key] !== undefined) check(value[key], property, key, [...path, key], reporter);
    else if (property.mandatory) reporter.report("missing-key", { key, what }, path);
  }
}

function wrong(value: unknown, expected: string, what: string, path: PropertyPath, reporter: Reporter): void {
  const got =
    value === ""
      ? "an empty string"
      : typeof value === "number" || typeof value === "string"
        ? JSON.stringify(value)
        : describe(value);
  reporter.report("wrong-type", { what, expected, got }, path);
}
