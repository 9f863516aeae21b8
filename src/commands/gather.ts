/** Gathers what a plan depends on: finds the config, evaluates declarations, reads the files concerned. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { glob } from "tinyglobby";
import { pathIn } from "../bazel/index.ts";
import { type Diagnostic, diagnostic, didYouMean, hasErrors } from "../diagnostics/index.ts";
import type { Project } from "../model/index.ts";
import * as library from "../model/library.ts";
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
import { evaluateFiles, fromRoot } from "../shell/declarations.ts";
import { isInside, readBazelIgnore, readTexts, walkPackages } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { templates } from "../shell/templates.ts";

/** What the user said on the command line that all commands share. */
export interface CommonOptions {
  readonly cwd?: string | undefined;
  readonly config?: string | undefined;
  /** Paths, packages and names of services; none for a whole run. */
  readonly targets: readonly string[];
  readonly prune?: boolean | undefined;
}

/** The monorepo: its root and its config. */
export interface Workspace {
  readonly root: string;
  readonly declared: DeclaredConfig;
}

/** What was gathered. `snapshot` is undefined when errors leave nothing to plan. */
export interface Gathered {
  readonly root: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly snapshot?: Snapshot;
  readonly ports: Ports;
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
  const evaluation = await evaluateFiles(root, [file], library);
  const [evaluated] = evaluation.files;
  if (!evaluated) return { root, diagnostics: evaluation.diagnostics };
  const declared = declareConfiguration(file, evaluated.exported);
  const diagnostics = [...evaluation.diagnostics, ...declared.diagnostics];
  return declared.value ? { root, workspace: { root, declared: declared.value }, diagnostics } : { root, diagnostics };
}

/** Gathers everything for a plan. */
export async function gather(options: CommonOptions, shell: Shell): Promise<Gathered> {
  const opened = await openWorkspace(options, shell);
  const { root, workspace } = opened;
  const ports = (buildifier: BuildifierOptions): Ports => ({
    format: (requests) => runBuildifier(requests, buildifier),
    templates,
    reader: starlarkReader,
  });
  const nothing = {
    root,
    ports: ports({}),
    scope: { packages: 0, all: 0 },
    temporaries: [],
    mend: workspace?.declared.config.mend ?? "npx gen-bazel-images",
  };
  if (!workspace) return { ...nothing, diagnostics: opened.diagnostics };
  const found = await findDeclarations(workspace);
  const narrowed = narrow(options.targets, resolve(shell.cwd, options.cwd ?? "."), root, found.files, workspace);
  const evaluation = await evaluateFiles(root, narrowed.files, library);
  const declared = declareProject(inlineOf(workspace, narrowed), evaluation.files, narrowed.whole);
  const diagnostics = [...opened.diagnostics, ...found.diagnostics, ...evaluation.diagnostics, ...declared.diagnostics];
  const project = selectNames(declared.value, narrowed.names);
  const unknown = unknownNames(narrowed.names, declared.value);
  const outside = await outsideRoot(root, project);
  const all = [...diagnostics, ...unknown, ...outside];
  if (hasErrors(all)) return { ...nothing, diagnostics: [...all, ...withoutEchoes(checkDeclarations(project), all)] };
  const { config } = project;
  const packages = new Set(project.services.map((service) => service.package));
  const total = new Set([...found.files.map(folderOf), ...declared.value.services.map((service) => service.package)]);
  const { snapshot, temporaries } = await takeSnapshot(root, project, narrowed.whole, options.prune ?? false);
  return {
    ...nothing,
    diagnostics: all,
    ports: ports(buildifierOptions(root, config.buildifier)),
    snapshot,
    temporaries,
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

async function findDeclarations({
  root,
  declared,
}: Workspace): Promise<{ readonly files: readonly string[]; readonly diagnostics: readonly Diagnostic[] }> {
  const bazelIgnored = [...(await readBazelIgnore(root))].map((folder) => `${folder}/**`);
  const options = {
    cwd: root,
    followSymbolicLinks: false,
    dot: true,
    ignore: ["**/node_modules/**", "**/.git/**", "bazel-*/**", ...bazelIgnored],
  };
  const matches = await Promise.all(declared.globs.map((pattern) => glob(pattern, options)));
  const empty = declared.globs.filter((_, index) => matches[index]?.length === 0);
  return {
    files: [...new Set(matches.flat())].sort(),
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
  const commands = ["generate", "check", "diff", "print", "list", "init", "eject", "pin", "verify", "doctor", "push"];
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

async function outsideRoot(root: string, { services }: Project): Promise<readonly Diagnostic[]> {
  const checks = services.map(async (service) => {
    if (await isInside(root, service.package)) return [];
    const place = { kind: "property", ...service.origin, path: ["package"] } as const;
    return [diagnostic("package-outside-root", { package: service.package }, place)];
  });
  return (await Promise.all(checks)).flat();
}

/** Reads every file that the plan may look at; a whole run looks through the tree for what nobody wants any more. */
async function takeSnapshot(
  root: string,
  project: Project,
  whole: boolean,
  prune: boolean,
): Promise<Pick<Gathered, "temporaries"> & { readonly snapshot: Snapshot }> {
  const { config, services } = project;
  const shared = [...new Set([...pinsFilesOf(config), config.files.defs])];
  const folders = [...new Set([...shared.map(folderOf), ...services.map((service) => service.package)])];
  const builds = folders.flatMap((folder) => ["BUILD.bazel", "BUILD"].map((name) => pathIn(folder, name)));
  const configs = services.flatMap((service) =>
    service.tests.flatMap((test) => (test.config ? [pathIn(service.package, test.config.file)] : [])),
  );
  const bazelIgnored = await readBazelIgnore(root);
  const walked = whole
    ? await walkPackages(root, bazelIgnored)
    : {
        files: await yamlBeside(
          root,
          services.map((service) => service.package),
        ),
        temporaries: [],
      };
  const texts = await readTexts(root, [...shared, ...builds, ...configs, ...walked.files]);
  const ignored = new Map(services.flatMap(({ package: pkg }) => ignoredBy(pkg, bazelIgnored)));
  return { snapshot: { project, texts, whole, prune, ignored }, temporaries: walked.temporaries };
}

async function yamlBeside(root: string, packages: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    [...new Set(packages)].map((pkg) =>
      glob("*.yaml", { cwd: join(root, pkg), followSymbolicLinks: false, dot: true }).then((names) =>
        names.map((name) => pathIn(pkg, name)),
      ),
    ),
  );
  return found.flat();
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
