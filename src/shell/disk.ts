/** The disk as a port. Paths are relative to the root, with `/`; nothing is read or written outside it, links included. */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, realpath, rename, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Change } from "../pipeline/index.ts";

/** The text of a file; undefined when there is none. Throws what the disk says otherwise. */
export async function readText(root: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return undefined;
    throw new DiskError(path, error);
  }
}

/** A failure of the disk at a path. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  readonly path: string;
  constructor(path: string, cause: unknown) {
    super(cause instanceof Error ? describeErrno(cause) : String(cause), { cause });
    this.path = path;
  }
}

/** The failure as a diagnostic. */
export function diskDiagnostic(error: DiskError): Diagnostic {
  return diagnostic("disk-failed", { file: error.path, problem: error.message }, at(error.path));
}

const errnoTexts: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EISDIR: "a folder is in the way",
  ENOTDIR: "a file is in the way of its folder",
  EMFILE: "too many open files",
};

function describeErrno(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return errnoTexts[code] ?? error.message;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

/** Reads many files at once; the map has an entry for every path. */
export async function readTexts(root: string, paths: Iterable<string>): Promise<Map<string, string | undefined>> {
  const unique = [...new Set(paths)];
  const texts = await Promise.all(unique.map((path) => readText(root, path)));
  return new Map(unique.map((path, index) => [path, texts[index]]));
}

/** The folder's real path relative to the root; undefined when a link leads outside. A folder that is not there yet counts by its parent. */
export async function isInside(root: string, folder: string): Promise<boolean> {
  const top = await realpath(root);
  let path = join(root, folder);
  for (;;) {
    try {
      const inside = relative(top, await realpath(path));
      return inside !== ".." && !inside.startsWith(`..${sep}`);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw new DiskError(folder, error);
      path = dirname(path);
    }
  }
}

// The process id tells the next run whether the writer is still alive.
const temporaryName = /^\.gen-bazel-images\.(\d+)\.[0-9a-f]+\.tmp$/;

/**
 * Writes the changes. Each file is written beside its place and renamed into it, so that it is whole at any moment, old or
 * new; a link is followed, the mode is kept. All new texts are on disk before the first rename.
 */
export async function applyChanges(root: string, changes: readonly Change[]): Promise<void> {
  const staged: { readonly temporary: string; readonly target: string; readonly path: string }[] = [];
  try {
    for (const { path, after } of changes) {
      if (after !== undefined) staged.push(await stage(root, path, after));
    }
    for (const { temporary, target, path } of staged) await attempt(path, () => rename(temporary, target));
    for (const { path, after } of changes) if (after === undefined) await attempt(path, () => unlink(join(root, path)));
  } catch (error) {
    await Promise.all(staged.map(({ temporary }) => unlink(temporary).catch(() => undefined)));
    throw error;
  }
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new DiskError(path, error);
  }
}

async function stage(
  root: string,
  path: string,
  text: string,
): Promise<{ temporary: string; target: string; path: string }> {
  return attempt(path, async () => {
    const wanted = join(root, path);
    await mkdir(dirname(wanted), { recursive: true });
    const link = await lstat(wanted).catch(() => undefined);
    const target = link?.isSymbolicLink() ? await realpath(wanted) : wanted;
    const current = await stat(target).catch(() => undefined);
    if (current?.isDirectory()) throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
    await clearLeftovers(dirname(target));
    const temporary = join(dirname(target), `.gen-bazel-images.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
    await writeFile(temporary, text, { mode: current ? current.mode & 0o7777 : 0o644, flag: "wx" });
    return { temporary, target, path };
  });
}

/** Removes what a killed run left in a folder; files of a process that is alive are left alone. */
async function clearLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const match = temporaryName.exec(name);
    if (match && !isAlive(Number(match[1]))) await unlink(join(folder, name)).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

/** What a walk of the tree found. */
export interface Walked {
  /** BUILD files and YAML files, by path from the root. */
  readonly files: readonly string[];
}

/**
 * Every BUILD file and every .yaml file beside one. Follows no links and skips `.git`, `node_modules`, `bazel-*`, hidden
 * folders of version control and what `.bazelignore` names.
 */
export async function walkPackages(root: string, ignored: ReadonlySet<string>): Promise<Walked> {
  const files: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const prefix = folder === "" ? "" : `${folder}/`;
    for (const entry of entries) if (entry.isFile() && isConcerned(entry.name)) files.push(prefix + entry.name);
    const folders = entries.filter(
      (entry) => entry.isDirectory() && !isSkipped(prefix + entry.name, folder === "", entry.name, ignored),
    );
    await Promise.all(folders.map((entry) => visit(prefix + entry.name)));
  };
  await visit("");
  return { files: files.sort() };
}

function isConcerned(name: string): boolean {
  return name === "BUILD.bazel" || name === "BUILD" || name.endsWith(".yaml");
}

function isSkipped(path: string, atRoot: boolean, name: string, ignored: ReadonlySet<string>): boolean {
  return name === ".git" || name === "node_modules" || (atRoot && name.startsWith("bazel-")) || ignored.has(path);
}

/** The folders that `.bazelignore` names. */
export async function readBazelIgnore(root: string): Promise<ReadonlySet<string>> {
  const text = (await readText(root, ".bazelignore")) ?? "";
  const lines = text.split("\n").map((line) => line.trim().replace(/\/+$/, ""));
  return new Set(lines.filter((line) => line !== "" && !line.startsWith("#")));
}
