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

/** A property that is an attribute. */
interface NamedAttribute {
  readonly key: string;
  readonly name: string;
  /** Its place among the attributes of a rule. */
  readonly rank: number;
  readonly lower: typeof lowerStamped;
}

const attributesByKeys = new WeakMap<readonly string[], ReadonlyMap<string, NamedAttribute>>();

/** Those of the properties that are attributes; asked for thousands of times, with a handful of lists. */
function attributesAmong(keys: readonly string[]): ReadonlyMap<string, NamedAttribute> {
  const known = attributesByKeys.get(keys);
  if (known) return known;
  const attributes = keys
    .filter((key) => !handled.has(key))
    .map((key, rank) => ({
      key,
      name: attributeName(key),
      rank,
      lower: isStampable(key) ? lowerStamped : lowerItem,
    }));
  const made = new Map(attributes.map((attribute) => [attribute.key, attribute]));
  attributesByKeys.set(keys, made);
  return made;
}

/** The fields of a declared rule: its named properties by their Starlark names, then what `attributes` adds. */
export function declareFields(
  object: Declared,
  keys: readonly string[],
  path: PropertyPath,
  reporter: Reporter,
): readonly Field[] {
  const attributes = attributesAmong(keys);
  const present: NamedAttribute[] = [];
  for (const key of Object.keys(object)) {
    const attribute = attributes.get(key);
    if (attribute && object[key] !== undefined) present.push(attribute);
  }
  const named = present.sort(byRank).map(({ key, name, lower }) => {
    const place = [...path, key];
    return fieldOf(name, lower(object[key], place, reporter), place);
  });
  const extra = declareAttributes(object, path, reporter);
  if (extra.length === 0) return named;
  for (const field of extra) {
    const twin = named.find((other) => other.name === field.name);
    if (twin)
      reporter.report("attribute-twice", { attribute: field.name, property: String(twin.path.at(-1)) }, field.path);
  }
  return [...named, ...extra];
}

function byRank(a: NamedAttribute, b: NamedAttribute): number {
  return a.rank - b.rank;
}

function fieldOf(
  name: string,
  { value, stamped, comments }: Pick<Field, "value" | "stamped" | "comments">,
  path: PropertyPath,
): Field {
  return stamped ? { name, value, stamped, comments, path } : { name, value, comments, path };
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
    .map(([name, value]) => {
      const place = [...path, "attributes", name];
      return fieldOf(name, lowerItem(value, place, reporter), place);
    });
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
