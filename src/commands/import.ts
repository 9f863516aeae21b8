import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import picomatch from "picomatch";
import { escapePath } from "tinyglobby";
import {
  type AdoptedFile,
  type AdoptedPackage,
  type Adoption,
  adoptFiles,
  type BuildFile,
  editConfig,
  linesOf,
  printConfig,
  printServices,
  type Survey,
  surveyRepository,
} from "../adopt/index.ts";
import { pathIn } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import {
  type Change,
  type DeclarationFile,
  type DeclaredConfig,
  declareProject,
  folderOf,
  pinsFilesOf,
  printDiff,
  reviewChange,
} from "../pipeline/index.ts";
import { searchRegion } from "../pipeline/merge/index.ts";
import { colours, messageOf, printChanges, reportOf } from "../report/index.ts";
import { applyChanges, isLossy, readTexts } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { readBazelIgnore, walkTree } from "../shell/walk.ts";
import type { StarlarkFile, StarlarkReader } from "../starlark/read/index.ts";
import { paintDiff } from "./diff.ts";
import {
  type ExitCode,
  exitCodeOf,
  failureOf,
  locateAll,
  type OutputOptions,
  printFindings,
  withProgress,
} from "./finish.ts";
import {
  type CommonOptions,
  findConfig,
  folderNamed,
  isAtOrBelow,
  openDeclarations,
  openWorkspace,
  portsFor,
  readForFrame,
} from "./gather.ts";
import { housekeeping } from "./init.ts";

/** What the user asked for besides packages. */
export interface ImportOptions {
  /** Show what would be written, and write nothing. */
  readonly dryRun: boolean;
}

/** What an import would do, with the declarations and the config. */
interface Import {
  readonly packages: readonly AdoptedPackage[];
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
}

const nothing = { packages: [], changes: [] };

/** Reads the BUILD files that are there and writes the declarations which regenerate them. */
export async function importRules(
  options: CommonOptions,
  output: OutputOptions,
  { dryRun }: ImportOptions,
  shell: Shell,
): Promise<ExitCode> {
  const root = rootFor(options, shell);
  const { packages, changes, diagnostics } =
    root === undefined
      ? { ...nothing, diagnostics: [diagnostic("import-no-workspace", { cwd: startOf(options, shell) })] }
      : await withProgress(shell, () => planImport(root, options, dryRun, shell));
  const place = root ?? startOf(options, shell);
  const changed = changes.filter(({ kind }) => kind !== "same");
  const failed = dryRun ? [] : await write(place, changed);
  const found = [...diagnostics, ...failed];
  if (output.format === "json") {
    const report = { changes: changed, diagnostics: await locateAll(found, place) };
    shell.out(`${JSON.stringify({ packages: packages.map(describe), ...reportOf(report) }, null, 2)}\n`);
    return exitCodeOf(found);
  }
  await printFindings(place, found, [], "npx gen-bazel-images import", output, shell);
  if (failed.length > 0 || (packages.length === 0 && hasErrors(found))) return exitCodeOf(found);
  const c = colours(output.color ?? shell.isTerminal);
  if (dryRun) for (const change of changed) shell.out(`${paintDiff(printDiff(change), c)}`);
  else shell.out(printChanges(changed, "generate", c));
  shell.out(`${c.dim(summary(packages, found, dryRun))}\n`);
  return exitCodeOf(found);
}

async function write(root: string, changes: readonly Change[]): Promise<readonly Diagnostic[]> {
  try {
    await applyChanges(root, changes);
    return [];
  } catch (error) {
    return [failureOf(error)];
  }
}

function describe({ package: pkg, path, declaration, rules, services, attributes }: AdoptedPackage) {
  return { package: pkg, path, declaration, services: services.map(({ name }) => name), rules, attributes };
}

function summary(packages: readonly AdoptedPackage[], found: readonly Diagnostic[], dryRun: boolean): string {
  const remaining = found.filter(
    ({ code, args }) => code.startsWith("import-") && args["what"] !== undefined && code !== "import-test-config",
  ).length;
  const rest =
    remaining === 0 ? "" : `; ${count(remaining, "rule")} ${remaining === 1 ? "stays" : "stay"} hand-written`;
  if (packages.length === 0) return `nothing to import${rest}`;
  const sum = (of: (one: AdoptedPackage) => number) => packages.reduce((total, one) => total + of(one), 0);
  const all = sum((one) => one.attributes.all);
  const typed = all - sum((one) => one.attributes.text);
  const verb = dryRun ? "would be imported" : "imported";
  return `${count(
    sum((one) => one.rules),
    "rule",
  )} of ${count(packages.length, "package")} ${verb}, ${typed} of ${count(all, "attribute")} typed${rest}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function startOf(options: CommonOptions, shell: Shell): string {
  return resolve(shell.cwd, options.cwd ?? ".");
}

const workspaceNames = ["WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel"];

/** The folder of the config; without one, of the nearest WORKSPACE or MODULE.bazel. */
function rootFor(options: CommonOptions, shell: Shell): string | undefined {
  const start = startOf(options, shell);
  const config = options.config === undefined ? findConfig(start) : resolve(start, options.config);
  if (config !== undefined) return dirname(config);
  for (let folder = start; ; folder = dirname(folder)) {
    if (workspaceNames.some((name) => existsSync(join(folder, name)))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

interface Existing {
  readonly declared: DeclaredConfig;
  readonly declarations: readonly DeclarationFile[];
}

async function planImport(root: string, options: CommonOptions, dryRun: boolean, shell: Shell): Promise<Import> {
  const opened = await openExisting(options, shell);
  if (hasErrors(opened.diagnostics)) return { ...nothing, diagnostics: opened.diagnostics };
  const { existing } = opened;
  const reader = await starlarkReader();
  const tree = await readTree(root, reader, existing);
  const selected = select(tree.builds, options, startOf(options, shell), root);
  if (selected.unknown.length > 0) return { ...nothing, diagnostics: selected.unknown };
  const configFile = opened.file ?? "bazel-images.config.ts";
  const files = selected.builds.map((build) => placeDeclaration(build, root));
  const services = existing ? declareProject(existing.declared, existing.declarations, false).value.services : [];
  const surveyed = surveyRepository({
    configFile,
    existing: existing && { declared: existing.declared, services },
    builds: selected.builds,
    setup: tree.setup,
    globs: newGlobs(files, existing?.declared.globs ?? []),
    whole: options.targets.length === 0,
  });
  if (!surveyed.value) return { ...nothing, diagnostics: surveyed.diagnostics };
  const survey = surveyed.value;
  const { config } = survey.config;
  const adoption = await adoptFiles(
    {
      files,
      config: survey.config,
      declarations: existing?.declarations ?? [],
      whole: options.targets.length === 0,
      texts: await readConcerned(root, files, config),
      instead: survey.instead,
      rootName: basename(root),
      links: tree.links,
      placesAfter: !dryRun,
      describe: messageOf,
    },
    portsFor(root, config),
  );
  const problems = tree.problems.filter(({ path }) => selected.isNamed(path)).map((one) => one.diagnostic);
  const all = { ...adoption, diagnostics: [...problems, ...adoption.diagnostics] };
  return adoption.packages.length === 0 ? all : withSources(all, survey, configFile, root);
}

async function openExisting(
  options: CommonOptions,
  shell: Shell,
): Promise<{ readonly existing?: Existing; readonly file?: string; readonly diagnostics: readonly Diagnostic[] }> {
  if (options.config === undefined && findConfig(startOf(options, shell)) === undefined) return { diagnostics: [] };
  const { workspace, diagnostics } = await openWorkspace(options, shell);
  if (!workspace) return { diagnostics };
  const { declared } = workspace;
  const opened = await openDeclarations(workspace);
  // A config whose globs find nothing yet is what an import begins with.
  const found = opened.diagnostics.filter(({ code }) => code !== "services-glob-empty");
  const wrong = declareProject(declared, opened.files, false).diagnostics;
  return {
    existing: { declared, declarations: opened.files },
    file: declared.config.file,
    diagnostics: [...diagnostics, ...found, ...wrong],
  };
}

interface Tree {
  readonly builds: readonly BuildFile[];
  /** BUILD files that may hold rules of ours and cannot be looked into. */
  readonly problems: readonly { readonly path: string; readonly diagnostic: Diagnostic }[];
  readonly links: ReadonlySet<string>;
  readonly setup: ReadonlyMap<string, StarlarkFile>;
}

const kinds = ["pkg_tar", "oci_image", "oci_tarball", "oci_load", "container_structure_test", "oci_push"];

function isBuildFile(path: string): boolean {
  return /(?:^|\/)BUILD(?:\.bazel)?$/.test(path);
}

/** Other workspaces below the root have a WORKSPACE of their own. */
function isConcerned(path: string): boolean {
  return workspaceNames.includes(path) || isBuildFile(path) || /\.bzl$|\.MODULE\.bazel$/.test(path);
}

/** Reads the BUILD files that may hold rules of ours, and the files that set up the repository. */
async function readTree(root: string, reader: StarlarkReader, existing: Existing | undefined): Promise<Tree> {
  const { files, links } = walkTree(root, readBazelIgnore(root));
  const texts = readTexts(root, [...files, ...[...links].filter(isBuildFile)].filter(isConcerned).sort());
  const swapped = [...(existing?.declared.config.loads.values() ?? [])].map(({ symbol }) => symbol);
  const words = new RegExp(`\\b(?:${[...kinds, ...swapped].join("|")})\\b`);
  const builds: BuildFile[] = [];
  const problems: { readonly path: string; readonly diagnostic: Diagnostic }[] = [];
  const setup = new Map<string, StarlarkFile>();
  for (const [path, text] of texts) {
    if (text === undefined) continue;
    const isBuild = isBuildFile(path);
    // Bazel takes BUILD.bazel where both are there.
    if (isBuild && (texts.get(`${path}.bazel`) !== undefined || !words.test(text))) continue;
    if (!isBuild && !workspaceNames.includes(path) && !/\boci[_.]pull\b|\bimage_repository\b/.test(text)) continue;
    const code = links.has(path) ? "import-link" : isLossy(root, path, text) ? "import-encoding" : undefined;
    if (code && isBuild) problems.push({ path, diagnostic: diagnostic(code, { file: path }, at(path)) });
    if (code) continue;
    const file = reader.read(text);
    if (isBuild) builds.push({ path, file, region: searchRegion(file, path).region });
    else setup.set(path, file);
  }
  return { builds, problems, links, setup };
}

/** The BUILD files at or below the folders named. */
function select(
  builds: readonly BuildFile[],
  { targets }: CommonOptions,
  cwd: string,
  root: string,
): {
  readonly builds: readonly BuildFile[];
  readonly unknown: readonly Diagnostic[];
  readonly isNamed: (path: string) => boolean;
} {
  if (targets.length === 0) return { builds, unknown: [], isNamed: () => true };
  const folders = targets.map((target) => packageNamed(target, cwd, root));
  const unknown = targets.flatMap((argument, index) => {
    const folder = folders[index];
    if (folder !== undefined && existsSync(join(root, folder))) return [];
    const hint = "name packages or folders: npx gen-bazel-images import cmd/worker //cmd/web";
    return [diagnostic("argument-unknown", { argument, hint })];
  });
  const isNamed = (path: string) =>
    folders.some((folder) => folder !== undefined && (folder === "" || isAtOrBelow(folderOf(path), folder)));
  return { builds: builds.filter(({ path }) => isNamed(path)), unknown, isNamed };
}

/** The folder that a word names, a file's own; undefined for anything else. */
function packageNamed(target: string, cwd: string, root: string): string | undefined {
  const path = folderNamed(target, cwd, root);
  const isFile = path !== undefined && existsSync(join(root, path)) && statSync(join(root, path)).isFile();
  return isFile ? folderOf(path) : path;
}

/** A package's services go to one file, called after its folder; a name that is taken is left alone. */
function placeDeclaration(build: BuildFile, root: string): AdoptedFile {
  const pkg = folderOf(build.path);
  const folder = pkg.split("/").at(-1) || basename(root);
  const names = [
    `${folder}.image.ts`,
    ...Array.from({ length: 100 }, (_, n) => `${folder}.imported${n || ""}.image.ts`),
  ];
  const free = names.map((name) => pathIn(pkg, name)).find((path) => !existsSync(join(root, path)));
  return { ...build, package: pkg, declaration: free ?? pathIn(pkg, `${folder}.image.ts`) };
}

/** Globs for the files that none of those that are there finds; one a folder at the top. */
function newGlobs(files: readonly AdoptedFile[], globs: readonly string[]): readonly string[] {
  const isFound = globs.length === 0 ? () => false : picomatch([...globs], { dot: true });
  const missed = files.filter(({ declaration }) => !isFound(declaration));
  const tops = missed.map(({ package: pkg }) => {
    const [top = ""] = pkg.split("/");
    return top === "" ? "*.image.ts" : `${escapePath(top)}/**/*.image.ts`;
  });
  return [...new Set(tops)].sort();
}

/** The texts that a plan of these packages looks at. */
async function readConcerned(
  root: string,
  files: readonly AdoptedFile[],
  config: DeclaredConfig["config"],
): Promise<ReadonlyMap<string, string | undefined>> {
  const shared = [...pinsFilesOf(config), config.files.defs];
  const folders = [...new Set([...shared.map(folderOf), ...files.map((file) => file.package)])];
  const builds = folders.flatMap((folder) => ["BUILD.bazel", "BUILD"].map((name) => pathIn(folder, name)));
  const tests = files.flatMap((file) =>
    file.file.strings.flatMap(({ value = "" }) =>
      /\.ya?ml$/.test(value) ? [pathIn(file.package, value.replace(/^:/, ""))] : [],
    ),
  );
  return readTexts(root, [...shared, ...builds, ...tests.filter((path) => !path.includes("//"))]);
}

/** The declarations in front, so that a run that is killed half-way leaves nothing that another import could not finish. */
function withSources(adoption: Adoption, survey: Survey, configFile: string, root: string): Import {
  const declarations = adoption.packages
    .filter(({ services }) => services.length > 0)
    .map(({ declaration, services }) => reviewChange(declaration, undefined, printServices(services)));
  const config = configChange(survey, adoption, configFile, root);
  const diagnostics = [...survey.diagnostics, ...adoption.diagnostics];
  if (!("path" in config)) return { ...nothing, diagnostics: [config] };
  const around =
    survey.fresh === undefined
      ? []
      : housekeeping(root).map(({ path, text, before }) => reviewChange(path, before, text));
  return {
    packages: adoption.packages,
    changes: [...declarations, config, ...around, ...adoption.changes],
    diagnostics,
  };
}

function configChange(survey: Survey, { packages }: Adoption, path: string, root: string): Change | Diagnostic {
  const needsGlobs = packages.some(({ services }) => services.length > 0);
  const additions = needsGlobs ? survey.additions : { ...survey.additions, services: [] };
  if (survey.fresh) return reviewChange(path, undefined, printConfig(survey.fresh));
  const before = readForFrame(root)(path) ?? "";
  const after = editConfig(before, additions);
  if (after !== undefined) return reviewChange(path, before, after);
  return diagnostic("import-config", { file: path, lines: linesOf(additions) }, at(path));
}
