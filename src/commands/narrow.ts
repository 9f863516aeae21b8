/** What the words of a command line narrow a run to: packages, files and names of services. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildFilesIn, folderOf } from "../bazel/index.ts";
import { type Diagnostic, diagnostic, didYouMean } from "../diagnostics/index.ts";
import type { Project } from "../model/index.ts";
import {
  concernOf,
  type DeclaredConfig,
  isImportable,
  looksLikeFile,
  type NamedFile,
  pinsFilesOf,
} from "../pipeline/index.ts";
import type { Known } from "../shell/bundle-inputs.ts";
import { importsOf } from "../shell/declarations.ts";
import { fromRoot } from "../shell/disk.ts";
import { inlinePackageOf, type Workspace } from "./workspace.ts";

export interface Narrowed {
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
export function narrow(concern: WordsConcern, cwd: string, files: readonly string[], workspace: Workspace): Narrowed {
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

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Every package that may have services, before any is evaluated. */
export function packagesOf(files: readonly string[], { declared }: Workspace): ReadonlySet<string> {
  return new Set([...files.map(folderOf), ...declared.inline.map(({ service }) => inlinePackageOf(service))]);
}

/** What the words of a command line concern. */
export interface WordsConcern {
  readonly whole: boolean;
  /** Packages that the files among them concern. */
  readonly packages: readonly string[];
  /** The words that are no files. */
  readonly words: readonly string[];
  /** All are files that concern nothing. */
  readonly isIdle: boolean;
}

/** Tells files from other words, and what they concern. Only files that may be imported need a look at who imports them. */
export async function concernOfWords(
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
  const inputs = isLookedUp
    ? await importsOf({ root, files: declarations, cache, name: "declarations", known })
    : new Map<string, readonly string[]>();
  const { config } = declared;
  const shared = [...pinsFilesOf(config), config.files.defs];
  const concern = concernOf(files, {
    config: workspace.inputs,
    inputs,
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

export function inlineOf({ declared }: Workspace, { whole, names, isNamed }: Narrowed): DeclaredConfig {
  if (whole || names.length > 0) return declared;
  return { ...declared, inline: declared.inline.filter(({ service }) => isNamed(inlinePackageOf(service))) };
}

/** Narrows to the packages of the services named: a package is written as a whole. */
export function selectNames(project: Project, { names, isNamed }: Narrowed): Project {
  if (names.length === 0) return project;
  const packages = new Set(project.services.filter((s) => names.includes(s.name)).map((s) => s.package));
  return { ...project, services: project.services.filter((s) => packages.has(s.package) || isNamed(s.package)) };
}

export function unknownNames(names: readonly string[], project: Project): readonly Diagnostic[] {
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
