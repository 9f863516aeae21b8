/** A group of rules as the object that declares them: names by convention left out, what the rulesets add taken off. */
import { commentedOf, type Field } from "../model/index.ts";
import { knownKeys, namesAround } from "../pipeline/index.ts";
import type { TarTarget } from "../rulesets/index.ts";
import { type Declared, declareFields, inOrder, partKeys } from "./declare-part.ts";
import { declareItem, declareValue, withComments } from "./declare-value.ts";
import type { FoundRule } from "./find-rules.ts";
import type { GroupContext, GroupedService } from "./group.ts";
import type { Joined } from "./join-parts.ts";
import { fieldOf, isTarTest, labelOf } from "./rule-fields.ts";

/** The rules of one service. */
export interface Draft {
  readonly image: Joined | undefined;
  readonly layers: readonly unknown[] | undefined;
  readonly layerRules: readonly Joined[];
  readonly loads: readonly Joined[];
  /** The filegroups that hand tarballs of these loads to tests, as the ruleset makes them. */
  readonly tars: readonly Joined[];
  readonly tests: readonly Joined[];
  readonly pushes: readonly Joined[];
}

/** Declares a service, and says where in it each rule went. */
export function declareService(draft: Draft, name: string, context: GroupContext): GroupedService {
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

/** A layer as an item of `layers`. */
export function declareLayer(rule: Joined, { rulesets }: GroupContext): Declared {
  const target = { keys: partKeys.layer, kind: "pkg_tar", chosen: rulesets.pkg.chosen };
  const { crossBinary } = rule;
  const own = { ...declareFields(rule.fields, target), ...(crossBinary !== undefined && { crossBinary }) };
  return inOrder({ name: rule.name, ...commentOf(rule), ...own }, knownKeys.layer);
}

function commentOf({ comment }: FoundRule): Declared {
  return comment === undefined ? {} : { comment };
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

/** Where a test with the tar driver finds the tarball of a load. */
export function tarTarget(load: FoundRule, { rulesets }: GroupContext): TarTarget {
  return rulesets.oci.tarOf({ name: load.name, fields: load.fields, path: [], manual: true });
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
