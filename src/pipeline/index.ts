/**
 * The whole program: declarations and the texts of the files concerned in, changes and diagnostics out. Pure but for the
 * ports that it is given (formatting, templates, reading Starlark); no disk, clock, environment or network. `generate`,
 * `check`, `diff` and `print` are four endings of one plan.
 */
import { type Diagnostic, hasErrors, type Result } from "../diagnostics/index.ts";
import type { Project } from "../model/index.ts";
import { isOurs, type OutputFile, type StarlarkOutput, type Templates } from "../outputs/index.ts";
import { chooseRulesets } from "../rulesets/index.ts";
import type { StarlarkReader } from "../starlark/read/index.ts";
import { pinsFilesOf, readPins, substituteDigests } from "./digest/index.ts";
import { checkConfig, type ExpandedPackage, expandPackages, expandServices } from "./expand/index.ts";
import { type FormatAnswer, type FormatRequest, formatAll } from "./format.ts";
import { orphansOf } from "./orphans.ts";
import { type FormattedRegions, formatRegions, inParts, mergePackages } from "./packages.ts";
import { type Change, reviewChange } from "./review/index.ts";
import type { SettledPackage } from "./settled.ts";
import { sharedFiles, testConfigs } from "./whole-files.ts";

export { concernOf, isImportable, looksLikeFile, type NamedFile } from "./concern.ts";
export {
  attributeName,
  type DeclarationFile,
  type DeclaredConfig,
  declareConfiguration,
  declareProject,
  knownKeys,
  namesAround,
  type Property,
  type Shape,
  structureTestShapes,
} from "./declare/index.ts";
export { type PinsFile, pinsFilesOf, readPins, type StoredPin, substituteDigests } from "./digest/index.ts";
export { type ExpandedPackage, emittedKinds, expandServices, swapOf } from "./expand/index.ts";
export type { FormatAnswer, FormatFailure, FormatRequest } from "./format.ts";
export { adviseGoStamps, type GoLibraryAdvice } from "./go-stamps.ts";
export { firstTexts } from "./packages.ts";
export { checkPlatforms, type PinRequest, type PinResult, planPins, selectPins } from "./pin.ts";
export { type Change, printDiff, reviewChange } from "./review/index.ts";
export { pushesOverlap, type SettledFacts, type SettledPackage, settledIn } from "./settled.ts";
export { generatedFiles } from "./whole-files.ts";

/** Everything that a plan depends on. */
export interface Snapshot {
  readonly project: Project;
  /** The text of every file concerned, by path from the root; undefined or absent when there is none. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  /** All packages were declared, so regions and configs that nobody wants are orphans. */
  readonly whole: boolean;
  /** Lets a whole run remove most of what is there. */
  readonly prune: boolean;
  /** Packages to leave alone, with the reason. */
  readonly ignored: ReadonlyMap<string, string>;
  /** Packages that need no plan: neither their services nor their texts are in here. */
  readonly settled: readonly SettledPackage[];
}

/** What the shell lends to the plan. */
export interface Ports {
  /** buildifier: one answer a request, in their order. */
  readonly format: (requests: readonly FormatRequest[]) => Promise<readonly FormatAnswer[]>;
  readonly templates: Templates;
  readonly reader: () => Promise<StarlarkReader>;
  /** Lets begin what was asked of the others, when the plan goes on without waiting for the answers. */
  readonly yield?: () => Promise<void>;
  /** Told when a stage begins, for those who measure. */
  readonly enter?: (stage: "expand" | "format" | "merge" | "review") => void;
}

/** What should happen to the files; with errors nothing may be written. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
  /** How many services would go from the regions of a package, where any would. */
  readonly lost: ReadonlyMap<string, number>;
}

const nothing: Omit<Plan, "diagnostics"> = { changes: [], lost: new Map() };

/** Plans a run. Every problem comes out at once, as far as one stage does not hide those of the next. */
export async function plan(snapshot: Snapshot, ports: Ports): Promise<Plan> {
  const { project, texts } = snapshot;
  ports.enter?.("expand");
  const rulesets = chooseRulesets(project.config);
  if (!rulesets.value) return { ...nothing, diagnostics: rulesets.diagnostics };
  const defs = texts.get(project.config.files.defs);
  const ownRepositoryFunction =
    defs !== undefined && !isOurs(defs) && definesRepositoryFunction(defs, await ports.reader());
  const pins = await readPins(
    pinsFilesOf(project.config).map((file) => ({ file, text: texts.get(file) })),
    ports.reader,
  );
  const bases = substituteDigests(project.config, pins.value);
  const broken = pins.diagnostics;
  const declared = [
    ...rulesets.diagnostics,
    ...checkConfig(project.config, rulesets.value),
    ...broken,
    ...(broken.length > 0 ? [] : bases.diagnostics),
  ];
  // Buildifier has the shared files, and one part of the regions after the other, while we go on.
  const shared = hasErrors(declared)
    ? undefined
    : sharedFiles(snapshot, bases.value, rulesets.value.oci, ports.templates, ownRepositoryFunction);
  const formatting = begin(formatFiles(shared?.value ?? [], ports));
  const expanded: ExpandedPackage[] = [];
  const regions: Promise<FormattedRegions>[] = [];
  for (const part of inParts(expandPackages(project, { rulesets: rulesets.value, ownRepositoryFunction }))) {
    declared.push(...part.flatMap(({ diagnostics }) => diagnostics));
    const packages = part.map(({ value }) => value);
    expanded.push(...packages);
    if (!hasErrors(declared)) regions.push(begin(formatRegions(packages, snapshot, ports)));
    await ports.yield?.();
  }
  if (!shared || hasErrors(declared)) return { ...nothing, diagnostics: declared };

  const merging = mergePackages(snapshot, expanded, regions, rulesets.value, ports);
  ports.enter?.("review");
  const configs = testConfigs(snapshot, ports.templates);
  ports.enter?.("format");
  const [whole, merged] = await Promise.all([formatting, merging]);
  ports.enter?.("review");
  const orphans = await orphansOf(
    snapshot,
    expanded,
    rulesets.value,
    configs.value.map(({ path }) => path),
    ports.reader,
  );
  const changes = [
    ...[...whole.value, ...configs.value].map(({ path, text }) => reviewChange(path, texts.get(path), text)),
    ...merged.value,
    ...orphans.value,
    ...snapshot.settled.flatMap((pkg) => pkg.changes),
  ];
  const diagnostics = [
    ...declared,
    ...shared.diagnostics,
    ...configs.diagnostics,
    ...merged.diagnostics,
    ...whole.diagnostics,
    ...orphans.diagnostics,
  ];
  const sorted = changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { changes: sorted, diagnostics, lost: orphans.lost };
}

/** Work for which somebody waits later, or nobody, when there are errors elsewhere. */
function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** What the rulesets object to in the services, for runs that declarations with errors end before a plan. */
export function checkDeclarations(project: Project): readonly Diagnostic[] {
  const rulesets = chooseRulesets(project.config);
  if (!rulesets.value) return rulesets.diagnostics;
  return [
    ...rulesets.diagnostics,
    ...expandServices(project, { rulesets: rulesets.value, ownRepositoryFunction: true }).diagnostics,
  ];
}

function definesRepositoryFunction(text: string, reader: StarlarkReader): boolean {
  return reader
    .read(text)
    .statements.some((statement) => statement.kind === "def" && statement.defines.includes("image_repository"));
}

async function formatFiles(files: readonly StarlarkOutput[], ports: Ports): Promise<Result<readonly OutputFile[]>> {
  return formatAll(
    files.map((file) => ({ file: file.path, type: file.type, text: file.text })),
    ports.format,
    (index, text) => ({ ...(files[index] as OutputFile), text }),
  );
}
