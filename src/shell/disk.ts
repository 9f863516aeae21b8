/** The disk as a port. Paths are relative to the root, with `/`; nothing is read or written outside it, links included. */
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, normalize, relative, sep } from "node:path";
import { folderOf } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Change } from "../pipeline/index.ts";
import { isAlive } from "./cache.ts";

/** A path from the root as the system takes it. `join` tidies up what is tidy, which takes longer than a look at a folder. */
export function absolute(root: string, path: string): string {
  return path === "" ? root : `${root}/${path}`;
}

/** The text of a file; undefined when there is none. Throws what the disk says otherwise. */
export function readText(root: string, path: string): string | undefined {
  try {
    return readFileSync(absolute(root, path), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return undefined;
    throw new DiskError(path, error);
  }
}

/** Reports whether a path is that of a folder. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Reports whether a path is that of a file, reached through no link below a root that is none. */
export function isPlainFile(root: string, path: string): boolean {
  const file = absolute(root, path);
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true && realpathSync.native(file) === normalize(file);
}

/** Reports whether a file is there and may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Reports whether a text lost bytes of its file when it was read: those that are no UTF-8 became U+FFFD. */
export function isLossy(root: string, path: string, text: string): boolean {
  return text.includes("\ufffd") && !isUtf8(readFileSync(absolute(root, path)));
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
  EFBIG: "the file is larger than the system allows",
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

/** Reports whether an error is the system's of that code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

/** Reads many files; the map has an entry for every path, in their order. Those that are known to be missing are not asked for. */
export function readTexts(
  root: string,
  paths: Iterable<string>,
  isMissing: (path: string) => boolean = () => false,
): Map<string, string | undefined> {
  return new Map([...new Set(paths)].map((path) => [path, isMissing(path) ? undefined : readText(root, path)]));
}

/** A path seen from the root, with `/`; one outside of it begins with `..`. */
export function fromRoot(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}

/** Reports whether a folder really lies in the root: no link leads outside. A folder that is not there yet counts by its parent. */
export function isInside(root: string, folder: string): boolean {
  const top = realpathSync(root);
  for (let path = join(root, folder); ; path = dirname(path)) {
    try {
      const inside = relative(top, realpathSync(path));
      return inside !== ".." && !inside.startsWith(`..${sep}`);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw new DiskError(folder, error);
    }
  }
}

/** The name of a file that is being written; the process id tells the next run whether its writer is still alive. */
export const temporaryName = /^\.gen-bazel-images\.(\d+)\.[0-9a-f]+\.tmp$/;

// The temporary files of this process. Another one with its id was one before it: in containers ids come back soon.
const temporaries = new Set<string>();

/** What a walk saw of the tree, by path from the root: folders, and the temporary files of runs in them. */
export interface Seen {
  readonly folders: ReadonlySet<string>;
  readonly temporaries: readonly string[];
}

const nothingSeen: Seen = { folders: new Set(), temporaries: [] };

/**
 * Writes the changes. Each file is written beside its place and renamed into it, so that it is whole at any moment, old or
 * new; a link is followed, the mode is kept. All new texts are on disk before the first rename. Of temporary files in the
 * folders concerned and of those that a walk saw, those of killed runs are removed.
 */
export async function applyChanges(root: string, changes: readonly Change[], seen = nothingSeen): Promise<void> {
  for (const path of seen.temporaries) clearLeftover(absolute(root, path));
  const staged: Staged[] = [];
  const prepared = new Set([...seen.folders].map((folder) => absolute(root, folder)));
  const run = randomBytes(6).toString("hex");
  try {
    for (const { path, before = "" } of changes)
      if (isLossy(root, path, before)) throw new DiskError(path, "it is not UTF-8, so bytes of it would be lost");
    for (const { path, after, executable } of changes)
      if (after !== undefined) {
        const name = `.gen-bazel-images.${process.pid}.${run}${staged.length.toString(16)}.tmp`;
        staged.push(stage({ root, path, text: after, mode: executable ? 0o755 : 0o644, name }, prepared));
      }
    for (const { temporary, target, path } of staged) attempt(path, () => renameSync(temporary, target));
    for (const { path, after } of changes) if (after === undefined) attempt(path, () => remove(absolute(root, path)));
  } catch (error) {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    throw error;
  } finally {
    for (const { temporary } of staged) temporaries.delete(temporary);
  }
}

/** Removes a file; one that another run removed in the meantime is fine. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new DiskError(path, error);
  }
}

interface Staged {
  readonly temporary: string;
  readonly target: string;
  readonly path: string;
}

/** A text to write, with the mode of a file that is not there yet, and what it is called until then. */
interface NewText {
  readonly root: string;
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly name: string;
}

/** Writes a text beside its place. `prepared` holds the folders that are known to be there without leftovers. */
function stage({ root, path, text, mode, name }: NewText, prepared: Set<string>): Staged {
  return attempt(path, () => {
    const wanted = absolute(root, path);
    const own = absolute(root, folderOf(path));
    const link = lstatSync(wanted, { throwIfNoEntry: false });
    if (!link && !prepared.has(own)) mkdirSync(own, { recursive: true });
    const target = link?.isSymbolicLink() ? realpathSync(wanted) : wanted;
    if (target !== wanted && !isInside(root, relative(root, target))) {
      throw Object.assign(new Error("EXDEV"), { code: "EXDEV" });
    }
    const current = target === wanted ? link : statSync(target, { throwIfNoEntry: false });
    if (current?.isDirectory()) throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
    const folder = target === wanted ? own : dirname(target);
    clearLeftovers(folder, prepared);
    const temporary = `${folder}/${name}`;
    temporaries.add(temporary);
    writeWhole(temporary, text, current ? current.mode & 0o7777 : mode);
    return { temporary, target, path };
  });
}

/** Writes a new file, or leaves none. */
function writeWhole(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: "wx" });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) rmSync(path, { force: true });
    throw error;
  }
}

/** Removes what killed runs left in a folder. */
function clearLeftovers(folder: string, prepared: Set<string>): void {
  if (prepared.has(folder)) return;
  for (const name of readdirSync(folder)) if (temporaryName.test(name)) clearLeftover(`${folder}/${name}`);
  prepared.add(folder);
}

/** Removes a file when a killed run left it; files of a process that is alive are left alone. */
function clearLeftover(path: string): void {
  const pid = Number(temporaryName.exec(basename(path))?.[1] ?? Number.NaN);
  if (Number.isNaN(pid) || temporaries.has(path) || (pid !== process.pid && isAlive(pid))) return;
  try {
    unlinkSync(path);
  } catch {
    // Another run removed it, or it stays: it is in nobody's way.
  }
}
