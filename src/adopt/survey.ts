/** What a repository says about its images as a whole: rulesets, bases, where kinds are loaded from. It becomes, or extends, the config. */
import { fileLabel } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Config, LoadSwap, Service } from "../model/index.ts";
import { isOurs } from "../outputs/index.ts";
import { type DeclaredConfig, declareConfiguration, pinsFilesOf } from "../pipeline/index.ts";
import { chooseRulesets, type Rulesets } from "../rulesets/index.ts";
import type { StarlarkFile } from "../starlark/read/index.ts";
import type { Declared } from "./declare-part.ts";
import type { ConfigAdditions } from "./edit-config.ts";
import type { BuildFile } from "./find-rules.ts";
import { deduceLoads } from "./kinds.ts";
import { type FoundPull, findPulls, isReplaceable, pinsText } from "./pulls.ts";
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

/** Surveys a repository; undefined with diagnostics when its rulesets cannot be had. */
export function surveyRepository(request: SurveyRequest): {
  readonly value: Survey | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { existing, builds, setup } = request;
  const pulls = [...setup].flatMap(([path, file]) => findPulls(path, file));
  const start = existing?.declared ?? declare(request.configFile, freshConfig(request, pulls));
  const rulesets = start && chooseRulesets(start.config);
  if (!start || !rulesets?.value) return { value: undefined, diagnostics: rulesets?.diagnostics ?? [] };
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
  return {
    value: {
      config,
      fresh,
      additions,
      instead: pinsFiles(config.config, [...bases, ...unpinned(pulls, start.config, setup)], setup),
      diagnostics: [...pulls.flatMap(refused(request)), ...twice(bases, config.config, setup)],
    },
    diagnostics: rulesets.diagnostics,
  };
}

function declare(file: string, config: Declared): DeclaredConfig | undefined {
  return declareConfiguration(file, config).value;
}

/** A config from nothing: the rulesets that are set up, else by what the files call their load rule. */
function freshConfig({ builds, setup }: SurveyRequest, pulls: readonly FoundPull[]): Declared {
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
    externalDeps: externalDeps(setup, pulls),
    ...repositoryPrefix(setup),
    ...sharedFiles(setup),
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

/** Where a file of people's stands in the way of ours, ours goes beside it. */
function sharedFiles(setup: SurveyRequest["setup"]): Declared {
  const taken = setup.get("dev/oci_deps.bzl");
  const isFree = !taken || isOurs(taken.text) || isReplaceable(taken, findPulls("dev/oci_deps.bzl", taken));
  return isFree ? {} : { files: { deps: "dev/image_bases.bzl" } };
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

/** The pulls that become bases: of each name the first, and in a narrowed run those that the files name. */
function newBases(request: SurveyRequest, pulls: readonly FoundPull[], config: Config): readonly NewBase[] {
  const known = new Set(config.bases.map(({ name }) => name));
  return pulls.filter((pull): pull is NewBase => {
    if (!pull.base || known.has(pull.name) || !isWanted(pull, request)) return false;
    known.add(pull.name);
    return true;
  });
}

/** Pulls that have the digest of a base which the config names and no pins file has. */
function unpinned(pulls: readonly FoundPull[], config: Config, setup: SurveyRequest["setup"]): readonly NewBase[] {
  const pins = pinsFilesOf(config).flatMap((path) => {
    const file = setup.get(path);
    return file ? findPulls(path, file).map(({ name }) => name) : [];
  });
  return pulls.filter((pull): pull is NewBase =>
    config.bases.some(
      ({ name, image, tag, digest }) =>
        name === pull.name &&
        digest === undefined &&
        !pins.includes(name) &&
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

function pinsFiles(
  config: Config,
  bases: readonly NewBase[],
  setup: SurveyRequest["setup"],
): ReadonlyMap<string, string> {
  if (bases.length === 0) return new Map();
  const files = pinsFilesOf(config).flatMap((path): readonly [string, string][] => {
    const file = setup.get(path);
    const isFree = !file || isOurs(file.text) || isReplaceable(file, findPulls(path, file));
    const callee = path === config.files.module ? "oci.pull" : "oci_pull";
    return isFree ? [[path, pinsText(file && isOurs(file.text) ? file.text : undefined, bases, callee)]] : [];
  });
  return new Map(files);
}

/** Pulls of new bases that stay where they are. */
function twice(bases: readonly NewBase[], config: Config, setup: SurveyRequest["setup"]): readonly Diagnostic[] {
  const pins = new Set(pinsFilesOf(config));
  return bases
    .filter(({ file }) => !pins.has(file) || !setup.has(file))
    .map(({ name, file, line, kind }) => {
      const own = kind === "oci.pull" ? config.files.module : config.files.deps;
      const next =
        kind === "oci.pull"
          ? `put include("${fileLabel(own)}") into MODULE.bazel, and delete this pull and its names in use_repo`
          : `in WORKSPACE, load("${fileLabel(own)}", "oci_deps") and call oci_deps(); then delete this call`;
      return diagnostic("import-base-twice", { base: name, pins: own, next }, at(file, line));
    });
}
