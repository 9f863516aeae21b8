/**
 * Services in, rules out: what each package's region should hold and which test configs stand beside it, by the rulesets
 * that the config chose. Checks attributes against the facts. Does not print, and knows nothing of files on disk.
 */
import { attributeOf, fileLabel, type Rule } from "../../bazel/index.ts";
import { type Diagnostic, diagnostic, type Result } from "../../diagnostics/index.ts";
import {
  type Config,
  groupBy,
  type LoadPart,
  type LoadSwap,
  type Part,
  type Project,
  type Service,
  type TestPart,
} from "../../model/index.ts";
import { type ChosenRuleset, checkRule, type Objection, type Rulesets, type TarTarget } from "../../rulesets/index.ts";
import { checkContent } from "./content.ts";

/**
 * The rules of one service, in the order of the region: layers as declared, image, load, test, push; each behind the rules
 * that make a file or binary for it.
 */
export interface ExpandedService {
  readonly service: Service;
  readonly rules: readonly Rule[];
}

/** What one package should hold. */
export interface ExpandedPackage {
  readonly package: string;
  readonly services: readonly ExpandedService[];
}

/** What expanding depends on. */
export interface ExpandOptions {
  readonly rulesets: Rulesets;
  /** `image_repository` is defined in the team's own file, so no prefix is needed. */
  readonly ownRepositoryFunction: boolean;
}

/** Expands every service of the project; packages come in the order of their names. */
export function expandServices(project: Project, options: ExpandOptions): Result<readonly ExpandedPackage[]> {
  const expanded = [...expandPackages(project, options)];
  return {
    value: expanded.map(({ value }) => value),
    diagnostics: [
      ...checkConfig(project.config, options.rulesets),
      ...expanded.flatMap(({ diagnostics }) => diagnostics),
    ],
  };
}

/** Expands package by package, each when it is asked for; of the config itself nothing is said. */
export function* expandPackages(project: Project, options: ExpandOptions): Iterable<Result<ExpandedPackage>> {
  for (const [name, own] of groupBy(project.services, (service) => service.package)) {
    const diagnostics: Diagnostic[] = [];
    const services = own.map((service): ExpandedService => {
      const { value, diagnostics: found } = expandService(service, project.config, options);
      diagnostics.push(...found);
      return { service, rules: value };
    });
    diagnostics.push(...checkDerivedNames(services, options.rulesets));
    yield { value: { package: name, services }, diagnostics };
  }
}

/** What the rulesets object to in the config. */
export function checkConfig(config: Config, rulesets: Rulesets): readonly Diagnostic[] {
  return [...checkLoads(config, rulesets), ...checkBases(config, rulesets)];
}

/** The kinds that the chosen rulesets emit, by which `loads` may swap them. */
export function emittedKinds({ oci }: Rulesets): readonly string[] {
  return ["pkg_tar", "oci_image", oci.loadKind, "container_structure_test", "oci_push", ...derivedKinds];
}

/** The kinds of rules that stand before another one, which takes what they make. */
const derivedKinds: readonly string[] = ["expand_template", "go_cross_binary"];

function isDerived({ kind }: Rule): boolean {
  return derivedKinds.includes(kind);
}

function checkLoads(config: Config, rulesets: Rulesets): readonly Diagnostic[] {
  const known = new Set([...emittedKinds(rulesets), "oci_tarball", "oci_load", "image_repository"]);
  return [...config.loads.keys()]
    .filter((kind) => !known.has(kind))
    .map((kind) =>
      diagnostic(
        "load-kind-unknown",
        { kind, hint: `known are: ${[...known].join(", ")}` },
        { kind: "property", file: config.file, path: ["loads", kind] },
      ),
    );
}

/** Checks the attributes of the bases against the facts of what they are pulled with. */
function checkBases({ file, bases, externalDeps }: Config, { oci }: Rulesets): readonly Diagnostic[] {
  const kinds = { workspace: ["oci_pull"], bzlmod: ["oci.pull"], both: ["oci_pull", "oci.pull"] }[externalDeps];
  return bases.flatMap(({ name, attributes }) =>
    kinds.flatMap((kind) =>
      checkRule({ kind, callee: kind, name, attributes, path: ["bases", name] }, oci.chosen, false)
        // Name and image are ours to print, whatever is mandatory.
        .filter(({ code }) => code !== "attribute-missing")
        .map(({ code, args, path }) => diagnostic(code, args, { kind: "property", file, path })),
    ),
  );
}

/** The swap for a kind; the two names of the load rule stand for each other, so that an upgrade keeps the swap. */
export function swapOf(kind: string, loads: ReadonlyMap<string, LoadSwap>): LoadSwap | undefined {
  if (loads.size === 0) return undefined;
  const twin = { oci_load: "oci_tarball", oci_tarball: "oci_load" }[kind];
  return loads.get(kind) ?? (twin === undefined ? undefined : loads.get(twin));
}

/** Rules and the ruleset that they are of. */
interface Section {
  readonly rules: readonly Rule[];
  readonly chosen: ChosenRuleset;
}

/** Names that we make up beside the declared ones must be free in the package; what was declared twice is reported before. */
function checkDerivedNames(services: readonly ExpandedService[], { lib }: Rulesets): readonly Diagnostic[] {
  if (!services.some(({ rules }) => rules.some(isDerived))) return [];
  const named = services.flatMap(({ service, rules }) => rules.map((rule) => ({ service, rule })));
  const declared = new Map(named.flatMap((one) => (isDerived(one.rule) ? [] : [[one.rule.name, one] as const])));
  return named.flatMap(({ service, rule }) => {
    if (!isDerived(rule)) return [];
    const names = rule.kind === "expand_template" ? lib.namesOf(rule) : [rule.name];
    const taken = names.flatMap((name) => declared.get(name) ?? [])[0];
    if (!taken) return [];
    const other = `"${taken.service.name}" in ${taken.service.origin.file}`;
    const args = { package: service.package, name: taken.rule.name, other };
    return [diagnostic("target-duplicate", args, { kind: "property", ...service.origin, path: rule.path })];
  });
}

function expandService(service: Service, config: Config, options: ExpandOptions): Result<readonly Rule[]> {
  const { oci, pkg, go } = options.rulesets;
  const tests = service.tests.map((part) => expandTest(part, service, options.rulesets));
  const testRules = uniqueRules(tests.flatMap((test) => test.rules));
  const sections = sectionsOf(service, testRules, config, options.rulesets);
  const rules = sections.flatMap((section) => section.rules);
  const plain = config.loads.size === 0 ? rules : rules.filter((rule) => !config.loads.has(rule.kind));
  const objections: readonly Objection[] = [
    ...sections.flatMap((section) =>
      section.rules.flatMap((rule) => checkRule(rule, section.chosen, swapOf(rule.kind, config.loads) !== undefined)),
    ),
    ...pkg.object(plain),
    ...oci.object(plain),
    ...service.layers.flatMap((part) => go.object(part)),
    ...tests.flatMap((test) => test.objections),
    ...checkContent(service, config, options.ownRepositoryFunction),
  ];
  const value = rules.map((rule) => loadRepositoryFunction(swapRule(rule, config), config));
  return {
    value,
    diagnostics: objections.map(({ code, args, path }) =>
      diagnostic(code, args, { kind: "property", ...service.origin, path }),
    ),
  };
}

/** The rules of a service in their order, by ruleset. */
function sectionsOf(
  service: Service,
  testRules: readonly Rule[],
  config: Config,
  { oci, pkg, structureTest, lib, go }: Rulesets,
): readonly Section[] {
  const loadSwapped = swapOf(oci.loadKind, config.loads) !== undefined;
  const ofOci = (...rules: readonly Rule[]): Section => ({ rules, chosen: oci.chosen });
  const stamped = (part: Part, emit: (part: Part) => Rule): readonly Section[] => {
    const { part: plain, files } = oci.splitStamps(part);
    return [{ rules: files.map(lib.file), chosen: lib.chosen }, ofOci(emit(plain))];
  };
  const layers = service.layers.flatMap((part): readonly Section[] => {
    const { layer, rule } = go.crossBinary(part);
    return [
      { rules: rule ? [rule] : [], chosen: go.chosen },
      { rules: [pkg.layer(layer)], chosen: pkg.chosen },
    ];
  });
  return [
    ...layers,
    ...(service.image ? stamped(service.image, oci.image) : []),
    ofOci(...service.loads.map((part) => oci.load(loadSwapped ? { ...part, manual: false } : part))),
    { rules: testRules, chosen: structureTest.chosen },
    ...service.pushes.flatMap((part) => stamped(part, oci.push)),
  ];
}

function expandTest(
  part: TestPart,
  { image: tested, loads }: Service,
  { oci, structureTest }: Rulesets,
): { rules: readonly Rule[]; objections: readonly Objection[] } {
  const image = part.fields.find((field) => field.name === "image");
  const driver = part.fields.find((field) => field.name === "driver");
  const isTar = driver?.value.kind === "string" && driver.value.value === "tar";
  const own = image?.value.kind === "string" && image.value.value.startsWith(":") ? image.value.value : undefined;
  const load = own === undefined ? undefined : loads.find((candidate) => imageOf(candidate) === own);
  const objections = [...structureTest.object(part)];
  // Any other label may be that of a .tar: the load itself, or one made elsewhere.
  const isImage = own !== undefined && own === `:${tested?.name}`;
  if (isTar && isImage && !load) objections.push({ code: "test-driver-tar-needs-load", args: {}, path: driver.path });
  const tar: TarTarget | undefined = isTar && load ? oci.tarOf(load) : undefined;
  return { rules: [...(tar?.rule ? [tar.rule] : []), structureTest.test(part, tar)], objections };
}

function imageOf(part: LoadPart): string | undefined {
  const image = part.fields.find((field) => field.name === "image");
  return image?.value.kind === "string" ? image.value.value : undefined;
}

/** Two tests with the tar driver share the filegroup that hands the tarball on. */
function uniqueRules(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(
    (rule, index) => rule.kind !== "filegroup" || rules.findIndex((other) => other.name === rule.name) === index,
  );
}

function swapRule(rule: Rule, config: Config): Rule {
  const swap = swapOf(rule.kind, config.loads);
  return swap ? { ...rule, callee: swap.symbol, load: swap } : rule;
}

/** Says where `image_repository` comes from: the generated file, the team's own under the same path, or `loads`. */
function loadRepositoryFunction(rule: Rule, config: Config): Rule {
  if (rule.kind !== "oci_push") return rule;
  const repository = attributeOf(rule, "repository");
  if (repository?.value.kind !== "call" || repository.value.callee !== "image_repository" || repository.value.load)
    return rule;
  const swap = config.loads.get("image_repository");
  const load = swap ?? { from: fileLabel(config.files.defs), symbol: "image_repository" };
  const value = { ...repository.value, callee: load.symbol, load };
  return {
    ...rule,
    attributes: rule.attributes.map((attribute) => (attribute === repository ? { ...attribute, value } : attribute)),
  };
}
