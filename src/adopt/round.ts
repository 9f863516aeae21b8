/** One try at an import: what would be declared, what that gives, and what of it is not as it was. */
import { fileLabel, isBuildFile, pathIn } from "../bazel/index.ts";
import type { Diagnostic } from "../diagnostics/index.ts";
import type { Config, StructureTests } from "../model/index.ts";
import { withoutHeader } from "../outputs/index.ts";
import {
  type Change,
  type DeclarationFile,
  declareProject,
  type ExpandedPackage,
  knownKeys,
  type Ports,
  plan,
  swapOf,
} from "../pipeline/index.ts";
import { sameLabel } from "../pipeline/merge/index.ts";
import type { Rulesets } from "../rulesets/index.ts";
import type { StarlarkValue } from "../starlark/index.ts";
import type { StarlarkReader } from "../starlark/read/index.ts";
import type { FoundRule, Remaining } from "./find-rules.ts";
import { type GroupedService, groupServices } from "./group.ts";
import type { AdoptedFile, AdoptRequest } from "./index.ts";
import { isTarTest, ownConfig } from "./rule-fields.ts";
import { takeOut } from "./take-out.ts";
import { readTestConfig } from "./test-config.ts";
import type { Verdicts } from "./verdicts.ts";

/** A package in a round. */
export interface Attempt extends AdoptedFile {
  readonly verdicts: Verdicts;
  readonly services: readonly GroupedService[];
  /** The rules that go from the hand-written part into the region. */
  readonly taken: readonly FoundRule[];
  /** Those of them that declarations which are there declare already. */
  readonly declared: readonly FoundRule[];
}

/** A package that is looked at, with its rules. */
export interface Candidate extends AdoptedFile {
  readonly rules: readonly FoundRule[];
  /** What cannot be taken whatever is tried. */
  readonly remaining: readonly Remaining[];
  readonly verdicts: Verdicts;
}

/** Groups what is still to be imported, beside the services that are declared already. */
export function attempt(
  candidates: readonly Candidate[],
  existing: readonly ExpandedPackage[],
  request: AdoptRequest,
  rulesets: Rulesets,
): readonly Attempt[] {
  return candidates
    .filter(({ verdicts }) => !verdicts.failed)
    .map((candidate) => attemptPackage(candidate, existing, request, rulesets))
    .filter(({ taken }) => taken.length > 0);
}

function attemptPackage(
  candidate: Candidate,
  existing: readonly ExpandedPackage[],
  request: AdoptRequest,
  rulesets: Rulesets,
): Attempt {
  const { config, defaults } = request.config;
  const own = existing.find((one) => one.package === candidate.package)?.services ?? [];
  const names = new Set(own.flatMap((one) => one.rules.map(({ name }) => name)));
  const rules = candidate.rules.filter(({ name }) => !candidate.verdicts.excluded.has(name));
  const declared = rules.filter(({ name }) => names.has(name));
  const services = groupServices(
    rules.filter((rule) => !declared.includes(rule)),
    {
      package: candidate.package,
      rootName: request.rootName,
      rulesets,
      bases: new Set(config.bases.map(({ name }) => name)),
      given: givenBy(defaults),
      isSwapped: (kind) => swapOf(kind, config.loads) !== undefined,
      isRepositoryFunction: (call) => isRepositoryFunction(call, candidate.path, config),
      tests: typedTests(rules, candidate, request),
      taken: new Set(own.map(({ service }) => service.name)),
    },
  );
  const fresh = services.flatMap(({ places }) => places.map(({ rule }) => rule));
  return { ...candidate, services, taken: [...fresh, ...declared], declared };
}

/** What defaults may give; of a function nobody knows it before it is called. */
function givenBy(defaults: unknown): ReadonlySet<string> {
  if (typeof defaults === "function") return new Set(knownKeys.defaults);
  return new Set(typeof defaults === "object" && defaults !== null ? Object.keys(defaults) : []);
}

/** It is the function that the region will call for a short name, by whatever label the file spells it. */
function isRepositoryFunction(call: StarlarkValue & { kind: "call" }, path: string, config: Config): boolean {
  const wanted = config.loads.get("image_repository") ?? {
    from: fileLabel(config.files.defs),
    symbol: "image_repository",
  };
  return (
    call.load !== undefined &&
    call.callee === wanted.symbol &&
    sameLabel(call.load.from, path) === sameLabel(wanted.from, path)
  );
}

/** The configs of tests as typed tests, by rule; why one stays a file goes to the verdicts. */
function typedTests(
  rules: readonly FoundRule[],
  { package: pkg, verdicts }: Candidate,
  { texts, links }: AdoptRequest,
): ReadonlyMap<string, StructureTests> {
  verdicts.configs.clear();
  const typed = rules.flatMap((rule): readonly (readonly [string, StructureTests])[] => {
    const file = rule.kind === "container_structure_test" ? ownConfig(rule) : undefined;
    const text = file && texts.get(pathIn(pkg, file.name));
    if (!file || text === undefined) return [];
    const linked = links.has(pathIn(pkg, file.name)) ? "it is a link" : undefined;
    const kept = file.reason ?? linked;
    const read = kept === undefined ? readTestConfig(withoutHeader(text)) : { reason: kept };
    const reason =
      "reason" in read
        ? read.reason
        : isTarTest(rule) && (read.tests.commandTests ?? read.tests.containerRunOptions)
          ? noCommands
          : undefined;
    if (reason === undefined && "tests" in read) return [[rule.name, read.tests]];
    verdicts.configs.set(rule.name, { file: pathIn(pkg, file.name), reason: reason ?? "" });
    return [];
  });
  return new Map(typed);
}

const noCommands = "the tar driver runs no commands, so the tests could not be declared";

/** What a plan of the attempts gave. */
export interface Outcome {
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Plans the attempts, as if their declarations were there and their rules were gone. */
export async function planAttempts(
  attempts: readonly Attempt[],
  request: AdoptRequest,
  ports: Ports,
  reader: StarlarkReader,
): Promise<Outcome> {
  const declared = declareProject(
    request.config,
    [...request.declarations, ...attempts.flatMap(declarationOf)],
    request.whole,
  );
  if (declared.diagnostics.some(({ severity }) => severity === "error"))
    return { changes: [], diagnostics: declared.diagnostics };
  const packages = new Set(attempts.map((one) => one.package));
  const services = declared.value.services.filter((service) => packages.has(service.package));
  // Of other packages only that they are there: what is theirs is not this plan's to change.
  const known = [...request.texts].filter(([path]) => !/\.ya?ml$/.test(path));
  const texts = new Map(known.map(([path, text]) => [path, isBuildFile(path) && text !== undefined ? "" : text]));
  for (const [path, text] of request.instead) texts.set(path, text);
  for (const one of attempts) texts.set(one.path, rest(one, reader));
  const snapshot = {
    project: { ...declared.value, services },
    texts,
    whole: false,
    prune: true,
    ignored: new Map(),
    settled: [],
  };
  return plan(snapshot, ports);
}

function declarationOf({ declaration, services }: Attempt): readonly DeclarationFile[] {
  const exported = services.map((service) => service.declared);
  return exported.length === 0 ? [] : [{ file: declaration, exported }];
}

function rest(one: Attempt, reader: StarlarkReader): string | undefined {
  const text = takeOut(
    one,
    one.taken.map(({ statement }) => statement),
    reader,
  );
  return text.trim() === "" ? undefined : text;
}
