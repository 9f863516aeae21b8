/**
 * The way back: BUILD files that people wrote in, declarations which regenerate them out, and what stays hand-written and
 * why. Nothing is believed: the declarations are planned like any others, and every rule that they give is compared with
 * the one that was there; what does not come back the same is left where it is. Pure but for the ports of the plan.
 */
import { type Diagnostic, hasErrors } from "../diagnostics/index.ts";
import {
  type Change,
  type DeclarationFile,
  type DeclaredConfig,
  declareProject,
  expandServices,
  type Ports,
  reviewChange,
  type Snapshot,
} from "../pipeline/index.ts";
import { chooseRulesets } from "../rulesets/index.ts";
import type { StarlarkValue } from "../starlark/index.ts";
import type { StarlarkFile } from "../starlark/read/index.ts";
import type { Declared } from "./declare-part.ts";
import { type BuildFile, findRules } from "./find-rules.ts";
import { globsThatCatch } from "./globs.ts";
import { kindsBy } from "./kinds.ts";
import { originalsOf } from "./original.ts";
import { type Attempt, attempt, type Candidate, planAttempts } from "./round.ts";
import { judge, reportOn } from "./verdicts.ts";

export { type ConfigAdditions, editConfig, linesOf } from "./edit-config.ts";
export type { BuildFile } from "./find-rules.ts";
export { partOfKind } from "./group.ts";
export { printConfig, printServices } from "./source.ts";
export { type Survey, surveyRepository, usualPins } from "./survey.ts";

/** A package whose BUILD file is to be imported. */
export interface AdoptedFile extends BuildFile {
  readonly package: string;
  /** Where its services are to be declared, from the root. */
  readonly declaration: string;
}

/** Everything that an import depends on. */
export interface AdoptRequest {
  readonly files: readonly AdoptedFile[];
  /** The config as it will be: with the bases and loads that the import adds. */
  readonly config: DeclaredConfig;
  /** What the declaration files that are there export. */
  readonly declarations: readonly DeclarationFile[];
  /** All packages of the repository are known, so that pushes can be compared across them. */
  readonly whole: boolean;
  /** The texts of the files concerned: shared files, BUILD files, test configs. */
  readonly texts: Snapshot["texts"];
  /** What the plan reads in place of a text: pins files with the digests that were found. */
  readonly instead: Snapshot["texts"];
  /** Paths that are links. */
  readonly links: ReadonlySet<string>;
  /** Places are told as they are in the files afterwards. */
  readonly placesAfter: boolean;
  /** What the root is called. */
  readonly rootName: string;
  /** The sentence of a diagnostic. */
  readonly describe: (diagnostic: Diagnostic) => string;
}

/** What became of a package. */
export interface AdoptedPackage {
  readonly package: string;
  readonly path: string;
  readonly declaration: string;
  /** The services to declare; none when its rules were declared already. */
  readonly services: readonly Declared[];
  /** How many rules moved into the region. */
  readonly rules: number;
  /** How many attributes they have, and how many of those need text that only Bazel understands. */
  readonly attributes: { readonly all: number; readonly text: number };
}

/** What an import would do. */
export interface Adoption {
  readonly packages: readonly AdoptedPackage[];
  /** BUILD files, test configs and shared files; the declarations are the caller's to print. */
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Imports the files: as many rounds as it takes until everything that is declared comes back as it was. */
export async function adoptFiles(request: AdoptRequest, ports: Ports): Promise<Adoption> {
  const rulesets = chooseRulesets(request.config.config);
  if (!rulesets.value || hasErrors(rulesets.diagnostics))
    return { packages: [], changes: [], diagnostics: rulesets.diagnostics };
  const reader = await ports.reader();
  const originals = await originalsOf(request.files, ports, reader);
  const kindOf = kindsBy(rulesets.value, request.config.config.loads);
  const candidates = request.files.map((file): Candidate => {
    const failed = originals.failed.get(file.path);
    const verdicts = { excluded: new Map(), configs: new Map(), failed };
    return { ...file, ...findRules(file, kindOf), verdicts };
  });
  const declared = declareProject(request.config, request.declarations, false).value;
  const existing = expandServices(declared, { rulesets: rulesets.value, ownRepositoryFunction: true }).value;
  // Each round that does not end it excludes a rule or a package, so there is an end.
  for (;;) {
    const attempts = attempt(candidates, existing, request, rulesets.value);
    if (attempts.length === 0) return { packages: [], changes: [], diagnostics: reportAll(candidates, [], new Map()) };
    const outcome = await planAttempts(attempts, request, ports, reader);
    const verdict = judge(attempts, outcome, originals.files, request, reader);
    if (verdict === "again") continue;
    if (verdict !== "done") return { packages: [], changes: [], diagnostics: verdict };
    const after = new Map(
      request.placesAfter ? outcome.changes.map(({ path, after: text }) => [path, reader.read(text ?? "")]) : [],
    );
    return {
      packages: attempts.map(describePackage),
      changes: outcome.changes.map(({ path, after, notes }) =>
        reviewChange(path, request.texts.get(path), after, notes),
      ),
      diagnostics: [
        ...rulesets.diagnostics,
        ...reportAll(candidates, attempts, after),
        ...attempts
          .filter(({ services }) => services.length > 0)
          .flatMap((one) => globsThatCatch({ ...one, file: after.get(one.path) ?? one.file })),
      ],
    };
  }
}

function reportAll(
  candidates: readonly Candidate[],
  attempts: readonly Attempt[],
  after: ReadonlyMap<string, StarlarkFile>,
): readonly Diagnostic[] {
  const taken = new Map(attempts.map((one) => [one.path, one.taken]));
  return candidates.flatMap((one) => reportOn(one, taken.get(one.path) ?? [], after.get(one.path)));
}

function describePackage({ package: pkg, path, declaration, services, taken }: Attempt): AdoptedPackage {
  const values = taken.flatMap(({ fields }) => fields.map(({ value }) => value));
  return {
    package: pkg,
    path,
    declaration,
    services: services.map(({ declared }) => declared),
    rules: taken.length,
    attributes: { all: values.length, text: values.filter(hasText).length },
  };
}

/** Reports whether a value is, or holds, text that only Bazel understands. */
function hasText(value: StarlarkValue): boolean {
  switch (value.kind) {
    case "expression":
      return true;
    case "list":
      return value.items.some((item) => hasText(item.value));
    case "dict":
      return value.entries.some((entry) => hasText(entry.value));
    case "select":
      return value.branches.some((branch) => hasText(branch.value));
    case "call":
      return value.args.some((argument) => hasText(argument.value));
    case "sum":
      return value.operands.some(hasText);
    default:
      return false;
  }
}
