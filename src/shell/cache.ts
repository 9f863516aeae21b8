/**
 * What a run may remember for the next one: records by name, each written whole and checked by its own hash when it is
 * read. A record that is missing, damaged or cannot be written is no error, only work that has to be done again. Nothing
 * in here may rest on the times of files. Safe to delete at any moment; several runs may share it, the last one wins.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Records by name. */
export interface Cache {
  /** False for the cache that remembers nothing. */
  readonly isOn: boolean;
  /** The parts of a record as they were saved; undefined when it is not there whole. */
  readonly load: (name: string) => readonly Buffer[] | undefined;
  readonly save: (name: string, parts: readonly Uint8Array[]) => void;
}

/** A cache that remembers nothing. */
export const noCache: Cache = { isOn: false, load: () => undefined, save: () => undefined };

/** A variable that switches the cache off (`off`) or names its folder. */
export const cacheVariable = "GEN_BAZEL_IMAGES_CACHE";

/** The cache for the monorepo at `root`, which need not exist yet. */
export function openCache(root: string, env: Readonly<Record<string, string | undefined>>): Cache {
  const folder = env[cacheVariable] === "off" ? undefined : cacheFolder(root, env);
  if (folder === undefined) return noCache;
  return {
    isOn: true,
    load: (name) => readRecord(folder, name),
    save: (name, parts) => writeRecord(folder, name, parts),
  };
}

/**
 * The folder for a monorepo: in its `node_modules` when it has one, else in the user's own folder for caches. Never in a
 * folder for everybody's temporary files: a bundle is code, and there another user could have put it.
 */
function cacheFolder(root: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = env[cacheVariable];
  if (given) return given;
  if (statSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isDirectory())
    return join(root, "node_modules/.cache/gen-bazel-images");
  const home = env["HOME"];
  const caches = env["XDG_CACHE_HOME"] || env["LOCALAPPDATA"] || (home && join(home, ".cache"));
  if (!caches) return undefined;
  return join(caches, "gen-bazel-images", createHash("sha256").update(root).digest("hex").slice(0, 16));
}

/** What a record holds by key; empty when it is not there. */
export function loadEntries<T>(cache: Cache, name: string): ReadonlyMap<string, T> {
  const [entries] = cache.load(name) ?? [];
  return new Map(entries ? (JSON.parse(entries.toString()) as [string, T][]) : []);
}

/** Saves values that JSON has a form for, by key. */
export function saveEntries<T>(cache: Cache, name: string, entries: readonly (readonly [string, T])[]): void {
  cache.save(name, [Buffer.from(JSON.stringify(entries))]);
}

/** The hash of a content, for keys. */
export function hashOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64");
}

const hashLength = 32;

/** `hash | number of parts | their lengths | parts`, the numbers as 32 bits; the hash is that of the name and all behind it. */
function readRecord(folder: string, name: string): readonly Buffer[] | undefined {
  try {
    const bytes = readFileSync(join(folder, name));
    const body = bytes.subarray(hashLength);
    const hash = createHash("sha256").update(name).update(body).digest();
    if (!hash.equals(bytes.subarray(0, hashLength))) return undefined;
    const count = body.readUInt32LE(0);
    let start = 4 * (count + 1);
    return Array.from({ length: count }, (_, index) => {
      const end = start + body.readUInt32LE(4 * (index + 1));
      const part = body.subarray(start, end);
      start = end;
      return part;
    });
  } catch {
    return undefined;
  }
}

function writeRecord(folder: string, name: string, parts: readonly Uint8Array[]): void {
  const header = Buffer.alloc(4 * (parts.length + 1));
  for (const [index, length] of [parts.length, ...parts.map((part) => part.length)].entries())
    header.writeUInt32LE(length, 4 * index);
  const hash = createHash("sha256").update(name).update(header);
  for (const part of parts) hash.update(part);
  const temporary = join(folder, `${name}.${process.pid}.tmp`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    tidy(folder);
    writeFileSync(temporary, Buffer.concat([hash.digest(), header, ...parts]), { mode: 0o600 });
    renameSync(temporary, join(folder, name));
  } catch {
    remove(temporary);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It cannot be written either, then; a later run tries again.
  }
}

// In the user's folder each monorepo has its own; of those that are gone nobody tells us.
const monorepos = 20;

/** Removes what killed runs left half written, and of many monorepos' folders those that were written longest ago. */
function tidy(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/\.(\d+)\.tmp$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isAlive(pid)) remove(join(folder, name));
  }
  const parent = join(folder, "..");
  if (!/[\\/]gen-bazel-images[\\/]?$/.test(join(parent, "/"))) return;
  const folders = readdirSync(parent)
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => ({ path: join(parent, name), written: statSync(join(parent, name)).mtimeMs }))
    .sort((a, b) => b.written - a.written);
  for (const { path } of folders.slice(monorepos)) if (path !== folder) remove(path);
}

/** Reports whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
