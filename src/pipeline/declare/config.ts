import { isLoadLabel, isRepositoryName } from "../../bazel/index.ts";
import type { PropertyPath } from "../../diagnostics/index.ts";
import { imageName, isDigest, isPlatform, isTag, mirrored, parseImageReference } from "../../model/image-reference.ts";
import type { Base, Config, LoadSwap, SharedFiles } from "../../model/index.ts";
import { checkKeys, declareAttributes, knownKeys, stringOf } from "./fields.ts";
import { type Declared, describe, isObject, type Reporter } from "./report.ts";
import { isStampKey } from "./stamps.ts";

/** Turns the declared configuration into a {@link Config}; what is wrong is reported at its property. */
export function declareConfig(object: Declared, reporter: Reporter): Config {
  checkKeys(object, knownKeys.config, "the config", [], reporter);
  if (isObject(object["defaults"]))
    checkKeys(object["defaults"], knownKeys.defaults, "defaults", ["defaults"], reporter);
  const repositoryPrefix = declarePrefix(object, reporter);
  const buildifier = stringOf(object, "buildifier", [], reporter);
  const mirrors = declareMirrors(object["mirrors"], reporter);
  return {
    file: reporter.origin.file,
    rulesets: declareRulesets(object["rulesets"], reporter),
    externalDeps: declareExternalDeps(object["externalDeps"], reporter),
    bases: declareBases(object["bases"], mirrors, reporter),
    ...(repositoryPrefix !== undefined && { repositoryPrefix }),
    files: declareFiles(object["files"], reporter),
    loads: declareLoads(object["loads"], reporter),
    mirrors,
    insecure: stringsOf(object["insecure"], ["insecure"], reporter),
    mend: stringOf(object, "mend", [], reporter) ?? "npx gen-bazel-images",
    push: declarePush(object["push"], reporter),
    ...(buildifier !== undefined && { buildifier }),
    goStamps: declareGoStamps(object["goStamps"], reporter),
  };
}

function recordOf(value: unknown, what: string, reporter: Reporter): Declared {
  if (value === undefined) return {};
  if (isObject(value)) return value;
  reporter.report("wrong-type", { what, expected: "an object", got: describe(value) }, [what]);
  return {};
}

function stringsOf(value: unknown, path: PropertyPath, reporter: Reporter): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value;
  reporter.report(
    "wrong-type",
    { what: String(path.at(-1)), expected: "an array of strings", got: describe(value) },
    path,
  );
  return [];
}

function declareRulesets(value: unknown, reporter: Reporter): Config["rulesets"] {
  const object = recordOf(value, "rulesets", reporter);
  checkKeys(object, ["oci", "pkg", "structureTest", "lib", "go"], "rulesets", ["rulesets"], reporter);
  if (value === undefined) reporter.report("missing-key", { key: "rulesets", what: "the config" }, []);
  else if (object["oci"] === undefined) reporter.report("missing-key", { key: "oci", what: "rulesets" }, ["rulesets"]);
  const given = (["oci", "pkg", "structureTest", "lib", "go"] as const).map((key) => [
    key,
    stringOf(object, key, ["rulesets"], reporter),
  ]);
  return Object.fromEntries(given.filter(([, version]) => version !== undefined));
}

function declareExternalDeps(value: unknown, reporter: Reporter): Config["externalDeps"] {
  if (value === undefined || value === "workspace") return "workspace";
  if (value === "bzlmod" || value === "both") return value;
  const got = typeof value === "string" ? JSON.stringify(value) : describe(value);
  reporter.report("wrong-type", { what: "externalDeps", expected: '"workspace", "bzlmod" or "both"', got }, [
    "externalDeps",
  ]);
  return "workspace";
}

function declarePrefix(object: Declared, reporter: Reporter): string | undefined {
  const prefix = stringOf(object, "repositoryPrefix", [], reporter);
  if (prefix !== undefined && (prefix === "" || prefix.endsWith("/") || /[\s@]|:\/\//.test(prefix))) {
    reporter.report("repository-prefix-invalid", { prefix }, ["repositoryPrefix"]);
  }
  return prefix;
}

function declareBases(value: unknown, mirrors: Config["mirrors"], reporter: Reporter): readonly Base[] {
  const bases = recordOf(value, "bases", reporter);
  return Object.keys(bases)
    .sort()
    .flatMap((name) => declareBase(name, bases[name], mirrors, reporter));
}

function declareBase(name: string, object: unknown, mirrors: Config["mirrors"], reporter: Reporter): readonly Base[] {
  const path = ["bases", name];
  if (!isRepositoryName(name)) reporter.report("base-name-invalid", { name }, path);
  if (!isObject(object)) {
    reporter.report("wrong-type", { what: name, expected: "an object with `image`", got: describe(object) }, path);
    return [];
  }
  checkKeys(object, knownKeys.base, "a base", path, reporter);
  const image = declareImageName(object, path, mirrors, reporter);
  if (image === undefined) return [];
  const tag = checked(object, "tag", isTag, "tag-invalid", path, reporter);
  const digest = checked(object, "digest", isDigest, "digest-invalid", path, reporter);
  const comment = stringOf(object, "comment", path, reporter);
  const attributes = declareAttributes(object, path, reporter);
  for (const { name: attribute, path: at } of attributes) {
    if (namedAttributes.has(attribute)) reporter.report("attribute-twice", { attribute, property: attribute }, at);
  }
  return [
    {
      name,
      image,
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      platforms: declarePlatforms(object["platforms"], [...path, "platforms"], reporter),
      attributes,
      ...(comment !== undefined && { comment }),
    },
  ];
}

/** Attributes of a pull that a base says by properties, where they are validated. */
const namedAttributes: ReadonlySet<string> = new Set(["name", "image", "tag", "digest", "platforms"]);

function declareImageName(
  object: Declared,
  path: PropertyPath,
  mirrors: Config["mirrors"],
  reporter: Reporter,
): string | undefined {
  const image = stringOf(object, "image", path, reporter);
  if (image === undefined) {
    if (object["image"] === undefined) reporter.report("missing-key", { key: "image", what: "a base" }, path);
    return undefined;
  }
  const reference = parseImageReference(image);
  const problem =
    "problem" in reference
      ? reference.problem
      : (reference.tag ?? reference.digest)
        ? "tag and digest have properties of their own"
        : undefined;
  if (problem !== undefined) reporter.report("image-reference-invalid", { image, problem }, [...path, "image"]);
  return "problem" in reference ? image : imageName(mirrored(reference, mirrors));
}

function checked(
  object: Declared,
  key: "tag" | "digest",
  isValid: (text: string) => boolean,
  code: "tag-invalid" | "digest-invalid",
  path: PropertyPath,
  reporter: Reporter,
): string | undefined {
  const value = stringOf(object, key, path, reporter);
  if (value !== undefined && !isValid(value)) reporter.report(code, { value }, [...path, key]);
  return value;
}

function declarePlatforms(value: unknown, path: PropertyPath, reporter: Reporter): readonly string[] {
  const platforms = stringsOf(value, path, reporter);
  platforms.forEach((platform, index) => {
    if (!isPlatform(platform)) reporter.report("platform-invalid", { platform }, [...path, index]);
  });
  return platforms;
}

function declareFiles(value: unknown, reporter: Reporter): SharedFiles {
  const object = recordOf(value, "files", reporter);
  checkKeys(object, ["deps", "module", "defs"], "files", ["files"], reporter);
  const path = (key: keyof SharedFiles, fallback: string) => {
    const given = stringOf(object, key, ["files"], reporter) ?? fallback;
    if (given.startsWith("/") || given.split("/").includes(".."))
      reporter.report("package-outside-root", { package: given }, ["files", key]);
    return given;
  };
  return {
    deps: path("deps", "dev/oci_deps.bzl"),
    module: path("module", "dev/oci.MODULE.bazel"),
    defs: path("defs", "dev/oci_defs.bzl"),
  };
}

function declareLoads(value: unknown, reporter: Reporter): ReadonlyMap<string, LoadSwap> {
  const object = recordOf(value, "loads", reporter);
  const swaps = Object.keys(object).flatMap((kind): [string, LoadSwap][] => {
    const swap = declareSwap(kind, object[kind], reporter);
    return swap ? [[kind, swap]] : [];
  });
  return new Map(swaps);
}

function declareSwap(kind: string, value: unknown, reporter: Reporter): LoadSwap | undefined {
  const path = ["loads", kind];
  const object = typeof value === "string" ? { from: value } : value;
  if (!isObject(object) || typeof object["from"] !== "string") {
    reporter.report("wrong-type", { what: kind, expected: "a label or { from, symbol }", got: describe(value) }, path);
    return undefined;
  }
  checkKeys(object, ["from", "symbol"], "a load", path, reporter);
  if (!isLoadLabel(object["from"])) reporter.report("load-label-invalid", { label: object["from"] }, path);
  return { from: object["from"], symbol: stringOf(object, "symbol", path, reporter) ?? kind };
}

function declareGoStamps(value: unknown, reporter: Reporter): ReadonlyMap<string, string> {
  const object = recordOf(value, "goStamps", reporter);
  const stamps = Object.keys(object).flatMap((name): [string, string][] => {
    const path = ["goStamps", name];
    const key = stringOf(object, name, ["goStamps"], reporter);
    // The import path may have dots of its own: the name of the variable stands behind the last one.
    if (!/^[^\s"\\]+\.[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) reporter.report("go-stamp-invalid", { name }, path);
    if (key !== undefined && !isStampKey(key)) reporter.report("stamp-key-invalid", { key: JSON.stringify(key) }, path);
    return key === undefined ? [] : [[name, key]];
  });
  return new Map(stamps);
}

function declarePush(value: unknown, reporter: Reporter): Config["push"] {
  const object = recordOf(value, "push", reporter);
  checkKeys(object, ["branch"], "push", ["push"], reporter);
  return { branch: stringOf(object, "branch", ["push"], reporter) ?? "main" };
}

function declareMirrors(value: unknown, reporter: Reporter): Readonly<Record<string, string>> {
  const object = recordOf(value, "mirrors", reporter);
  const entries = Object.keys(object).flatMap((from): readonly (readonly [string, string])[] => {
    const to = stringOf(object, from, ["mirrors"], reporter);
    if (to === undefined) return [];
    for (const name of [from, to]) {
      const reference = parseImageReference(`${name}/image`);
      if ("problem" in reference) {
        reporter.report("image-reference-invalid", { image: name, problem: reference.problem }, ["mirrors", from]);
      }
    }
    return [[from, to]];
  });
  return Object.fromEntries(entries);
}

/** The service entries of the config: globs of declaration files, and inline services with their index. */
export function servicesOf(
  object: Declared,
  reporter: Reporter,
): {
  readonly globs: readonly string[];
  readonly inline: readonly { readonly service: unknown; readonly index: number }[];
} {
  const { services } = object;
  if (!Array.isArray(services)) {
    if (services === undefined) reporter.report("missing-key", { key: "services", what: "the config" }, []);
    else
      reporter.report(
        "wrong-type",
        { what: "services", expected: "an array of globs and services", got: describe(services) },
        ["services"],
      );
    return { globs: [], inline: [] };
  }
  const entries = services.map((service, index) => ({ service: service as unknown, index }));
  const isGlob = (entry: { service: unknown }): entry is { service: string; index: number } =>
    typeof entry.service === "string";
  return {
    globs: entries.filter(isGlob).map((entry) => entry.service),
    inline: entries.filter((entry) => !isGlob(entry)),
  };
}
