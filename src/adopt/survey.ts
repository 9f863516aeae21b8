/** What a repository says about its images as a whole: rulesets, bases, where kinds are loaded from. It becomes, or extends, the config. */
import { fileLabel } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Base, Config, LoadSwap, Service } from "../model/index.ts";
import { isOurs } from "../outputs/index.ts";
import { type DeclaredConfig, declareConfiguration, pinsFilesOf } from "../pipeline/index.ts";
import { chooseRulesets, type Rulesets } from "../rulesets/index.ts";
import type { StarlarkFile } from "../starlark/read/index.ts";
import type { Declared } from "./declare-part.ts";
import type { ConfigAdditions } from "./edit-config.ts";
import type { BuildFile } from "./find-rules.ts";
import { deduceLoads } from "./kinds.ts";
import { type FoundPull, findPulls, isSamePull, pinsText, reasonToKeep, settlePulls } from "./pulls.ts";
import { findVersions } from "./versions.ts";

/** What a survey looks at. */
export interface SurveyRequest {
  /** The config's path, from the root. */
  readonly configFile: string;
  /** The config that is there, with what its declarations declare. */
  readonly existing: { readonly declared: DeclaredConfig; readonly services: readonly Service[] } | undefined;
  readonly builds: readonly BuildFile[];
  /** WORKSPACE, MODULE and .bzl files, by path from the root. */
  readonly setup: ReadonlyMap<string, StarlarkFile>;
  /** Globs that the declaration files to write need. */
  readonly globs: readonly string[];
  /** Takes the bases that nothing uses, too. */
  readonly whole: boolean;
}

/** The config as it should be. */
export interface Survey {
  readonly config: DeclaredConfig;
  /** The object to declare when there is no config. */
  readonly fresh: Declared | undefined;
  /** What to add when there is one. */
  readonly additions: ConfigAdditions;
  /** Pins files for the plan to read the digests from. */
  readonly instead: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The pulls of a repository. */
interface Pulls {
  readonly all: readonly FoundPull[];
  /** Those that count, of each base one, and what is in the way of others. */
  readonly settled: readonly FoundPull[];
}

/** Surveys a repository; undefined with diagnostics when its rulesets or its pins file cannot be had. */
export function surveyRepository(request: SurveyRequest): {
  readonly value: Survey | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { existing, builds } = request;
  const pulls = pullsOf(request);
  const start = existing?.declared ?? declare(request.configFile, freshConfig(request, pulls));
  const rulesets = start && chooseRulesets(start.config);
  if (!start || !rulesets?.value) return { value: undefined, diagnostics: rulesets?.diagnostics ?? [] };
  const inTheWay = existing ? foreignPins(request, pulls, start.config) : [];
  if (inTheWay.length > 0) return { value: undefined, diagnostics: inTheWay };
  const loads = deduceLoads(builds, rulesets.value, settledKinds(request, rulesets.value), start.config);
  const bases = newBases(request, pulls, start.config);
  const additions: ConfigAdditions = {
    bases: Object.fromEntries(bases.map(({ name, base }) => [name, base])),
    loads: Object.fromEntries([...loads].map(([kind, swap]) => [kind, declareSwap(kind, swap)])),
    services: request.globs,
  };
  const fresh = existing ? undefined : withAdditions(freshConfig(request, pulls), additions);
  const config = fresh ? declare(request.configFile, fresh) : extend(start, additions, request.configFile);
  if (!config) return { value: undefined, diagnostics: [] };
  const pinned = [...bases, ...unpinned(request, pulls, start.config)];
  return {
    value: {
      config,
      fresh,
      additions,
      instead: pinsFiles(request, pulls, config.config, pinned),
      diagnostics: [...pulls.settled.flatMap(refused(request)), ...twice(bases, pulls, config.config)],
    },
    diagnostics: rulesets.diagnostics,
  };
}

function pullsOf({ setup, existing }: SurveyRequest): Pulls {
  const all = [...setup].flatMap(([path, file]) => findPulls(path, file));
  const favourite = new Set(existing ? pinsFilesOf(existing.declared.config) : Object.values(usualPins));
  return { all, settled: settlePulls(all, setup, favourite) };
}

/** The pins files of a config that names none. */
export const usualPins = { deps: "dev/oci_deps.bzl", module: "dev/oci.MODULE.bazel" };

const pinsBeside = { deps: "dev/image_bases.bzl", module: "dev/image_bases.MODULE.bazel" };

/** What is to become of a pins file: nobody's or ours, people's that ours can replace, or why it stays. */
function stateOf(
  path: string,
  { setup, existing }: SurveyRequest,
  pulls: Pulls,
): "free" | "replaceable" | { readonly reason: string } {
  const file = setup.get(path);
  if (!file || isOurs(file.text)) return "free";
  const reason = reasonToKeep(path, file) ?? lostPull(findPulls(path, file), pulls, existing?.declared);
  return reason === undefined ? "replaceable" : { reason };
}

/** Why a pull would not come back as it is once its file is replaced. */
function lostPull(
  own: readonly FoundPull[],
  { settled }: Pulls,
  existing: DeclaredConfig | undefined,
): string | undefined {
  const declared = new Map(existing?.config.bases.map((base) => [base.name, base]));
  for (const pull of own) {
    const base = declared.get(pull.name);
    if (base && existing && !isDeclaredAs(pull, base, existing))
      return `"${pull.name}" is pulled otherwise than \`bases\` of ${existing.config.file} says`;
    if (base?.digest === undefined && !settled.some((one) => one.name === pull.name && isSamePull(one, pull)))
      return `"${pull.name}" is pulled otherwise elsewhere`;
  }
  return undefined;
}

/** Reports whether the config says of a base what its pull says; tag and digest may be left to the pull. */
function isDeclaredAs(pull: FoundPull, base: Base, { config }: DeclaredConfig): boolean {
  const bases = { [pull.name]: { ...pull.base, digest: pull.digest } };
  const [said] = declare(config.file, { rulesets: config.rulesets, bases, services: [] })?.config.bases ?? [];
  const isSaid = (key: keyof Base) => JSON.stringify(base[key]) === JSON.stringify(said?.[key]);
  return (
    (["image", "platforms", "attributes", "comment"] as const).every(isSaid) &&
    (["tag", "digest"] as const).every((key) => base[key] === undefined || isSaid(key))
  );
}

/** Pins files of the config that there is which are people's and cannot be replaced. */
function foreignPins(request: SurveyRequest, pulls: Pulls, config: Config): readonly Diagnostic[] {
  return pinsFilesOf(config).flatMap((path) => {
    const state = stateOf(path, request, pulls);
    if (typeof state === "string") return [];
    const key = path === config.files.module ? "module" : "deps";
    const beside = `${key}: "${pinsBeside[key]}"`;
    return [diagnostic("import-pins", { file: path, config: config.file, beside, reason: state.reason }, at(path))];
  });
}

function declare(file: string, config: Declared): DeclaredConfig | undefined {
  return declareConfiguration(file, config).value;
}

/** A config from nothing: the rulesets that are set up, else by what the files call their load rule. */
function freshConfig(request: SurveyRequest, pulls: Pulls): Declared {
  const { builds, setup } = request;
  const loaded = new Set(
    builds.flatMap(({ file }) =>
      file.statements.flatMap((one) => (one.kind === "load" ? one.symbols.map(({ symbol }) => symbol) : [])),
    ),
  );
  const guess = loaded.has("oci_tarball") && !loaded.has("oci_load") ? "rules_oci@1" : "rules_oci@2";
  const versions = { oci: guess, ...findVersions(setup.values()) };
  const rulesets = Object.entries(versions).filter(([family, version]) => family === "oci" || isKnown(family, version));
  return {
    rulesets: Object.fromEntries(rulesets),
    externalDeps: externalDeps(setup, pulls.all),
    ...repositoryPrefix(setup),
    ...sharedFiles(request, pulls),
  };
}

/** A generated `image_repository` whose config is gone says what its prefix was. */
function repositoryPrefix(setup: SurveyRequest["setup"]): Declared {
  const defs = setup.get("dev/oci_defs.bzl");
  const [returned] = /return "[^"\n]*" \+ "\/" \+ name/.exec(defs && isOurs(defs.text) ? defs.text : "") ?? [];
  return returned === undefined ? {} : { repositoryPrefix: returned.split('"')[1] };
}

function isKnown(family: string, version: string): boolean {
  const config = declare("", { rulesets: { oci: "rules_oci@2", [family]: version }, services: [] });
  return config !== undefined && chooseRulesets(config.config).value !== undefined;
}

function externalDeps(setup: SurveyRequest["setup"], pulls: readonly FoundPull[]): string {
  const kinds = new Set(pulls.map(({ kind }) => kind));
  if (kinds.size === 2) return "both";
  if (kinds.size === 1) return kinds.has("oci.pull") ? "bzlmod" : "workspace";
  return setup.has("MODULE.bazel") && !setup.has("WORKSPACE") && !setup.has("WORKSPACE.bazel") ? "bzlmod" : "workspace";
}

/** Where files of people's stand in the way of ours, ours go beside them. */
function sharedFiles(request: SurveyRequest, pulls: Pulls): Declared {
  const taken = Object.entries(usualPins).filter(([, path]) => typeof stateOf(path, request, pulls) !== "string");
  const files = taken.map(([key]) => [key, pinsBeside[key as keyof typeof pinsBeside]]);
  return files.length === 0 ? {} : { files: Object.fromEntries(files) };
}

function withAdditions(config: Declared, { bases, loads, services }: ConfigAdditions): Declared {
  const { rulesets, externalDeps: deps, ...rest } = config;
  return {
    rulesets,
    externalDeps: deps,
    ...(Object.keys(bases).length > 0 && { bases }),
    services,
    ...(Object.keys(loads).length > 0 && { loads }),
    ...rest,
  };
}

/** The declared config with what is added to its text. */
function extend(
  start: DeclaredConfig,
  { bases, loads, services }: ConfigAdditions,
  file: string,
): DeclaredConfig | undefined {
  const added = declare(file, { rulesets: start.config.rulesets, bases, loads, services });
  if (!added) return undefined;
  const all = [...start.config.bases, ...added.config.bases].sort((a, b) => (a.name < b.name ? -1 : 1));
  const config = { ...start.config, bases: all, loads: new Map([...start.config.loads, ...added.config.loads]) };
  return { ...start, config, globs: [...start.globs, ...added.globs] };
}

function declareSwap(kind: string, { from, symbol }: LoadSwap): string | Declared {
  return symbol === kind ? from : { from, symbol };
}

/** The kinds of which it is decided where they come from: the config says so, or declared services use them. */
function settledKinds({ existing }: SurveyRequest, { oci }: Rulesets): ReadonlySet<string> {
  const services = existing?.services ?? [];
  const named = [...(existing?.declared.config.loads.keys() ?? [])];
  const loads = named.some((kind) => kind === "oci_load" || kind === "oci_tarball");
  return new Set([
    ...named,
    ...(services.some(({ layers }) => layers.length > 0) ? ["pkg_tar"] : []),
    ...(services.some(({ image }) => image) ? ["oci_image"] : []),
    ...(loads || services.some((service) => service.loads.length > 0) ? [oci.loadKind] : []),
    ...(services.some(({ tests }) => tests.length > 0) ? ["container_structure_test"] : []),
    ...(services.some(({ pushes }) => pushes.length > 0) ? ["oci_push"] : []),
  ]);
}

type NewBase = FoundPull & { readonly base: NonNullable<FoundPull["base"]> };

/** The pulls that become bases: in a narrowed run those that the files name, and those whose file is written anew. */
function newBases(request: SurveyRequest, pulls: Pulls, config: Config): readonly NewBase[] {
  const known = new Set(config.bases.map(({ name }) => name));
  const renewed = renewedPulls(request, pulls, config);
  return pulls.settled.filter(
    (pull): pull is NewBase =>
      pull.base !== undefined && !known.has(pull.name) && (renewed.has(pull.name) || isWanted(pull, request)),
  );
}

/** The names of the pulls that a pins file has and would lose; what no config of ours says any more is out of ours. */
function renewedPulls(request: SurveyRequest, pulls: Pulls, config: Config): ReadonlySet<string> {
  const renewed = pinsFilesOf(config).filter((path) => {
    const state = stateOf(path, request, pulls);
    return state === "replaceable" || (state === "free" && !request.existing);
  });
  return new Set(pulls.all.filter(({ file }) => renewed.includes(file)).map(({ name }) => name));
}

/** Pulls that have the digest of a base which the config names and no pins file of ours has. */
function unpinned({ setup }: SurveyRequest, { all, settled }: Pulls, config: Config): readonly NewBase[] {
  const ours = pinsFilesOf(config).filter((path) => isOurs(setup.get(path)?.text ?? ""));
  const pins = new Set(all.filter(({ file }) => ours.includes(file)).map(({ name }) => name));
  return settled.filter((pull): pull is NewBase =>
    config.bases.some(
      ({ name, image, tag, digest }) =>
        name === pull.name &&
        digest === undefined &&
        !pins.has(name) &&
        pull.base?.image === image &&
        (tag === undefined || pull.base.tag === tag),
    ),
  );
}

function isWanted({ name }: FoundPull, { whole, builds }: SurveyRequest): boolean {
  return whole || builds.some(({ file }) => file.strings.some(({ value }) => value === `@${name}`));
}

function refused(request: SurveyRequest): (pull: FoundPull) => readonly Diagnostic[] {
  const known = new Set(request.existing?.declared.config.bases.map(({ name }) => name));
  return (pull) =>
    pull.problem && !known.has(pull.name) && isWanted(pull, request)
      ? [diagnostic(pull.problem.code, pull.problem.args, at(pull.file, pull.line))]
      : [];
}

/** The pins files as the plan is to read them: ours with new digests, and in place of people's that ours replace. */
function pinsFiles(
  request: SurveyRequest,
  pulls: Pulls,
  config: Config,
  bases: readonly NewBase[],
): ReadonlyMap<string, string> {
  const files = pinsFilesOf(config).flatMap((path): readonly [string, string][] => {
    const state = stateOf(path, request, pulls);
    if (typeof state !== "string" || (state === "free" && bases.length === 0)) return [];
    const callee = path === config.files.module ? "oci.pull" : "oci_pull";
    const before = state === "free" ? request.setup.get(path)?.text : undefined;
    return [[path, pinsText(before, bases, callee)]];
  });
  return new Map(files);
}

/** Pulls of new bases that stay where they are. */
function twice(bases: readonly NewBase[], { all }: Pulls, config: Config): readonly Diagnostic[] {
  const pins = new Set(pinsFilesOf(config));
  const names = new Set(bases.map(({ name }) => name));
  return all
    .filter(({ name, file }) => names.has(name) && !pins.has(file))
    .map(({ name, file, line, kind }) => {
      const own = kind === "oci.pull" ? config.files.module : config.files.deps;
      const next =
        kind === "oci.pull"
          ? `put include("${fileLabel(own)}") into MODULE.bazel, and delete this pull and its names in use_repo`
          : `in WORKSPACE, load("${fileLabel(own)}", "oci_deps") and call oci_deps(); then delete this call`;
      return diagnostic("import-base-twice", { base: name, pins: own, next }, at(file, line));
    });
}
