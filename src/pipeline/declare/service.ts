import { isLabel, isPackageName } from "../../bazel/index.ts";
import { didYouMean, type PropertyPath } from "../../diagnostics/index.ts";
import { commentedOf, type Field, type Part, type PushStage, type Service } from "../../model/index.ts";
import { type Comment, string } from "../../starlark/index.ts";
import { mergeDefaults } from "./defaults.ts";
import { checkKeys, declareFields, knownKeys } from "./fields.ts";
import { declareLayers, declareLoad, declarePart, declarePush, declareTest, partsOf } from "./parts.ts";
import { type Declared, describe, isObject, type Reporter } from "./report.ts";

/** What a service is declared against. */
export interface ServiceContext {
  readonly baseNames: readonly string[];
  /** The config's defaults: an object, or a function of the service. */
  readonly defaults: unknown;
  /** The folder of the declaration file; undefined for an inline service, which names its package. */
  readonly folder: string | undefined;
}

/** Turns one declared object into a service: defaults folded in, names made, shapes checked. Undefined when it has no name. */
export function declareService(object: Declared, context: ServiceContext, reporter: Reporter): Service | undefined {
  checkKeys(object, knownKeys.service, "a service", [], reporter);
  const name = declareServiceName(object, reporter);
  const pkg = declarePackage(object, context, reporter);
  const defaults = resolveDefaults(object, context.defaults, reporter);
  if (name === undefined || pkg === undefined || !defaults) return undefined;
  const merged = mergeDefaults(object, defaults);
  const { layers, tars } = declareLayers(merged["layers"], reporter);
  const image = declareImage(merged, tars, context, reporter);
  // Labels of tars made elsewhere are of no use without an image, so somebody forgot the base.
  if (!image && tars && layers.length === 0 && merged["image"] !== false)
    reporter.report("image-platform-missing", {}, ["layers"]);
  return {
    name,
    package: pkg,
    origin: reporter.origin,
    layers,
    ...(image && { image }),
    ...declareAround(merged, image, reporter),
  };
}

function declareServiceName(object: Declared, reporter: Reporter): string | undefined {
  const { name } = object;
  if (typeof name === "string" && name !== "") return name;
  if (name === undefined) reporter.report("missing-key", { key: "name", what: "a service" }, []);
  else
    reporter.report(
      "wrong-type",
      { what: "name", expected: "a string that is not empty", got: name === "" ? "an empty string" : describe(name) },
      ["name"],
    );
  return undefined;
}

function declarePackage(object: Declared, { folder }: ServiceContext, reporter: Reporter): string | undefined {
  const given = object["package"];
  if (folder !== undefined) {
    if (given !== undefined)
      reporter.report("package-in-declaration-file", { folder: folder === "" ? "." : folder }, ["package"]);
    else if (!isPackageName(folder)) reporter.report("package-invalid", { package: folder }, []);
    return folder;
  }
  if (typeof given !== "string") {
    reporter.report("package-missing", {}, given === undefined ? [] : ["package"]);
    return undefined;
  }
  if (given.startsWith("/") || /^[A-Za-z]:[\\/]/.test(given) || given.split("/").includes("..")) {
    reporter.report("package-outside-root", { package: given }, ["package"]);
    return undefined;
  }
  const pkg = given === "." ? "" : given;
  if (!isPackageName(pkg)) reporter.report("package-invalid", { package: given }, ["package"]);
  return pkg;
}

function resolveDefaults(object: Declared, defaults: unknown, reporter: Reporter): Declared | undefined {
  const given: unknown =
    typeof defaults === "function" ? callDefaults(defaults as DefaultsFunction, object, reporter) : (defaults ?? {});
  if (given === undefined) return {};
  if (!isObject(given)) {
    reporter.report("wrong-type", { what: "defaults", expected: "an object", got: describe(given) }, []);
    return undefined;
  }
  if (typeof defaults === "function") checkKeys(given, knownKeys.defaults, "defaults", [], reporter);
  return given;
}

type DefaultsFunction = (service: Declared) => unknown;

function callDefaults(defaults: DefaultsFunction, object: Declared, reporter: Reporter): unknown {
  try {
    return defaults(object);
  } catch (error) {
    reporter.report("defaults-threw", { message: error instanceof Error ? error.message : String(error) }, []);
    return undefined;
  }
}

const contentKeys = knownKeys.imageFields.filter((key) => key !== "base");

/** An image is there when it has a base or says anything about itself, unless `image: false` takes it away. */
function declareImage(
  merged: Declared,
  tars: Field | undefined,
  context: ServiceContext,
  reporter: Reporter,
): Part | undefined {
  const rule = merged["image"];
  if (rule === false) return undefined;
  if (rule === undefined && !knownKeys.imageFields.some((key) => merged[key] !== undefined)) return undefined;
  if (rule !== undefined && !isObject(rule)) {
    reporter.report("wrong-type", { what: "image", expected: "an object or false", got: describe(rule) }, ["image"]);
    return undefined;
  }
  const part = declarePart(rule ?? {}, "image", "image", ["image"], reporter);
  if (merged["cmd"] === "inherit" && merged["entrypoint"] !== undefined) reporter.report("cmd-cleared", {}, ["cmd"]);
  const content = withCmd(merged);
  const fields = declareFields(content, contentKeys, [], reporter);
  const base = declareBase(merged["base"], context.baseNames, reporter);
  const named = [...base, ...(tars ? [tars] : []), ...fields];
  for (const { name, path } of part.fields) {
    const twin = named.find((field) => field.name === name);
    if (twin) reporter.report("attribute-twice", { attribute: name, property: String(twin.path.at(-1)) }, path);
  }
  return { ...part, fields: [...named, ...part.fields] };
}

/** `cmd: "inherit"` is the same as leaving it out, `"none"` is an empty list. */
function withCmd(merged: Declared): Declared {
  const { cmd } = merged;
  if (cmd === "inherit") return { ...merged, cmd: undefined };
  return cmd === "none" ? { ...merged, cmd: [] } : merged;
}

function declareBase(value: unknown, baseNames: readonly string[], reporter: Reporter): readonly Field[] {
  const path: PropertyPath = ["base"];
  const wrapped = commentedOf(value);
  const inner = wrapped ? wrapped.value : value;
  if (typeof inner !== "string")
    return value === undefined ? [] : declareFields({ base: value }, ["base"], [], reporter);
  const field = (label: string, comments: readonly Comment[]): readonly Field[] => [
    { name: "base", value: string(label), comments, path },
  ];
  if (/^(?::|\/\/|@)/.test(inner)) {
    if (!isLabel(inner)) reporter.report("label-invalid", { label: inner }, path);
    return field(inner, wrapped?.comments ?? []);
  }
  if (!baseNames.includes(inner)) {
    const meant = didYouMean(inner, baseNames);
    const known = baseNames.length === 0 ? "the config declares no bases" : `known are: ${baseNames.join(", ")}`;
    reporter.report(
      "base-unknown",
      { base: inner, hint: meant === undefined ? known : `did you mean "${meant}"?` },
      path,
    );
  }
  return field(`@${inner}`, wrapped?.comments ?? []);
}

/** The names of the rules around an image, unless they are set. */
export function namesAround(image: string): {
  readonly load: string;
  readonly test: string;
  readonly push: Readonly<Record<PushStage, string>>;
} {
  const push = (stage: PushStage) =>
    image.includes("image") ? image.replace("image", `${stage}_push`) : `${image}_${stage}_push`;
  const pushes = { candidate: push("candidate"), release: push("release") };
  return { load: `${image}_tarball`, test: `${image}_test`, push: pushes };
}

function declareAround(
  merged: Declared,
  image: Part | undefined,
  reporter: Reporter,
): Pick<Service, "loads" | "tests" | "pushes"> {
  const x = image?.name ?? "image";
  const names = namesAround(x);
  const withImage = (object: Declared, path: PropertyPath): Declared => {
    if (object["image"] !== undefined) return object;
    if (!image) reporter.report("image-missing", { what: String(path[0]) }, path);
    return { ...object, image: `:${x}` };
  };
  const loads = partsOf(merged["load"], "load", reporter);
  const tests = partsOf(merged["test"], "test", reporter);
  const pushes = partsOf(merged["push"], "push", reporter);
  return {
    loads: loads.map(({ object, path }) => declareLoad(withImage(object, path), names.load, path, reporter)),
    tests: tests.map(({ object, path }) => declareTest(withImage(object, path), names.test, path, reporter)),
    pushes: pushes.map(({ object, path }) => declarePush(withImage(object, path), names.push, path, reporter)),
  };
}
