/** Gathers what a plan depends on: finds the config, evaluates declarations, reads the files concerned. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { pathIn } from "../bazel/index.ts";
import { type Diagnostic, diagnostic, didYouMean, hasErrors } from "../diagnostics/index.ts";
import type { Project } from "../model/index.ts";
import {
  checkDeclarations,
  type DeclaredConfig,
  declareConfiguration,
  declareProject,
  folderOf,
  type Ports,
  pinsFilesOf,
  type Snapshot,
} from "../pipeline/index.ts";
import { type BuildifierOptions, runBuildifier } from "../shell/buildifier.ts";
import { type Cache, noCache, openCache } from "../shell/cache.ts";
import { evaluateFiles, fromRoot } from "../shell/declarations.ts";
import { isInside, readTexts } from "../shell/disk.ts";
import { rememberFormat } from "../shell/format-cache.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { templates } from "../shell/templates.ts";
import { compileGlobs, filesIn, isKnownMissing, readBazelIgnore, type Walked, walkTree } from "../shell/walk.ts";

/** What the user said on the command line that all commands share. */
export interface CommonOptions {
  readonly cwd?: string | undefined;
  readonly config?: string | undefined;
  /** Paths, packages and names of services; none for a whole run. */
  readonly targets: readonly string[];
  readonly prune?: boolean | undefined;
  /** False to remember nothing and to use nothing that was remembered. */
  readonly cache?: boolean | undefined;
}

/** The monorepo: its root and its config. */
export interface Workspace {
  readonly root: string;
  readonly cache: Cache;
  readonly declared: DeclaredConfig;
}

/** What was gathered. `snapshot` is undefined when errors leave nothing to plan. */
export interface Gathered {
  readonly root: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly snapshot?: Snapshot;
  readonly ports: Ports;
  /** Keeps for the next run what this one made with the ports. */
  readonly remember: () => void;
  /** How many of all packages the run is about. */
  readonly scope: { readonly packages: number; readonly all: number };
  readonly mend: string;
  /** Temporary files of runs that were seen in the tree, by path from the root. */
  readonly temporaries: readonly string[];
}

export const configNames = ["ts", "mts", "js", "mjs"].map((extension) => `bazel-images.config.${extension}`);

/** The nearest config at or above a folder (SPIKES, ruling 7). */
export function findConfig(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Finds and evaluates the config. */
export async function openWorkspace(
  options: Omit<CommonOptions, "targets">,
  shell: Shell,
): Promise<{ readonly root: string; readonly workspace?: Workspace; readonly diagnostics: readonly Diagnostic[] }> {
  const cwd = resolve(shell.cwd, options.cwd ?? ".");
  const path = options.config === undefined ? findConfig(cwd) : resolve(cwd, options.config);
  if (path === undefined || !existsSync(path))
    return { root: cwd, diagnostics: [diagnostic("config-not-found", { cwd })] };
  const root = realpathSync(dirname(path));
  const file = fromRoot(root, realpathSync(path));
  const cache = options.cache === false ? noCache : openCache(root, shell.env);
  const evaluation = await evaluateFiles({ root, files: [file], cache, name: "config" }, shell.enter);
  const [evaluated] = evaluation.files;
  if (!evaluated) return { root, diagnostics: evaluation.diagnostics };
  const declared = declareConfiguration(file, evaluated.exported);
  const diagnostics = [...evaluation.diagnostics, ...declared.diagnostics];
  return declared.value
    ? { root, workspace: { root, cache, declared: declared.value }, diagnostics }
    : { root, diagnostics };
}

/** Gathers everything for a plan. */
export async function gather(options: CommonOptions, shell: Shell): Promise<Gathered> {
  const opened = await openWorkspace(options, shell);
  const { root, workspace } = opened;
  const ports: Ports = { format: (requests) => runBuildifier(requests, {}), templates, reader: starlarkReader };
  const nothing = {
    root,
    ports,
    remember: () => undefined,
    scope: { packages: 0, all: 0 },
    temporaries: [],
    mend: workspace?.declared.config.mend ?? "npx gen-bazel-images",
  };
  if (!workspace) return { ...nothing, diagnostics: opened.diagnostics };
  shell.enter?.("find");
  const bazelIgnored = readBazelIgnore(root);
  const found = await findDeclarations(workspace, bazelIgnored, options.targets.length === 0);
  const narrowed = narrow(options.targets, resolve(shell.cwd, options.cwd ?? "."), root, found.files, workspace);
  const evaluation = await evaluateFiles(
    {
      root,
      files: narrowed.files,
      cache: workspace.cache,
      name: narrowed.whole ? "declarations" : "narrowed",
      known: {
        isPlain: (path) => found.walked.files.has(path),
        isMissing: (path) => isKnownMissing(found.walked, path),
      },
    },
    shell.enter,
  );
  shell.enter?.("declare");
  const declared = declareProject(inlineOf(workspace, narrowed), evaluation.files, narrowed.whole);
  const diagnostics = [...opened.diagnostics, ...found.diagnostics, ...evaluation.diagnostics, ...declared.diagnostics];
  const project = selectNames(declared.value, narrowed.names);
  const unknown = unknownNames(narrowed.names, declared.value);
  const outside = outsideRoot(root, project, found.walked);
  const all = [...diagnostics, ...unknown, ...outside];
  if (hasErrors(all)) return { ...nothing, diagnostics: [...all, ...withoutEchoes(checkDeclarations(project), all)] };
  const { config } = project;
  const packages = new Set(project.services.map((service) => service.package));
  const total = new Set([...found.files.map(folderOf), ...declared.value.services.map((service) => service.package)]);
  shell.enter?.("read");
  const buildifier = buildifierOptions(root, config.buildifier);
  const plainFormat: Ports["format"] = (requests) => runBuildifier(requests, buildifier);
  const { format, save } = rememberFormat(plainFormat, buildifier, workspace.cache);
  const walked = narrowed.whole && !found.isWhole ? walkTree(root, bazelIgnored) : found.walked;
  const snapshot = takeSnapshot({ root, project, walked, bazelIgnored, whole: narrowed.whole, prune: options.prune });
  return {
    ...nothing,
    diagnostics: all,
    ports: { ...ports, format, ...(shell.enter && { enter: shell.enter }) },
    remember: save,
    snapshot,
    temporaries: narrowed.whole ? walked.temporaries : [],
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

/** The repo's own buildifier and configuration, where it has them. */
export function buildifierOptions(root: string, program: string | undefined): BuildifierOptions {
  const config = join(root, ".buildifier.json");
  return { ...(program !== undefined && { program: resolve(root, program) }), ...(existsSync(config) && { config }) };
}

interface Found {
  readonly files: readonly string[];
  readonly walked: Walked;
  /** The walk saw the whole tree, not only where declarations can be. */
  readonly isWhole: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

async function findDeclarations(
  { root, declared }: Workspace,
  bazelIgnored: ReadonlySet<string>,
  isWhole: boolean,
): Promise<Found> {
  const globs = compileGlobs(root, declared.globs, bazelIgnored);
  const walked = walkTree(root, bazelIgnored, isWhole ? undefined : globs.mayHold);
  const matches = await globs.match(walked);
  const empty = declared.globs.filter((_, index) => matches[index]?.length === 0);
  return {
    files: [...new Set(matches.flat())].sort(),
    walked,
    isWhole,
    diagnostics: empty.map((pattern) =>
      diagnostic(
        "services-glob-empty",
        { glob: pattern },
        { kind: "property", file: declared.config.file, path: ["services"] },
      ),
    ),
  };
}

interface Narrowed {
  readonly whole: boolean;
  readonly files: readonly string[];
  /** Folders that were named; undefined for all. */
  readonly folders?: readonly string[];
  /** Words that are no paths, so they name services. */
  readonly names: readonly string[];
}

/** Words that are paths narrow to the packages at or below them; other words are names of services. */
function narrow(
  targets: readonly string[],
  cwd: string,
  root: string,
  files: readonly string[],
  { declared }: Workspace,
): Narrowed {
  if (targets.length === 0) return { whole: true, files, names: [] };
  const folders: string[] = [];
  const names: string[] = [];
  const inlineFolders = declared.inline.map(
    ({ service }) => (service as { readonly package?: string } | null)?.package ?? "",
  );
  for (const target of targets) {
    const folder = folderNamed(target, cwd, root);
    if (folder === "" || folder === declared.config.file) return { whole: true, files, names: [] };
    const known =
      folder !== undefined && [...files.map(folderOf), ...inlineFolders].some((pkg) => isAtOrBelow(pkg, folder));
    if (folder !== undefined && known) folders.push(folder);
    else names.push(target);
  }
  if (names.length > 0) return { whole: false, files, names: [...names, ...folders.map((folder) => `//${folder}`)] };
  return {
    whole: false,
    files: files.filter((file) => folders.some((folder) => isAtOrBelow(folderOf(file), folder))),
    folders,
    names,
  };
}

function folderNamed(target: string, cwd: string, root: string): string | undefined {
  if (target.startsWith("//")) return target.slice(2).split(":")[0] ?? "";
  const path = isAbsolute(target) ? target : resolve(cwd, target);
  if (!existsSync(path)) return undefined;
  const real = realpathSync(path);
  const relative = fromRoot(root, real);
  if (relative.startsWith("..")) return undefined;
  if (statSync(real).isDirectory()) return relative;
  return configNames.includes(relative) ? relative : folderOf(relative);
}

function isAtOrBelow(pkg: string, folder: string): boolean {
  return pkg === folder || pkg.startsWith(`${folder}/`);
}

function inlineOf({ declared }: Workspace, { folders }: Narrowed): DeclaredConfig {
  if (!folders) return declared;
  const isNamed = (service: unknown) =>
    folders.some((folder) => isAtOrBelow((service as { readonly package?: string } | null)?.package ?? "", folder));
  return { ...declared, inline: declared.inline.filter(({ service }) => isNamed(service)) };
}

/** Narrows to the packages of the services named: a package is written as a whole. */
function selectNames(project: Project, names: readonly string[]): Project {
  if (names.length === 0) return project;
  const packages = new Set(project.services.filter((s) => names.includes(s.name)).map((s) => s.package));
  const folders = names.filter((name) => name.startsWith("//")).map((name) => name.slice(2));
  const isSelected = (pkg: string) => packages.has(pkg) || folders.some((folder) => isAtOrBelow(pkg, folder));
  return { ...project, services: project.services.filter((service) => isSelected(service.package)) };
}

function unknownNames(names: readonly string[], project: Project): readonly Diagnostic[] {
  const known = project.services.flatMap((service) => [service.name, service.package]);
  const commands = ["generate", "check", "diff", "print", "list", "init", "eject", "pin", "verify", "doctor"];
  return names
    .filter((name) => !name.startsWith("//") && !project.services.some((service) => service.name === name))
    .map((argument) => {
      const meant = didYouMean(argument, [...commands, ...known]);
      const hint =
        meant === undefined
          ? "see npx gen-bazel-images --help, or npx gen-bazel-images list for the services"
          : `did you mean "${meant}"?`;
      return diagnostic("argument-unknown", { argument, hint });
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

interface SnapshotOptions {
  readonly root: string;
  readonly project: Project;
  readonly walked: Walked;
  readonly bazelIgnored: ReadonlySet<string>;
  readonly whole: boolean;
  readonly prune: boolean | undefined;
}

/** Reads every file that the plan may look at; a whole run looks through the tree for what nobody wants any more. */
function takeSnapshot({ root, project, walked, bazelIgnored, whole, prune = false }: SnapshotOptions): Snapshot {
  const { config, services } = project;
  const shared = [...new Set([...pinsFilesOf(config), config.files.defs])];
  const packages = [...new Set(services.map((service) => service.package))];
  const folders = [...new Set([...shared.map(folderOf), ...packages])];
  const builds = folders.flatMap((folder) => buildFileNames.map((name) => pathIn(folder, name)));
  const configs = services.flatMap((service) =>
    service.tests.flatMap((test) => (test.config ? [pathIn(service.package, test.config.file)] : [])),
  );
  const around = whole ? [...walked.files] : packages.flatMap((pkg) => filesIn(root, pkg));
  const texts = readTexts(root, [...shared, ...builds, ...configs, ...around.filter(isConcerned).sort()], (path) =>
    isKnownMissing(walked, path),
  );
  const ignored = new Map(packages.flatMap((pkg) => ignoredBy(pkg, bazelIgnored)));
  return { project, texts, whole, prune, ignored };
}

const buildFileNames = ["BUILD.bazel", "BUILD"];

/** BUILD files, and what may be a config of ours. */
function isConcerned(path: string): boolean {
  return path.endsWith(".yaml") || buildFileNames.includes(path.slice(path.lastIndexOf("/") + 1));
}

function ignoredBy(pkg: string, folders: ReadonlySet<string>): readonly (readonly [string, string])[] {
  const folder = [...folders].find((candidate) => isAtOrBelow(pkg, candidate));
  return folder === undefined ? [] : [[pkg, `.bazelignore names ${folder}`]];
}

/** Reads a file for a code frame; undefined when it cannot be read. */
export function readForFrame(root: string): (file: string) => string | undefined {
  return (file) => {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      return undefined;
    }
  };
}
