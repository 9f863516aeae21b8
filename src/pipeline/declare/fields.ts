import { didYouMean, type PropertyPath } from "../../diagnostics/index.ts";
import { type Field, stampOf } from "../../model/index.ts";
import { lowerItem } from "./lower.ts";
import { type Declared, describe, isObject, type Reporter } from "./report.ts";
import { isStampable, lowerStamped } from "./stamps.ts";

const rule = ["name", "tags", "visibility", "testonly", "attributes", "comment"] as const;
const image = [
  "base",
  "entrypoint",
  "cmd",
  "env",
  "user",
  "workdir",
  "labels",
  "annotations",
  "exposedPorts",
  "volumes",
  "created",
  "os",
  "architecture",
  "variant",
  "resourceSet",
] as const;
const structureTests = [
  "globalEnvVars",
  "commandTests",
  "fileExistenceTests",
  "fileContentTests",
  "metadataTest",
  "licenseTests",
  "containerRunOptions",
] as const;

/** The properties that each declared object has; `docs` and types name the same (a test compares them with the facts). */
export const knownKeys = {
  config: [
    "rulesets",
    "externalDeps",
    "bases",
    "repositoryPrefix",
    "services",
    "defaults",
    "loads",
    "files",
    "mirrors",
    "insecure",
    "mend",
    "push",
    "buildifier",
    "goStamps",
  ],
  base: ["image", "tag", "digest", "platforms", "attributes", "comment"],
  service: ["name", "package", "layers", "image", "load", "test", "push", ...image],
  defaults: ["layers", "image", "load", "test", "push", ...image],
  imageFields: image,
  image: rule,
  layer: [
    ...rule,
    "srcs",
    "deps",
    "files",
    "packageDir",
    "packageDirFile",
    "stripPrefix",
    "mode",
    "modes",
    "mtime",
    "portableMtime",
    "owner",
    "ownername",
    "owners",
    "ownernames",
    "extension",
    "symlinks",
    "emptyFiles",
    "emptyDirs",
    "includeRunfiles",
    "remapPaths",
    "compressor",
    "compressorArgs",
    "createParents",
    "allowDuplicatesFromDeps",
    "allowDuplicatesWithDifferentContent",
    "compressionLevel",
    "preserveMode",
    "preserveMtime",
    "out",
    "packageFileName",
    "packageVariables",
    "stamp",
    "crossBinary",
  ],
  load: [...rule, "repoTags", "manual", "image", "format", "loader"],
  structureTests,
  test: [...rule, ...structureTests, "image", "configs", "driver", "platform", "size", "timeout", "flaky", "args"],
  push: [...rule, "repository", "repositoryFile", "remoteTags", "stage", "image"],
} as const;

/** Properties that are no attributes of the rule, or that the caller makes into attributes itself. */
const handled: ReadonlySet<string> = new Set([
  "name",
  "comment",
  "attributes",
  "manual",
  "crossBinary",
  "stage",
  "layers",
  "package",
  "load",
  "test",
  "push",
  ...structureTests,
]);

/** `repoTags` to `repo_tags`. */
export function attributeName(key: string): string {
  return attributeNames.get(key) ?? snakeCase(key);
}

const attributeNames: ReadonlyMap<string, string> = new Map(
  Object.values(knownKeys).flatMap((keys) => keys.map((key) => [key, snakeCase(key)] as const)),
);

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Reports every key of the object that is not in `known`. */
export function checkKeys(
  object: Declared,
  known: readonly string[],
  what: string,
  path: PropertyPath,
  reporter: Reporter,
): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const meant = didYouMean(key, [...known, ...known.map(attributeName)]);
    const hint =
      meant === undefined
        ? `known are: ${known.join(", ")}`
        : `did you mean \`${known.find((k) => k === meant || attributeName(k) === meant)}\`?`;
    reporter.report("unknown-key", { key, what, hint }, [...path, key]);
  }
}

const ranks = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** The place of each property that is an attribute; asked for thousands of times, with a handful of lists. */
function ranksOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const known = ranks.get(keys);
  if (known) return known;
  const made = new Map(keys.flatMap((key, index) => (handled.has(key) ? [] : [[key, index] as const])));
  ranks.set(keys, made);
  return made;
}

/** The fields of a declared rule: its named properties by their Starlark names, then what `attributes` adds. */
export function declareFields(
  object: Declared,
  keys: readonly string[],
  path: PropertyPath,
  reporter: Reporter,
): readonly Field[] {
  const rankOf = ranksOf(keys);
  const present = Object.keys(object).filter((key) => rankOf.has(key) && object[key] !== undefined);
  const named = present
    .sort((a, b) => (rankOf.get(a) ?? 0) - (rankOf.get(b) ?? 0))
    .map(
      (key): Field => ({
        name: attributeName(key),
        ...(isStampable(key) ? lowerStamped : lowerItem)(object[key], [...path, key], reporter),
        path: [...path, key],
      }),
    );
  const extra = declareAttributes(object, path, reporter);
  for (const field of extra) {
    const twin = named.find((other) => other.name === field.name);
    if (twin)
      reporter.report("attribute-twice", { attribute: field.name, property: String(twin.path.at(-1)) }, field.path);
  }
  return [...named, ...extra];
}

/** The fields of `attributes`. */
export function declareAttributes(object: Declared, path: PropertyPath, reporter: Reporter): readonly Field[] {
  const { attributes } = object;
  if (attributes === undefined) return [];
  if (!isObject(attributes)) {
    reporter.report("wrong-type", { what: "attributes", expected: "an object", got: describe(attributes) }, [
      ...path,
      "attributes",
    ]);
    return [];
  }
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({
      name,
      ...lowerItem(value, [...path, "attributes", name], reporter),
      path: [...path, "attributes", name],
    }));
}

/** A property that must be a string when it is there. */
export function stringOf(object: Declared, key: string, path: PropertyPath, reporter: Reporter): string | undefined {
  return typed<string>(object, key, "string", path, reporter);
}

/** A property that must be a boolean when it is there. */
export function booleanOf(object: Declared, key: string, path: PropertyPath, reporter: Reporter): boolean | undefined {
  return typed<boolean>(object, key, "boolean", path, reporter);
}

function typed<T>(
  object: Declared,
  key: string,
  type: "string" | "boolean",
  path: PropertyPath,
  reporter: Reporter,
): T | undefined {
  const value = object[key];
  if (value === undefined || typeof value === type) return value as T | undefined;
  if (stampOf(value)) {
    reporter.report("stamp-misplaced", { what: key }, [...path, key]);
    return undefined;
  }
  reporter.report("wrong-type", { what: key, expected: `a ${type}`, got: describe(value) }, [...path, key]);
  return undefined;
}
