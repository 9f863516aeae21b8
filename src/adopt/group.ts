/** The rules of a package as services: which layers, loads, tests and pushes belong to which image, and what it all declares. */
import { absoluteLabel } from "../bazel/index.ts";
import type { PropertyPath } from "../diagnostics/index.ts";
import { commentedOf, configFile, type Field, type StructureTests } from "../model/index.ts";
import { knownKeys, namesAround } from "../pipeline/index.ts";
import type { Rulesets, TarTarget } from "../rulesets/index.ts";
import type { StarlarkValue } from "../starlark/index.ts";
import { type Declared, declareFields, inOrder, partKeys } from "./declare-part.ts";
import { declareItem, declareValue, withComments } from "./declare-value.ts";
import type { FoundRule } from "./find-rules.ts";

/** What grouping goes by. */
export interface GroupContext {
  /** Folder of the package, from the root. */
  readonly package: string;
  /** What the root is called, for services of the package that is the root. */
  readonly rootName: string;
  readonly rulesets: Rulesets;
  /** Names of the config's bases. */
  readonly bases: ReadonlySet<string>;
  /** Properties that the config's defaults give, which a service without such a part has to refuse. */
  readonly given: ReadonlySet<string>;
  /** Reports whether a kind comes from the repo's own file, and so gets nothing added. */
  readonly isSwapped: (kind: string) => boolean;
  /** Reports whether a call is the one that makes a short repository whole. */
  readonly isRepositoryFunction: (call: StarlarkValue & { kind: "call" }) => boolean;
  /** Typed tests by the name of their rule. */
  readonly tests: ReadonlyMap<string, StructureTests>;
  /** Names of services that the package has already. */
  readonly taken: ReadonlySet<string>;
}

/** A service to declare, and where in it each rule went. */
export interface GroupedService {
  readonly declared: Declared;
  readonly places: readonly { readonly rule: FoundRule; readonly path: PropertyPath }[];
}

/** A rule with what other rules do for it put back in, and those rules. */
interface Joined extends FoundRule {
  readonly parts: readonly FoundRule[];
  readonly crossBinary?: string;
}

interface Draft {
  readonly image: Joined | undefined;
  readonly layers: readonly unknown[] | undefined;
  readonly layerRules: readonly Joined[];
  readonly loads: readonly Joined[];
  /** The filegroups that hand tarballs of these loads to tests, as the ruleset makes them. */
  readonly tars: readonly Joined[];
  readonly tests: readonly Joined[];
  readonly pushes: readonly Joined[];
}

/**
 * Groups the rules of a package.
 *
 * - every image is a service; a layer belongs to the first image that has it among its tars by `":name"`
 * - loads, tests and pushes belong to the image that they name, a test also by the tarball of that image
 * - what is left, because its image is hand-written, elsewhere, or named by an expression, is one service without an image
 */
export function groupServices(found: readonly FoundRule[], context: GroupContext): readonly GroupedService[] {
  const drafts = draftServices(joinParts(found, context), context);
  const names = serviceNames(drafts, context);
  return drafts.map((draft, index) => declareService(draft, names[index] ?? "", context));
}

/** Puts the stamps of a file that a rule takes, and the binary that is rebuilt for a layer, back into the rule. */
function joinParts(rules: readonly FoundRule[], { rulesets }: GroupContext): readonly Joined[] {
  const free = rules.filter((rule) => rule.isPart && rule.comment === undefined);
  return rules.map((rule): Joined => {
    if (rule.kind === "pkg_tar") {
      const crossed = free.filter(({ kind }) => kind === "go_cross_binary");
      const rules = crossed.map(({ name, fields }) => ({ name, attributes: fields }));
      const found = rulesets.go.recognise(rule, rules);
      if (!found) return { ...rule, parts: [] };
      const parts = crossed.filter(({ name }) => name === found.rule);
      return { ...rule, fields: found.fields, parts, crossBinary: found.platform };
    }
    const parts: FoundRule[] = [];
    const fields = rule.fields.map((field) => {
      const name = rulesets.oci.stampedFileName(rule.name, field.name);
      const part = free.find((one) => one.kind === "expand_template" && one.name === name);
      if (!part || field.value.kind !== "string" || field.value.value !== `:${name}`) return field;
      const lines = rulesets.lib.recognise(name, part.fields);
      const joined = lines && rulesets.oci.joinStamps(field, lines);
      if (joined) parts.push(part);
      return joined ?? field;
    });
    return { ...rule, fields, parts };
  });
}

/** The kinds by what they are in a service. */
const partOfKind: Readonly<Record<string, "image" | "layer" | "load" | "test" | "push">> = {
  oci_image: "image",
  pkg_tar: "layer",
  oci_tarball: "load",
  oci_load: "load",
  container_structure_test: "test",
  oci_push: "push",
};

function draftServices(rules: readonly Joined[], context: GroupContext): readonly Draft[] {
  const of = (part: string) => rules.filter(({ kind }) => partOfKind[kind] === part);
  const free = new Map(of("layer").map((rule) => [rule.name, rule]));
  const loads = of("load");
  const absolute = (label: string | undefined) => absoluteLabel(label ?? "", context.package) ?? "";
  const owners = new Map(of("image").map((image) => [absolute(`:${image.name}`), image]));
  const ownerOf = (rule: Joined): Joined | undefined => {
    const image = absolute(labelOf(rule));
    const load = loads.find(({ name }) => [absolute(`:${name}`), absolute(`:${name}.tar`)].includes(image));
    return (
      owners.get(image) ?? (load && partOfKind[rule.kind] === "test" ? owners.get(absolute(labelOf(load))) : undefined)
    );
  };
  const around = (image: Joined | undefined) => {
    const own = loads.filter((rule) => ownerOf(rule) === image);
    const tests = of("test").filter((rule) => ownerOf(rule) === image);
    const tars = tarsOf(rules, own, tests, context);
    return { loads: own, tars, tests, pushes: of("push").filter((rule) => ownerOf(rule) === image) };
  };
  const drafts = of("image").map((image): Draft => {
    const { items, claimed } = claimLayers(image, free, context);
    return { image, layers: items, layerRules: claimed, ...around(image) };
  });
  const rest = around(undefined);
  const left = [...free.values()];
  if (left.length + rest.loads.length + rest.tests.length + rest.pushes.length === 0) return drafts;
  const layers = left.length === 0 ? undefined : left.map((rule) => declareLayer(rule, context));
  return [...drafts, { image: undefined, layers, layerRules: left, ...rest }];
}

function fieldOf(rule: FoundRule, name: string): Field | undefined {
  return rule.fields.find((field) => field.name === name);
}

function labelOf(rule: FoundRule): string | undefined {
  const image = fieldOf(rule, "image")?.value;
  return image?.kind === "string" ? image.value : undefined;
}

/** The items of an image's `tars`, with the layers that are made here in their places. */
function claimLayers(
  image: Joined,
  free: Map<string, Joined>,
  context: GroupContext,
): { readonly items: readonly unknown[] | undefined; readonly claimed: readonly Joined[] } {
  const tars = fieldOf(image, "tars");
  if (tars?.value.kind !== "list") return { items: undefined, claimed: [] };
  const claimed: Joined[] = [];
  const items = tars.value.items.map((item) => {
    const name = item.value.kind === "string" && item.value.value.startsWith(":") ? item.value.value.slice(1) : "";
    const rule = free.get(name);
    if (!rule) return declareItem(item);
    free.delete(name);
    claimed.push(rule);
    return withComments(declareLayer(rule, context), item.comments);
  });
  return { items, claimed };
}

function declareLayer(rule: Joined, { rulesets }: GroupContext): Declared {
  const target = { keys: partKeys.layer, kind: "pkg_tar", chosen: rulesets.pkg.chosen };
  const { crossBinary } = rule;
  const own = { ...declareFields(rule.fields, target), ...(crossBinary !== undefined && { crossBinary }) };
  return inOrder({ name: rule.name, ...commentOf(rule), ...own }, knownKeys.layer);
}

function commentOf({ comment }: FoundRule): Declared {
  return comment === undefined ? {} : { comment };
}

function declareService(draft: Draft, name: string, context: GroupContext): GroupedService {
  const { image, layers, loads, tests, pushes } = draft;
  const names = namesAround(image?.name ?? "image");
  const parts = {
    load: loads.map((rule) => declareLoad(rule, image, names.load, context)),
    test: tests.map((rule) => declareTest(rule, draft, names.test, context)),
    push: pushes.map((rule) => declarePush(rule, image, names.push, context)),
  };
  const declared = {
    name,
    ...(image ? declareImage(image, layers, context) : layers ? { layers } : {}),
    ...oneOrMany("load", parts.load, context),
    ...oneOrMany("test", parts.test, context),
    ...oneOrMany("push", parts.push, context),
    ...(!image &&
      ["base", "image", ...knownKeys.imageFields].some((key) => context.given.has(key)) && { image: false }),
  };
  return { declared: inOrder(declared, serviceOrder), places: placesOf(draft) };
}

const serviceOrder = ["base", "layers", ...knownKeys.imageFields, "image", "load", "test", "push"];

function oneOrMany(key: "load" | "test" | "push", parts: readonly Declared[], { given }: GroupContext): Declared {
  const [first, second] = parts;
  if (!first) return given.has(key) ? { [key]: false } : {};
  return { [key]: second ? parts : first };
}

function placesOf(draft: Draft): GroupedService["places"] {
  const { image, layers = [], layerRules, loads, tars, tests, pushes } = draft;
  const around = (key: string, rules: readonly Joined[]) =>
    rules.map((rule, index) => ({ rule, path: rules.length === 1 ? [key] : [key, index] }));
  const layerPlaces = layerRules.map((rule) => ({
    rule,
    path: ["layers", layers.findIndex((item) => isLayer(item, rule.name))],
  }));
  const places = [
    ...layerPlaces,
    ...around("load", loads),
    ...tars.map((rule) => ({ rule, path: ["load"] })),
    ...around("test", tests),
    ...around("push", pushes),
    // Last, because every other place of a service is below its path.
    ...(image ? [{ rule: image, path: [] }] : []),
  ];
  return places.flatMap(({ rule, path }) => [rule, ...rule.parts].map((one) => ({ rule: one, path })));
}

function isLayer(item: unknown, name: string): boolean {
  const inner = commentedOf(item)?.value ?? item;
  return typeof inner === "object" && inner !== null && (inner as Declared)["name"] === name;
}

function declareImage(image: FoundRule, layers: readonly unknown[] | undefined, context: GroupContext): Declared {
  const { rulesets, bases } = context;
  const chosen = rulesets.oci.chosen;
  const content: readonly string[] = knownKeys.imageFields;
  const tars = fieldOf(image, "tars");
  const base = fieldOf(image, "base");
  const rest = image.fields.filter((field) => field !== tars && field !== base);
  const all = declareFields(rest, { keys: [...content, ...knownKeys.image], kind: "oci_image", chosen });
  const own = Object.entries(all).filter(([key]) => content.includes(key));
  const target = inOrder(
    {
      ...(image.name === "image" ? {} : { name: image.name }),
      ...commentOf(image),
      ...Object.fromEntries(Object.entries(all).filter(([key]) => !content.includes(key))),
    },
    knownKeys.image,
  );
  const says = base || own.length > 0 || Object.keys(target).length > 0;
  return {
    ...(base && { base: declareBase(base, bases) }),
    ...(tars && { layers: layers ? withComments(layers, tars.comments) : declareItem(tars) }),
    ...Object.fromEntries(own),
    ...((Object.keys(target).length > 0 || !says) && { image: target }),
  };
}

/** A base of the config by its name, any other as the label that it is. */
function declareBase(field: Field, bases: ReadonlySet<string>): unknown {
  const { value, comments } = field;
  if (value.kind !== "string") return declareItem(field);
  const { value: label } = value;
  if (label.startsWith("@") && bases.has(label.slice(1))) return withComments(label.slice(1), comments);
  // A label without anything in front would be taken for the name of a base.
  return /^(?::|\/\/|@)/.test(label)
    ? declareItem(field)
    : withComments(declareValue({ kind: "expression", parts: [value] }), comments);
}

/** The attributes without the image, when that is the service's own and nothing is said of it. */
function withoutImage(fields: readonly Field[], own: string | undefined): readonly Field[] {
  return fields.filter(
    ({ name, value, comments }) =>
      name !== "image" || own === undefined || value.kind !== "string" || value.value !== own || comments.length > 0,
  );
}

function ownLabel(image: FoundRule | undefined): string | undefined {
  return image && `:${image.name}`;
}

function named(rule: FoundRule, convention: string): Declared {
  return { ...(rule.name === convention ? {} : { name: rule.name }), ...commentOf(rule) };
}

function declareLoad(
  rule: FoundRule,
  image: FoundRule | undefined,
  convention: string,
  { rulesets, isSwapped }: GroupContext,
): Declared {
  const { fields, manual } = isSwapped(rule.kind)
    ? { fields: rule.fields, manual: true }
    : rulesets.oci.recogniseLoad(rule.fields);
  const target = { keys: partKeys.load, kind: rule.kind, chosen: rulesets.oci.chosen };
  const properties = declareFields(withoutImage(fields, ownLabel(image)), target);
  return inOrder({ ...named(rule, convention), ...properties, ...(!manual && { manual }) }, knownKeys.load);
}

function declareTest(rule: FoundRule, draft: Draft, convention: string, context: GroupContext): Declared {
  const { rulesets, tests } = context;
  const typed = tests.get(rule.name);
  const fields = typed ? rulesets.structureTest.recognise(rule.name, rule.fields) : rule.fields;
  const target = {
    keys: partKeys.test,
    kind: "container_structure_test",
    chosen: rulesets.structureTest.chosen,
  };
  const properties = declareFields(withoutImage(fields, testedLabel(rule, draft, context)), target);
  return inOrder({ ...named(rule, convention), ...properties, ...typed }, knownKeys.test);
}

/** What the test's image is when the declaration leaves it out: with the tar driver, the tarball of the first load of the image. */
function testedLabel(rule: FoundRule, { image, loads, tars }: Draft, context: GroupContext): string | undefined {
  const own = ownLabel(image);
  if (!isTarTest(rule)) return own;
  const load = loads.find((candidate) => labelOf(candidate) === own);
  const target = load && tarTarget(load, context);
  return target?.rule && !tars.some((tar) => tar.name === target.rule?.name) ? undefined : target?.label;
}

/** Reports whether a test has the tar driver. */
export function isTarTest(rule: FoundRule): boolean {
  const driver = fieldOf(rule, "driver")?.value;
  return driver?.kind === "string" && driver.value === "tar";
}

function tarTarget(load: FoundRule, { rulesets }: GroupContext): TarTarget {
  return rulesets.oci.tarOf({ name: load.name, fields: load.fields, path: [], manual: true });
}

/** The filegroups that look just as the ruleset makes them for a test of one of the loads. */
function tarsOf(
  rules: readonly Joined[],
  loads: readonly Joined[],
  tests: readonly Joined[],
  context: GroupContext,
): readonly Joined[] {
  const tested = new Set(tests.filter(isTarTest).map(labelOf));
  const said = (fields: readonly Field[]) =>
    JSON.stringify(fields.map(({ name, value, comments }) => [name, value, comments]).sort());
  return loads.flatMap((load) => {
    const { label, rule: made } = tarTarget(load, context);
    if (!made || !tested.has(label)) return [];
    return rules.filter(
      (rule) =>
        rule.kind === made.kind &&
        rule.name === made.name &&
        rule.comment === undefined &&
        said(rule.fields) === said(made.attributes),
    );
  });
}

function declarePush(
  rule: FoundRule,
  image: FoundRule | undefined,
  conventions: ReturnType<typeof namesAround>["push"],
  { rulesets, isRepositoryFunction }: GroupContext,
): Declared {
  const isRelease = rule.name === conventions.release;
  const convention = isRelease ? conventions.release : conventions.candidate;
  const fields = rulesets.oci.recognisePush(rule.fields, isRepositoryFunction);
  const target = { keys: partKeys.push, kind: "oci_push", chosen: rulesets.oci.chosen };
  const properties = declareFields(withoutImage(fields, ownLabel(image)), target);
  return inOrder({ ...named(rule, convention), ...(isRelease && { stage: "release" }), ...properties }, knownKeys.push);
}

/**
 * Names for the services, which no rule carries: the folder for a single image or the one called `image`, else the image
 * without the word; what belongs to no image is the folder's, or called after what it is.
 */
function serviceNames(drafts: readonly Draft[], context: GroupContext): readonly string[] {
  const folder = context.package.split("/").at(-1) || context.rootName;
  const used = new Set(context.taken);
  return drafts.map((draft) => {
    const [wanted, ...others] = namesFor(draft, folder, drafts.length === 1);
    const candidates = [wanted, ...others, ...Array.from({ length: used.size + 1 }, (_, n) => `${wanted}_${n + 2}`)];
    const name = candidates.find((candidate) => !used.has(candidate)) as string;
    used.add(name);
    return name;
  });
}

function namesFor({ image, layers }: Draft, folder: string, isOnly: boolean): readonly [string, ...string[]] {
  if (!image) return isOnly ? [folder] : [layers ? `${folder}_layers` : `${folder}_more`];
  const short = image.name.replace(/[_.-]?image$|^image[_.-]/, "") || folder;
  return isOnly ? [folder, short, image.name] : [short, image.name];
}

/**
 * The config of a test that could be typed tests: the first one named, when it lies in the package. It stays a file when
 * typed tests would be written elsewhere, or when a comment would get lost.
 */
export function ownConfig(rule: FoundRule): { readonly name: string; readonly reason?: string } | undefined {
  const configs = fieldOf(rule, "configs");
  const first = configs?.value.kind === "list" ? configs.value.items[0] : undefined;
  if (!configs || first?.value.kind !== "string" || /^(?:@|\/\/)/.test(first.value.value)) return undefined;
  const { value: label } = first.value;
  const name = label.replace(/^:/, "");
  const wanted = configFile(rule.name);
  if (label !== wanted) return { name, reason: `typed tests of "${rule.name}" are written to ${wanted}` };
  const hasComment = configs.comments.length > 0 || first.comments.length > 0;
  return hasComment ? { name, reason: "a comment stands at its name" } : { name };
}
