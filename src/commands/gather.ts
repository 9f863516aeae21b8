/** Gathers what a plan depends on: evaluates declarations, reads the files concerned. */
import { resolve } from "node:path";
import { folderOf } from "../bazel/index.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import type { Project } from "../model/index.ts";
import {
  checkDeclarations,
  declareProject,
  type Plan,
  type Ports,
  pushesOverlap,
  type SettledPackage,
  type Snapshot,
  settledIn,
} from "../pipeline/index.ts";
import type { Known } from "../shell/bundle-inputs.ts";
import { type Cache, noCache } from "../shell/cache.ts";
import { evaluate, prepareFiles } from "../shell/declarations.ts";
import { isInside, type Seen } from "../shell/disk.ts";
import { rememberFormat } from "../shell/format-cache.ts";
import type { Shell } from "../shell/index.ts";
import { isKnownMissing, readBazelIgnore, type Walked, walkTree } from "../shell/walk.ts";
import { concernOfWords, inlineOf, narrow, packagesOf, quoted, selectNames, unknownNames } from "./narrow.ts";
import { nothingRecalled, recall } from "./recall.ts";
import { noTexts, prefetchFirsts, readAround, takeSnapshot } from "./snapshot.ts";
import { buildifierOptions, type CommonOptions, findDeclarations, openWorkspace, portsFor } from "./workspace.ts";

/** What was gathered. `snapshot` is undefined when errors leave nothing to plan. */
export interface Gathered {
  readonly root: string;
  readonly cache: Cache;
  readonly diagnostics: readonly Diagnostic[];
  readonly snapshot?: Snapshot;
  readonly ports: Ports;
  /** Keeps for the next run what this one made with the ports and, when it ended in a plan, what it found. */
  readonly remember: (plan: Plan) => void;
  /** How many of all packages the run is about. */
  readonly scope: { readonly packages: number; readonly all: number };
  /** The command that mends what is stale. */
  readonly mend: string;
  /** What a whole run saw of the tree. */
  readonly seen?: Seen;
}

/**
 * Gathers everything for a plan. With `recall`, a whole run leaves out the packages that an earlier one found settled, for
 * callers that want the changes alone.
 */
export async function gather(options: CommonOptions & { readonly recall?: true }, shell: Shell): Promise<Gathered> {
  const opened = await openWorkspace(options, shell);
  const { root, workspace } = opened;
  const nothing = {
    root,
    cache: workspace?.cache ?? noCache,
    ports: portsFor(root, {}),
    remember: () => undefined,
    scope: { packages: 0, all: 0 },
    mend: workspace?.declared.config.mend ?? "npx gen-bazel-images",
  };
  if (!workspace) return { ...nothing, diagnostics: opened.diagnostics };
  shell.enter?.("find");
  const bazelIgnored = readBazelIgnore(root);
  const found = await findDeclarations(workspace, bazelIgnored, options.targets.length === 0);
  const known: Known = {
    isPlain: (path) => found.walked.files.has(path),
    isMissing: (path) => isKnownMissing(found.walked, path),
  };
  const cwd = resolve(shell.cwd, options.cwd ?? ".");
  const concern = await concernOfWords(options.targets, cwd, workspace, found.files, known);
  const narrowed = narrow(concern, cwd, found.files, workspace);
  if (concern.isIdle)
    return {
      ...nothing,
      diagnostics: opened.diagnostics,
      scope: { packages: 0, all: packagesOf(found.files, workspace).size },
    };
  const walked = narrowed.whole && !found.isWhole ? walkTree(root, bazelIgnored) : found.walked;
  const { config } = workspace.declared;
  const ports = portsFor(root, config);
  const { format, identity, save } = rememberFormat(
    ports.format,
    buildifierOptions(root, config.buildifier),
    workspace.cache,
  );
  const name = narrowed.whole ? "declarations" : "narrowed";
  const preparing = prepareFiles({ root, files: narrowed.files, cache: workspace.cache, name, known }, shell.enter);
  // Read while esbuild bundles.
  const around = narrowed.whole ? readAround(root, walked, shell.enter) : noTexts;
  const prepared = await preparing;
  // Formatted while we evaluate and declare.
  if (narrowed.whole) await prefetchFirsts(found.files, around, format);
  const evaluation = await evaluate(prepared, shell.enter);
  shell.enter?.("recall");
  const recalled =
    options.recall && narrowed.whole ? recall(workspace, evaluation.files, around, walked, identity) : nothingRecalled;
  shell.enter?.("declare");
  const declare = (settled: readonly SettledPackage[]) => {
    const packages = new Set(settled.map((pkg) => pkg.package));
    const files = evaluation.files.filter(({ file }) => !packages.has(folderOf(file)));
    return { settled, declared: declareProject(inlineOf(workspace, narrowed), files, narrowed.whole) };
  };
  const first = declare(recalled.packages);
  const { settled, declared } = pushesOverlap(first.settled, first.declared.value) ? declare([]) : first;
  const diagnostics = [...opened.diagnostics, ...found.diagnostics, ...evaluation.diagnostics, ...declared.diagnostics];
  const project = selectNames(declared.value, narrowed);
  const unknown = unknownNames(narrowed.names, declared.value);
  const outside = outsideRoot(root, project, found.walked);
  const all = [...diagnostics, ...unknown, ...outside];
  if (hasErrors(all)) return { ...nothing, diagnostics: [...all, ...withoutEchoes(checkDeclarations(project), all)] };
  const packages = new Set([
    ...project.services.map((service) => service.package),
    ...settled.map((pkg) => pkg.package),
  ]);
  const total = new Set([...found.files.map(folderOf), ...declared.value.services.map((service) => service.package)]);
  shell.enter?.("read");
  const snapshot = takeSnapshot({
    root,
    project,
    walked,
    around,
    bazelIgnored,
    whole: narrowed.whole,
    prune: options.prune,
    settled,
  });
  return {
    ...nothing,
    mend: [nothing.mend, ...narrowed.words.map(quoted)].join(" "),
    diagnostics: all,
    ports: { ...ports, format, ...(shell.enter && { enter: shell.enter }) },
    remember: (plan) => {
      save();
      recalled.remember(settledIn(project, plan, [...all, ...plan.diagnostics]));
    },
    snapshot,
    ...(narrowed.whole && { seen: walked }),
    scope: { packages: packages.size, all: narrowed.whole ? packages.size : Math.max(total.size, packages.size) },
  };
}

/** Leaves out what only repeats a problem of the declaration: at the same property, or about the type of what is wrong inside. */
function withoutEchoes(later: readonly Diagnostic[], earlier: readonly Diagnostic[]): readonly Diagnostic[] {
  const wrong = earlier.flatMap(({ place }) => (place?.kind === "property" ? [place] : []));
  return later.filter(({ code, place }) => {
    if (place?.kind !== "property") return true;
    return !wrong.some(
      (other) =>
        other.file === place.file &&
        other.service === place.service &&
        place.path.every((step, index) => other.path[index] === step) &&
        (other.path.length === place.path.length || code === "attribute-type"),
    );
  });
}

/** Folders that the walk entered were reached through no link, so they lie inside. */
function outsideRoot(root: string, { services }: Project, walked: Walked): readonly Diagnostic[] {
  return services.flatMap((service) => {
    if (walked.folders.has(service.package) || isInside(root, service.package)) return [];
    const place = { kind: "property", ...service.origin, path: ["package"] } as const;
    return [diagnostic("package-outside-root", { package: service.package }, place)];
  });
}
