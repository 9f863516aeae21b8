/** The disk as a port. Paths are relative to the root, with `/`; nothing is read or written outside it, links included. */
import { randomBytes } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { access, lstat, mkdir, readdir, readFile, realpath, rename, stat, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
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

/** Reports whether a file may be run. */
export async function isExecutable(root: string, path: string): Promise<boolean> {
  return access(join(root, path), constants.X_OK).then(
    () => true,
    () => false,
  );
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
  EXDEV: "it is a link that leads outside the repository",
  ENOTDIR: "a file is in the way of its folder",
  EEXIST: "a file is in the way of its folder",
  EMFILE: "too many open files",
};

function describeErrno(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return errnoTexts[code] ?? error.message;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

// Each open file takes a descriptor, of which some machines give a process 256.
const readers = 64;

/** Reads many files, some at once; the map has an entry for every path, in their order. */
export async function readTexts(root: string, paths: Iterable<string>): Promise<Map<string, string | undefined>> {
  const texts = new Map<string, string | undefined>([...paths].map((path) => [path, undefined]));
  const queue = texts.keys();
  const read = async (): Promise<void> => {
    for (const path of queue) texts.set(path, await readText(root, path));
  };
  await Promise.all(Array.from({ length: readers }, read));
  return texts;
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

// More at once only queue in the file system's thread pool.
const writers = 16;

// The process id tells the next run whether the writer is still alive.
const temporaryName = /^\.gen-bazel-images\.(\d+)\.[0-9a-f]+\.tmp$/;

// The temporary files of this process. Another one with its id was one before it: in containers ids come back soon.
const temporaries = new Set<string>();

/**
 * Writes the changes. Each file is written beside its place and renamed into it, so that it is whole at any moment, old or
 * new; a link is followed, the mode is kept. All new texts are on disk before the first rename. Of the temporary files
 * that a walk found, those of killed runs are removed.
 */
export async function applyChanges(
  root: string,
  changes: readonly Change[],
  found: readonly string[] = [],
): Promise<void> {
  for (const path of found) await clearLeftover(join(root, path));
  const staged: { readonly temporary: string; readonly target: string; readonly path: string }[] = [];
  try {
    const queue = changes.values();
    const work = async (): Promise<void> => {
      for (const { path, after, executable } of queue)
        if (after !== undefined) staged.push(await stage(root, path, after, executable ? 0o755 : 0o644));
    };
    // All workers end before anything is judged, so that what one staged is cleared when another failed.
    const ended = await Promise.allSettled(Array.from({ length: writers }, work));
    const failed = ended.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    // In the order of the changes, whichever was staged first.
    const order = new Map(changes.map(({ path }, index) => [path, index]));
    const position = ({ path }: { readonly path: string }) => order.get(path) ?? 0;
    for (const { temporary, target, path } of staged.sort((a, b) => position(a) - position(b))) {
      await attempt(path, () => rename(temporary, target));
    }
    for (const { path, after } of changes) if (after === undefined) await attempt(path, () => remove(join(root, path)));
  } catch (error) {
    await Promise.all(staged.map(({ temporary }) => unlink(temporary).catch(() => undefined)));
    throw error;
  } finally {
    for (const { temporary } of staged) temporaries.delete(temporary);
  }
}

/** Removes a file; one that another run removed in the meantime is fine. */
async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
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
  mode: number,
): Promise<{ temporary: string; target: string; path: string }> {
  return attempt(path, async () => {
    const wanted = join(root, path);
    await mkdir(dirname(wanted), { recursive: true });
    const link = await lstat(wanted).catch(() => undefined);
    const target = link?.isSymbolicLink() ? await realpath(wanted) : wanted;
    if (target !== wanted && !(await isInside(root, relative(root, target)))) {
      throw Object.assign(new Error("EXDEV"), { code: "EXDEV" });
    }
    const current = await stat(target).catch(() => undefined);
    if (current?.isDirectory()) throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
    await clearLeftovers(dirname(target));
    const temporary = join(dirname(target), `.gen-bazel-images.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
    temporaries.add(temporary);
    await writeFile(temporary, text, { mode: current ? current.mode & 0o7777 : mode, flag: "wx" });
    return { temporary, target, path };
  });
}

/** Removes what killed runs left in a folder. */
async function clearLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await clearLeftover(join(folder, name));
}

/** Removes a file when a killed run left it; files of a process that is alive are left alone. */
async function clearLeftover(path: string): Promise<void> {
  const pid = Number(temporaryName.exec(basename(path))?.[1] ?? Number.NaN);
  if (Number.isNaN(pid) || temporaries.has(path) || (pid !== process.pid && isAlive(pid))) return;
  await unlink(path).catch(() => undefined);
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
  /** Temporary files of runs, killed or alive, by path from the root. */
  readonly temporaries: readonly string[];
}

/**
 * Every BUILD file and every .yaml file beside one. Follows no links and skips `.git`, `node_modules`, `bazel-*`, hidden
 * folders of version control and what `.bazelignore` names.
 */
export async function walkPackages(root: string, ignored: ReadonlySet<string>): Promise<Walked> {
  const files: string[] = [];
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await readFolder(root, folder);
    const prefix = folder === "" ? "" : `${folder}/`;
    for (const entry of entries) {
      if (entry.isFile() && isConcerned(entry.name)) files.push(prefix + entry.name);
      else if (temporaryName.test(entry.name)) found.push(prefix + entry.name);
    }
    const folders = entries.filter(
      (entry) => entry.isDirectory() && !isSkipped(prefix + entry.name, folder === "", entry.name, ignored),
    );
    await Promise.all(folders.map((entry) => visit(prefix + entry.name)));
  };
  await visit("");
  return { files: files.sort(), temporaries: found.sort() };
}

/** What is in a folder; nothing when it was removed in the meantime. */
async function readFolder(root: string, folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw new DiskError(folder, error);
  }
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
