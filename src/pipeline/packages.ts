import { buildFilesIn, fileLabel, loadsOfRules, pathIn, printRule } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic, type Result } from "../diagnostics/index.ts";
import { alternativesOf, type KindFacts, type Rulesets } from "../rulesets/index.ts";
import { type LoadedSymbol, printValue } from "../starlark/index.ts";
import type { StarlarkReader } from "../starlark/read/index.ts";
import { type ExpandedPackage, emittedKinds, swapOf } from "./expand/index.ts";
import { type FormatRequest, formatAll } from "./format.ts";
import type { Ports, Snapshot } from "./index.ts";
import {
  findRegion,
  isUnchanged,
  type LoadNeed,
  type MergeRequest,
  mergeFile,
  mergeFirst,
  type WantedRegion,
} from "./merge/index.ts";
import { type Change, reviewChange } from "./review/index.ts";

/** The BUILD file of a package, as Bazel resolves it: BUILD.bazel before BUILD; undefined when it has none. */
export function buildFileOf(pkg: string, texts: Snapshot["texts"]): string | undefined {
  return buildFilesIn(pkg).find((path) => texts.get(path) !== undefined);
}

/**
 * The BUILD files of packages that will get their first region. Their syntax is buildifier's to judge, whatever the region
 * will be, so a caller may ask before anything is declared.
 */
export function firstTexts(packages: Iterable<string>, texts: Snapshot["texts"]): readonly FormatRequest[] {
  return [...packages].flatMap((pkg) => {
    const file = buildFileOf(pkg, texts);
    const text = file === undefined ? undefined : texts.get(file);
    return file === undefined || text === undefined || findRegion(text) ? [] : [{ file, type: "build", text }];
  });
}

// As many packages as are worth a run of buildifier.
const partSize = 250;

/** The values in parts that are worked on one after the other, each taken when its turn has come. */
export function* inParts<T>(values: Iterable<T>): Iterable<readonly T[]> {
  let part: T[] = [];
  for (const value of values) {
    part.push(value);
    if (part.length < partSize) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** The regions of some packages, formatted. */
export interface FormattedRegions {
  readonly bodies: readonly { readonly pkg: ExpandedPackage; readonly body: string }[];
  /** Packages whose region buildifier refuses, and what it says. */
  readonly refused: readonly ExpandedPackage[];
  readonly failures: readonly Diagnostic[];
  /** What is wrong with files that get their first region. */
  readonly problems: ReadonlyMap<string, Diagnostic>;
}

/** Prints the regions of the packages and has them formatted; a file that gets its first one is judged in the meantime. */
export async function formatRegions(
  packages: readonly ExpandedPackage[],
  snapshot: Snapshot,
  ports: Ports,
): Promise<FormattedRegions> {
  const active = packages.filter((pkg) => hasRules(pkg) && !snapshot.ignored.has(pkg.package));
  ports.enter?.("format");
  const requests = active.map((pkg) => ({
    file: fileFor(pkg.package, snapshot),
    type: "build" as const,
    text: printRules(pkg),
  }));
  const formatting = formatAll(requests, ports.format, (index, text) => ({
    pkg: active[index] as ExpandedPackage,
    body: text.trimEnd(),
  }));
  const firsts = firstTexts(
    active.map((pkg) => pkg.package),
    snapshot.texts,
  );
  const judging = syntaxProblems(firsts, ports);
  ports.enter?.("expand");
  const [{ value: bodies, diagnostics: failures }, problems] = await Promise.all([formatting, judging]);
  const formatted = new Set(bodies.map(({ pkg }) => pkg));
  return { bodies, refused: active.filter((pkg) => !formatted.has(pkg)), failures, problems };
}

function hasRules(pkg: ExpandedPackage): boolean {
  return pkg.services.some(({ rules }) => rules.length > 0);
}

/** Puts the region of every package into its BUILD file, part by part as they are formatted. */
export async function mergePackages(
  snapshot: Snapshot,
  packages: readonly ExpandedPackage[],
  parts: readonly Promise<FormattedRegions>[],
  rulesets: Rulesets,
  ports: Ports,
): Promise<Result<readonly Change[]>> {
  const context = mergeContext(snapshot, rulesets);
  const needOf = loadNeeds(rulesets);
  const mergePart = async (part: Promise<FormattedRegions>): Promise<readonly Merged[]> => {
    const { bodies, problems } = await part;
    ports.enter?.("merge");
    const requests = bodies.map(({ pkg, body }): MergeRequest => {
      const file = fileFor(pkg.package, snapshot);
      const text = snapshot.texts.get(file);
      return { file, text, wanted: wantedRegion(pkg, body, needOf), ...context(pkg.package) };
    });
    const merged = await mergeFiles(requests, problems, ports);
    ports.enter?.("format");
    return merged;
  };
  const merged = (await Promise.all(parts.map(mergePart))).flat();
  const formatted = await Promise.all(parts);
  const refused = formatted.flatMap((part) => part.refused);
  const failures = formatted.flatMap((part) => part.failures);
  const blamed = refused.length === 0 ? [] : await blameExpressions(refused, failures, ports);
  const ignored = packages.filter((pkg) => hasRules(pkg) && snapshot.ignored.has(pkg.package));
  const skipped = ignored.map((pkg): Diagnostic => {
    const first = pkg.services[0]?.service;
    const args = { package: pkg.package, reason: snapshot.ignored.get(pkg.package) ?? "" };
    return diagnostic("package-ignored", args, first && { kind: "property", ...first.origin, path: [] });
  });
  return {
    value: merged.map(({ change }) => change),
    diagnostics: [...blamed, ...merged.flatMap(({ diagnostics }) => diagnostics), ...skipped],
  };
}

/** Merges files; `early` tells what is wrong with those that get their first region. */
async function mergeFiles(
  requests: readonly MergeRequest[],
  early: ReadonlyMap<string, Diagnostic>,
  ports: Ports,
): Promise<readonly Merged[]> {
  const unchanged = new Set(requests.filter(isUnchanged));
  const late = requests.filter(
    (request) => !unchanged.has(request) && request.text !== undefined && findRegion(request.text),
  );
  const broken = late.length === 0 ? early : new Map([...early, ...(await syntaxProblems(late, ports))]);
  const merged: Merged[] = [];
  for (const request of requests) {
    const { file, text } = request;
    const first = unchanged.has(request) ? text : broken.has(file) ? undefined : mergeFirst(request);
    if (first === undefined) merged.push(mergeStale(request, broken.get(file), await ports.reader()));
    else merged.push({ change: reviewChange(file, text, first), diagnostics: [] });
  }
  return merged;
}

interface Merged {
  readonly change: Change;
  readonly diagnostics: readonly Diagnostic[];
}

function mergeStale(request: MergeRequest, problem: Diagnostic | undefined, reader: StarlarkReader): Merged {
  const { file, text } = request;
  const result = mergeFile(request, reader);
  if (problem && !result.diagnostics.some(({ code }) => code === "conflict-markers"))
    return { change: reviewChange(file, text, text), diagnostics: [problem] };
  return { change: reviewChange(file, text, result.text, notesOf(result)), diagnostics: result.diagnostics };
}

/** What a merge says about people's parts of the region. */
export function notesOf(result: {
  readonly moved: readonly string[];
  readonly removed: readonly string[];
}): readonly string[] {
  return [
    ...result.moved.map((what) => `moved below the region: ${what}`),
    ...result.removed.map((what) => `removed: ${what}`),
  ];
}

function fileFor(pkg: string, snapshot: Snapshot): string {
  return buildFileOf(pkg, snapshot.texts) ?? pathIn(pkg, "BUILD.bazel");
}

function printRules(pkg: ExpandedPackage): string {
  return `${pkg.services.flatMap(({ rules }) => rules.map(printRule)).join("\n\n")}\n`;
}

function wantedRegion(pkg: ExpandedPackage, body: string, needOf: (load: LoadedSymbol) => LoadNeed): WantedRegion {
  const rules = pkg.services.flatMap((service) => service.rules);
  return {
    body,
    sources: [...new Set(pkg.services.map(({ service }) => service.origin.file))].sort(),
    loads: [...new Set(loadsOfRules(rules).map(needOf))],
    names: rules.map((rule) => rule.name),
  };
}

/** Loads as what is needed, each made once: all packages need much the same. */
function loadNeeds(rulesets: Rulesets): (load: LoadedSymbol) => LoadNeed {
  const needs = new Map<string, LoadNeed>();
  return ({ from, symbol }) => {
    const key = `${from} ${symbol}`;
    const need = needs.get(key) ?? { from, symbol, alternatives: alternativesFor(symbol, from, rulesets) };
    needs.set(key, need);
    return need;
  };
}

function alternativesFor(symbol: string, from: string, rulesets: Rulesets): readonly string[] {
  const kinds = factsOf(symbol, rulesets);
  return kinds.filter((kind) => kind.load === from).flatMap(alternativesOf);
}

/** What the rulesets say of a kind. */
function factsOf(kind: string, rulesets: Rulesets): readonly KindFacts[] {
  return Object.values(rulesets).flatMap(({ chosen }) => chosen.facts.rules[kind] ?? []);
}

/** Labels under other names of a ruleset's repository, from which a region may have loaded before the config changed. */
const otherHomes: Readonly<Record<string, readonly string[]>> = {
  expand_template: ["@aspect_bazel_lib//lib:expand_template.bzl", "@bazel_lib//lib:expand_template.bzl"],
  go_cross_binary: ["@rules_go//go:def.bzl", "@io_bazel_rules_go//go:def.bzl"],
};

/** The parts of a merge request that say what is ours in this repository. */
export function mergeContext(
  snapshot: Snapshot,
  rulesets: Rulesets,
): (pkg: string) => Pick<MergeRequest, "emitted" | "kinds" | "isForeignSource"> {
  const { config, services } = snapshot.project;
  const emitted = new Map<string, readonly string[]>();
  const add = (symbol: string, from: string | null | undefined) => {
    if (from) emitted.set(symbol, [...new Set([...(emitted.get(symbol) ?? []), from])]);
  };
  const kinds = new Set<string>();
  for (const kind of [...emittedKinds(rulesets), "oci_tarball", "oci_load"]) {
    const [facts] = factsOf(kind, rulesets);
    add(kind, facts?.load ?? "@rules_oci//oci:defs.bzl");
    for (const label of otherHomes[kind] ?? []) add(kind, label);
    kinds.add(kind);
    const swap = swapOf(kind, config.loads);
    if (swap) {
      add(swap.symbol, swap.from);
      kinds.add(swap.symbol);
    }
  }
  const repository = config.loads.get("image_repository");
  add(repository?.symbol ?? "image_repository", repository?.from ?? fileLabel(config.files.defs));
  const packagesOf = new Map<string, Set<string>>();
  for (const service of services) {
    const packages = packagesOf.get(service.origin.file) ?? new Set();
    packagesOf.set(service.origin.file, packages.add(service.package));
  }
  for (const { package: pkg, facts } of snapshot.settled)
    for (const source of facts.sources) packagesOf.set(source, new Set([pkg]));
  return (pkg) => ({
    emitted,
    kinds,
    isForeignSource: (source) => source !== config.file && packagesOf.has(source) && !packagesOf.get(source)?.has(pkg),
  });
}

/** Whether a file that we would change parses is buildifier's verdict: the grammar that we read with is wider. */
async function syntaxProblems(
  stale: readonly Pick<MergeRequest, "file" | "text">[],
  ports: Ports,
): Promise<ReadonlyMap<string, Diagnostic>> {
  const present = stale.flatMap(({ file, text }) =>
    text === undefined ? [] : [{ file, type: "build" as const, text }],
  );
  const answers = await ports.format(present);
  return new Map(
    present.flatMap(({ file }, index) => {
      const answer = answers[index];
      if (!answer || "text" in answer) return [];
      return [
        [file, diagnostic("build-file-syntax", { file, detail: answer.problem }, at(file, answer.line))] as const,
      ];
    }),
  );
}

/** When buildifier refuses what we printed, a template of a declaration is no expression: says which. */
async function blameExpressions(
  packages: readonly ExpandedPackage[],
  failures: readonly Diagnostic[],
  ports: Ports,
): Promise<readonly Diagnostic[]> {
  const attributes = packages.flatMap((pkg) =>
    pkg.services.flatMap(({ service, rules }) =>
      rules.flatMap((rule) => rule.attributes.map((attribute) => ({ service, attribute }))),
    ),
  );
  const texts = attributes.map(({ service, attribute }) => ({
    file: service.origin.file,
    type: "build" as const,
    text: `value = [\n${printValue(attribute.value)},\n]\n`,
  }));
  const answers = await ports.format(texts);
  const blamed = attributes.flatMap(({ service, attribute }, index) => {
    const answer = answers[index];
    if (!answer || "text" in answer) return [];
    const place = { kind: "property", ...service.origin, path: attribute.path } as const;
    return [diagnostic("expression-syntax", { detail: answer.problem }, place)];
  });
  return blamed.length > 0 ? blamed : failures;
}
