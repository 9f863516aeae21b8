/** Gathers what a plan depends on: finds the config, evaluates declarations, reads the files concerned. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildFilesIn, folderOf, isBuildFile, pathIn } from "../bazel/index.ts";
import { type Diagnostic, diagnostic, didYouMean, hasErrors } from "../diagnostics/index.ts";
import { type Config, canonicalText, type Project } from "../model/index.ts";
import {
  checkDeclarations,
  concernOf,
  type DeclarationFile,
  type DeclaredConfig,
  declareConfiguration,
  declareProject,
  firstTexts,
  isImportable,
  looksLikeFile,
  type NamedFile,
  type Plan,
  type Ports,
  pinsFilesOf,
  pushesOverlap,
  type SettledPackage,
  type Snapshot,
  settledIn,
} from "../pipeline/index.ts";
import { type BuildifierOptions, runBuildifier } from "../shell/buildifier.ts";
import { bundleFiles } from "../shell/bundle.ts";
import type { Known } from "../shell/bundle-inputs.ts";
import { type Cache, noCache, openCache } from "../shell/cache.ts";
import { evaluateFiles, importsOf } from "../shell/declarations.ts";
import { fromRoot, isInside, readTexts, type Seen } from "../shell/disk.ts";
import { formatterIdentity, rememberFormat } from "../shell/format-cache.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { templates } from "../shell/templates.ts";
import { programIdentity } from "../shell/version.ts";
import { compileGlobs, filesIn, isKnownMissing, readBazelIgnore, type Walked, walkTree } from "../shell/walk.ts";
import { nothingRecalled, type Recalled, recallSettled } from "./recall.ts";

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
  /** What the config exported. */
  readonly exported: unknown;
  /** The config and every file that it imports, by path from the root. */
  readonly inputs: readonly string[];
}

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
  if (path === undefined || !existsSync(path)) {
    const wanted = path ?? `bazel-images.config.{ts,mts,js,mjs} in ${cwd} or above it`;
    return { root: cwd, diagnostics: [diagnostic("config-not-found", { wanted })] };
  }
  const root = realpathSync(dirname(path));
  const file = fromRoot(root, realpathSync(path));
  const cache = options.cache === false ? noCache : openCache(root, shell.env);
  const evaluation = await evaluateFiles({ root, files: [file], cache, name: "config" }, shell.enter);
  const [evaluated] = evaluation.files;
  if (!evaluated) return { root, diagnostics: evaluation.diagnostics };
  const declared = declareConfiguration(file, evaluated.exported);
  const diagnostics = [...evaluation.diagnostics, ...declared.diagnostics];
  const inputs = evaluation.inputsOf(file);
  return declared.value
    ? { root, workspace: { root, cache, declared: declared.value, exported: evaluated.exported, inputs }, diagnostics }
    : { root, diagnostics };
}

/** The declaration files of the globs, evaluated, for commands that want them as they are. */
export async function openDeclarations(
  workspace: Workspace,
): Promise<{ readonly files: readonly DeclarationFile[]; readonly diagnostics: readonly Diagnostic[] }> {
  const { root, cache } = workspace;
  const found = await findDeclarations(workspace, readBazelIgnore(root), true);
  const evaluation = await evaluateFiles({ root, files: found.files, cache, name: "declarations" });
  return { files: evaluation.files, diagnostics: evaluation.diagnostics };
}

/** What the shell lends to a plan in this repository, without a memory of what it gave. */
export function portsFor(root: string, config: Pick<Config, "buildifier">): Ports {
  const buildifier = buildifierOptions(root, config.buildifier);
  return { format: (requests) => runBuildifier(requests, buildifier), templates, reader: starlarkReader };
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
  const { format, save } = rememberFormat(ports.format, buildifierOptions(root, config.buildifier), workspace.cache);
  const name = narrowed.whole ? "declarations" : "narrowed";
  const [evaluation, around] = await Promise.all([
    evaluateFiles({ root, files: narrowed.files, cache: workspace.cache, name, known }, shell.enter),
    narrowed.whole ? readAround(root, walked, found.files, format, shell.enter) : noTexts,
  ]);
  shell.enter?.("recall");
  const recalled =
    options.recall && narrowed.whole ? recallAll(workspace, evaluation.files, around, walked) : nothingRecalled;
  shell.enter?.("declare");
  const declare = (settled: readonly SettledPackage[]) => {
    const sources = new Set(settled.flatMap((pkg) => pkg.sources));
    const files = evaluation.files.filter(({ file }) => !sources.has(file));
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
      recalled.remember(settledIn(project, plan.changes, [...all, ...plan.diagnostics]));
    },
    snapshot,
    ...(narrowed.whole && { seen: walked }),
    scope: { packages: packages.size, all: narrowed.whole ? packages.size : Math.max(total.size, packages.size) },
  };
}

const noTexts: Snapshot["texts"] = new Map();

/**
 * What a whole run may have to look at besides what is declared. Async, so that it is read while esbuild bundles, and
 * buildifier has read by then what nobody has generated yet.
 */
async function readAround(
  root: string,
  walked: Walked,
  declarations: readonly string[],
  format: Ports["format"],
  enter: Shell["enter"],
): Promise<Snapshot["texts"]> {
  enter?.("read");
  const texts = readTexts(root, [...walked.files].filter(isConcerned).sort());
  const firsts = firstTexts(new Set(declarations.map(folderOf)), texts);
  // Whether buildifier can be run at all is said by those who need its answers.
  if (firsts.length > 0) format(firsts).catch(() => undefined);
  enter?.("bundle");
  return texts;
}

/** The config without what the pins files alone show: the digests of bases concern no package. */
function withoutDigests(exported: unknown): unknown {
  const { bases } = exported as { readonly bases?: Readonly<Record<string, unknown>> };
  if (!isRecord(bases)) return exported;
  const unpinned = Object.entries(bases).map(([name, base]) => [name, isRecord(base) ? { ...base, digest: "" } : base]);
  return { ...(exported as object), bases: Object.fromEntries(unpinned) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Recalls the packages that are settled, if the config lets itself be compared with that of an earlier run. */
function recallAll(
  { root, cache, declared, exported }: Workspace,
  files: readonly DeclarationFile[],
  texts: Snapshot["texts"],
  walked: Walked,
): Recalled {
  const { config } = declared;
  const formatter = cache.isOn ? formatterIdentity(buildifierOptions(root, config.buildifier)) : undefined;
  const stated = canonicalText(withoutDigests(exported));
  if (formatter === undefined || stated === undefined) return nothingRecalled;
  const { defs, deps, module } = config.files;
  const entangled = new Set([
    // Shared files need a BUILD file there, too.
    ...[defs, deps, module].map(folderOf),
    ...declared.inline.map(({ service }) => inlinePackageOf(service)),
    // What a link leads to is read when the package is planned.
    ...[...walked.links].filter(isConcerned).map(folderOf),
  ]);
  // Whether `image_repository` is the team's own stands in its text.
  const own = readTexts(root, [defs]).get(defs) ?? "";
  return recallSettled({
    cache,
    shared: [programIdentity(), formatter, config.file, stated, own],
    files,
    texts,
    isEntangled: (pkg) => entangled.has(pkg) || !walked.folders.has(pkg),
  });
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
  /** Reports whether a package was named by a path. */
  readonly isNamed: (pkg: string) => boolean;
  /** Words that are no paths, so they name services. */
  readonly names: readonly string[];
  /** What to say to narrow another run alike. */
  readonly words: readonly string[];
}

/** Folders narrow to the packages at or below them, files to what they concern; other words are names of services. */
function narrow(concern: WordsConcern, cwd: string, files: readonly string[], workspace: Workspace): Narrowed {
  const { root } = workspace;
  const everything: Narrowed = { whole: true, files, isNamed: () => false, names: [], words: [] };
  if (concern.whole) return everything;
  const packages = [...packagesOf(files, workspace)];
  const folders: string[] = [];
  const names: string[] = [];
  for (const word of concern.words) {
    const folder = folderNamed(word, cwd, root);
    if (folder === "") return everything;
    if (folder !== undefined && packages.some((pkg) => isAtOrBelow(pkg, folder))) folders.push(folder);
    else names.push(word);
  }
  const isNamed = (pkg: string) => concern.packages.includes(pkg) || folders.some((folder) => isAtOrBelow(pkg, folder));
  const words = [...concern.words, ...concern.packages.map((pkg) => fromRoot(cwd, join(root, pkg)) || ".")];
  const selected = names.length > 0 ? files : files.filter((file) => isNamed(folderOf(file)));
  return { whole: false, files: selected, isNamed, names, words };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Every package that may have services, before any is evaluated. */
function packagesOf(files: readonly string[], { declared }: Workspace): ReadonlySet<string> {
  return new Set([...files.map(folderOf), ...declared.inline.map(({ service }) => inlinePackageOf(service))]);
}

/** The package that an inline service names, as far as it names one. */
function inlinePackageOf(service: unknown): string {
  return (service as { readonly package?: string } | null)?.package ?? "";
}

/** What the words of a command line concern. */
interface WordsConcern {
  readonly whole: boolean;
  /** Packages that the files among them concern. */
  readonly packages: readonly string[];
  /** The words that are no files. */
  readonly words: readonly string[];
  /** All are files that concern nothing. */
  readonly isIdle: boolean;
}

/** Tells files from other words, and what they concern. Only files that may be imported need a look at who imports them. */
async function concernOfWords(
  targets: readonly string[],
  cwd: string,
  workspace: Workspace,
  declarations: readonly string[],
  known: Known,
): Promise<WordsConcern> {
  const { root, cache, declared } = workspace;
  const found = targets.map((word) => ({ word, file: fileNamed(word, cwd, root) }));
  const words = found.flatMap(({ word, file }) => (file === undefined ? [word] : []));
  const files = found.flatMap(({ file }) => file ?? []);
  if (files.length === 0) return { whole: targets.length === 0, packages: [], words, isIdle: false };
  const isLookedUp = files.some(({ path, exists }) => exists && isImportable(path) && !workspace.inputs.includes(path));
  const bundle = isLookedUp
    ? await bundleFiles({ root, files: declarations, cache, name: "declarations", known })
    : undefined;
  // A bundle that fails says of nobody what it imports.
  const inputs = bundle && ("problems" in bundle ? undefined : importsOf(bundle, declarations));
  const { config } = declared;
  const shared = [...pinsFilesOf(config), config.files.defs];
  const concern = concernOf(files, {
    config: workspace.inputs,
    inputs: isLookedUp ? inputs : new Map(),
    packages: packagesOf(declarations, workspace),
    shared: [...shared, ...shared.flatMap((path) => buildFilesIn(folderOf(path)))],
  });
  const isIdle = words.length === 0 && !concern.whole && !concern.shared && concern.packages.length === 0;
  return { whole: concern.whole, packages: concern.packages, words, isIdle };
}

/** The file that a word names, also one that is gone; undefined for other words. */
function fileNamed(word: string, cwd: string, root: string): NamedFile | undefined {
  if (word.startsWith("//")) return undefined;
  const path = resolve(cwd, word);
  if (!existsSync(path)) return looksLikeFile(word) ? { path: fromRoot(root, path), exists: false } : undefined;
  const real = realpathSync(path);
  return statSync(real).isFile() ? { path: fromRoot(root, real), exists: true } : undefined;
}

/** The folder, from the root, that a word names: a path, a file in it, or a label; undefined for anything else. */
export function folderNamed(target: string, cwd: string, root: string): string | undefined {
  if (target.startsWith("//")) return target.slice(2).split(":")[0] ?? "";
  const path = resolve(cwd, target);
  if (!existsSync(path)) return undefined;
  const relative = fromRoot(root, realpathSync(path));
  return relative.startsWith("..") ? undefined : relative;
}

/** Reports whether a package is a folder or lies below it. */
export function isAtOrBelow(pkg: string, folder: string): boolean {
  return pkg === folder || pkg.startsWith(`${folder}/`);
}

function inlineOf({ declared }: Workspace, { whole, names, isNamed }: Narrowed): DeclaredConfig {
  if (whole || names.length > 0) return declared;
  return { ...declared, inline: declared.inline.filter(({ service }) => isNamed(inlinePackageOf(service))) };
}

/** Narrows to the packages of the services named: a package is written as a whole. */
function selectNames(project: Project, { names, isNamed }: Narrowed): Project {
  if (names.length === 0) return project;
  const packages = new Set(project.services.filter((s) => names.includes(s.name)).map((s) => s.package));
  return { ...project, services: project.services.filter((s) => packages.has(s.package) || isNamed(s.package)) };
}

function unknownNames(names: readonly string[], project: Project): readonly Diagnostic[] {
  const known = project.services.flatMap((service) => [service.name, service.package]);
  const commands = [
    "generate",
    "check",
    "diff",
    "print",
    "list",
    "init",
    "import",
    "eject",
    "pin",
    "verify",
    "doctor",
    "push",
  ];
  return names
    .filter((name) => !project.services.some((service) => service.name === name))
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
  /** Texts that have been read. */
  readonly around: Snapshot["texts"];
  readonly bazelIgnored: ReadonlySet<string>;
  readonly whole: boolean;
  readonly prune: boolean | undefined;
  readonly settled: readonly SettledPackage[];
}

/** Reads every other file that the plan may look at, and leaves out what is settled. */
function takeSnapshot(options: SnapshotOptions): Snapshot {
  const { root, project, walked, around, bazelIgnored, whole, prune = false, settled } = options;
  const { config, services } = project;
  const shared = [...new Set([...pinsFilesOf(config), config.files.defs])];
  const packages = [...new Set(services.map((service) => service.package))];
  const folders = [...new Set([...shared.map(folderOf), ...packages])];
  const builds = folders.flatMap(buildFilesIn);
  const configs = services.flatMap((service) =>
    service.tests.flatMap((test) => (test.config ? [pathIn(service.package, test.config.file)] : [])),
  );
  const settledFolders = new Set(settled.map((pkg) => pkg.package));
  const rest = [...around].filter(([path]) => !settledFolders.has(folderOf(path)));
  const narrow = whole ? [] : packages.flatMap((pkg) => filesIn(root, pkg)).filter(isConcerned);
  const named = [...shared, ...builds, ...configs, ...narrow.sort()];
  const unread = named.filter((path) => !around.has(path));
  const texts = new Map([
    ...readTexts(root, unread, (path) => isKnownMissing(walked, path)),
    ...rest,
    ...named.flatMap((path) => (around.has(path) ? [[path, around.get(path)] as const] : [])),
  ]);
  const ignored = new Map(packages.flatMap((pkg) => ignoredBy(pkg, bazelIgnored)));
  return { project, texts, whole, prune, ignored, settled };
}

/** BUILD files, and what may be a config of ours. */
function isConcerned(path: string): boolean {
  return path.endsWith(".yaml") || isBuildFile(path);
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
