/** Gathers what an import depends on: the root, what is declared already, and every file that may hold rules or bases. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import picomatch from "picomatch";
import { escapePath } from "tinyglobby";
import { type AdoptedFile, type BuildFile, partOfKind, usualPins } from "../adopt/index.ts";
import { buildFilesIn, folderOf, isBuildFile, pathIn } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import { type DeclarationFile, type DeclaredConfig, declareProject, pinsFilesOf } from "../pipeline/index.ts";
import { searchRegion } from "../pipeline/merge/index.ts";
import { isLossy, readTexts } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { readBazelIgnore, walkTree } from "../shell/walk.ts";
import type { StarlarkFile, StarlarkReader } from "../starlark/read/index.ts";
import { folderNamed, isAtOrBelow } from "./narrow.ts";
import { type CommonOptions, findConfig, openDeclarations, openWorkspace } from "./workspace.ts";

/** Where the user starts. */
export function startOf(options: CommonOptions, shell: Shell): string {
  return resolve(shell.cwd, options.cwd ?? ".");
}

const workspaceNames = ["WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel"];

/** The folder of the config; without one, of the nearest WORKSPACE or MODULE.bazel. */
export function rootFor(options: CommonOptions, shell: Shell): string | undefined {
  const start = startOf(options, shell);
  const config = options.config === undefined ? findConfig(start) : resolve(start, options.config);
  if (config !== undefined) return dirname(config);
  for (let folder = start; ; folder = dirname(folder)) {
    if (workspaceNames.some((name) => existsSync(join(folder, name)))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** A config that is there, with what its declaration files export. */
export interface Existing {
  readonly declared: DeclaredConfig;
  readonly declarations: readonly DeclarationFile[];
}

/** Opens the config and the declarations, when there are any. */
export async function openExisting(
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

/** The files that an import looks at. */
export interface Tree {
  readonly builds: readonly BuildFile[];
  /** BUILD files that may hold rules of ours and cannot be looked into, and what cannot be read of `setup`. */
  readonly problems: readonly { readonly path: string; readonly diagnostic: Diagnostic }[];
  readonly links: ReadonlySet<string>;
  readonly setup: ReadonlyMap<string, StarlarkFile>;
}

/** Other workspaces below the root have a WORKSPACE of their own. */
function isConcerned(path: string): boolean {
  return workspaceNames.includes(path) || isBuildFile(path) || /\.bzl$|\.MODULE\.bazel$/.test(path);
}

/** Reads the BUILD files that may hold rules of ours, and the files that set up the repository. */
export function readTree(root: string, reader: StarlarkReader, existing: Existing | undefined): Tree {
  const { files, links } = walkTree(root, readBazelIgnore(root));
  const texts = readTexts(root, [...files, ...[...links].filter(isBuildFile)].filter(isConcerned).sort());
  const swapped = [...(existing?.declared.config.loads.values() ?? [])].map(({ symbol }) => symbol);
  // What stands in the place of ours has to be known, whatever is in it.
  const pins = new Set(existing ? pinsFilesOf(existing.declared.config) : Object.values(usualPins));
  const words = new RegExp(`\\b(?:${[...Object.keys(partOfKind), ...swapped].join("|")})\\b`);
  const builds: BuildFile[] = [];
  const problems: { readonly path: string; readonly diagnostic: Diagnostic }[] = [];
  const setup = new Map<string, StarlarkFile>();
  for (const [path, text] of texts) {
    if (text === undefined) continue;
    const isBuild = isBuildFile(path);
    // Bazel takes BUILD.bazel where both are there.
    if (isBuild && (texts.get(`${path}.bazel`) !== undefined || !words.test(text))) continue;
    if (!isBuild && !workspaceNames.includes(path) && !pins.has(path) && !/oci|image_repository/.test(text)) continue;
    const code = links.has(path) ? "import-link" : isLossy(root, path, text) ? "import-encoding" : undefined;
    if (code && isBuild) problems.push({ path, diagnostic: diagnostic(code, { file: path }, at(path)) });
    if (code) continue;
    const file = reader.read(text);
    if (isBuild) builds.push({ path, file, region: searchRegion(file, path).region });
    else setup.set(path, file);
    if (workspaceNames.includes(path) && file.problem) {
      const { line, column } = file.problem;
      problems.push({ path, diagnostic: diagnostic("import-setup-syntax", { file: path }, at(path, line, column)) });
    }
  }
  return { builds, problems, links, setup };
}

/** The BUILD files at or below the folders named. */
export function select(
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
export function placeDeclaration(build: BuildFile, root: string): AdoptedFile {
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
export function newGlobs(files: readonly AdoptedFile[], globs: readonly string[]): readonly string[] {
  const isFound = globs.length === 0 ? () => false : picomatch([...globs], { dot: true });
  const missed = files.filter(({ declaration }) => !isFound(declaration));
  const tops = missed.map(({ package: pkg }) => {
    const [top = ""] = pkg.split("/");
    return top === "" ? "*.image.ts" : `${escapePath(top)}/**/*.image.ts`;
  });
  return [...new Set(tops)].sort();
}

/** The texts that a plan of these packages looks at. */
export function readConcerned(
  root: string,
  files: readonly AdoptedFile[],
  config: DeclaredConfig["config"],
): ReadonlyMap<string, string | undefined> {
  const shared = [...pinsFilesOf(config), config.files.defs];
  const folders = [...new Set([...shared.map(folderOf), ...files.map((file) => file.package)])];
  const builds = folders.flatMap(buildFilesIn);
  const tests = files.flatMap((file) =>
    file.file.strings.flatMap(({ value = "" }) =>
      /\.ya?ml$/.test(value) ? [pathIn(file.package, value.replace(/^:/, ""))] : [],
    ),
  );
  return readTexts(root, [...shared, ...builds, ...tests.filter((path) => !path.includes("//"))]);
}
