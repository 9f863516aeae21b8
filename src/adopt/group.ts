/** The rules of a package as services: which layers, loads, tests and pushes belong to which image. */
import { absoluteLabel } from "../bazel/index.ts";
import type { PropertyPath } from "../diagnostics/index.ts";
import type { Field, StructureTests } from "../model/index.ts";
import type { Rulesets } from "../rulesets/index.ts";
import type { StarlarkValue } from "../starlark/index.ts";
import type { Declared } from "./declare-part.ts";
import { type Draft, declareLayer, declareService, tarTarget } from "./declare-service.ts";
import { declareItem, withComments } from "./declare-value.ts";
import type { FoundRule } from "./find-rules.ts";
import { type Joined, joinParts } from "./join-parts.ts";
import { fieldOf, isTarTest, labelOf } from "./rule-fields.ts";

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

/** The kinds by what they are in a service. */
export const partOfKind: Readonly<Record<string, "image" | "layer" | "load" | "test" | "push">> = {
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
