import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { fromRoot } from "./disk.ts";

/** What esbuild looked at to make a bundle. */
export interface Manifest {
  /** Files that went in, by path from the root. */
  readonly inputs: readonly string[];
  /** Where relative imports point, by path from the root: what stands there and beside it decides what they mean. */
  readonly targets: readonly string[];
}

/** What a walk knows of the tree, so that it need not be asked for again. */
export interface Known {
  /** Reports whether a path is a plain file, reached through no link. */
  readonly isPlain: (path: string) => boolean;
  /** Reports whether there is no such file. */
  readonly isMissing: (path: string) => boolean;
}

const nothing: Known = { isPlain: () => false, isMissing: () => false };

/** What can be told of a bundle before it is made: the files themselves, and the library. */
export function firstManifest(root: string, files: readonly string[], library: string): Manifest {
  return { inputs: [...files, fromRoot(root, library)].sort(), targets: [] };
}

/** Reports whether two bundles looked at the same. */
export function isSame(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * What a bundle was made from; undefined when the disk may decide about it in ways that are not followed here.
 *
 * - relative imports: their target and whatever may shadow it count
 * - `gen-bazel-images` is an alias, `node:` needs no file, the entry imports by whole names
 * - any other import (packages, paths of a tsconfig, globs) is looked for in too many places
 */
export function manifestOf({ inputs }: Metafile, root: string, entry: string): Manifest | undefined {
  const targets = new Set<string>();
  for (const [importer, { imports }] of Object.entries(inputs)) {
    if (importer === entry) continue;
    for (const { path, original, external } of imports) {
      if (original === "gen-bazel-images" || (external && path.startsWith("node:"))) continue;
      if (external || original === undefined || !/^\.\.?\//.test(original) || original.includes("*")) return undefined;
      const target = resolve(root, dirname(importer), original);
      const found = dirname(resolve(root, path));
      if (found !== dirname(target) && found !== target) return undefined;
      targets.add(fromRoot(root, target));
    }
  }
  const paths = Object.keys(inputs).filter((path) => path !== entry);
  return { inputs: paths.sort(), targets: [...targets].sort() };
}

/** The hash of everything that a bundle depends on; undefined when that cannot be told. */
export function fingerprintOf(manifest: Manifest, root: string, known: Known = nothing): string | undefined {
  if (process.env["ESBUILD_BINARY_PATH"]) return undefined;
  const hash = createHash("sha256").update(esbuildVersion());
  try {
    for (const path of manifest.inputs) {
      const file = resolve(root, path);
      // Imports of a linked file start from where it really is.
      if (!known.isPlain(path) && realpathSync.native(file) !== file) return undefined;
      addFile(hash, path, file);
    }
    for (const path of manifest.targets) addTarget(hash, path, resolve(root, path));
    for (const folder of foldersOf(manifest.inputs, root)) addSettings(hash, folder, root, known);
  } catch {
    return undefined;
  }
  return hash.digest("base64");
}

function addFile(hash: Hash, name: string, file: string): void {
  const content = readFileSync(file);
  hash.update(`\0${name}\0${content.length}\0`).update(content);
}

/** Names that an import may mean: with any ending, or a folder with an index. */
function addTarget(hash: Hash, name: string, target: string): void {
  const base = basename(target);
  const stem = base.replace(/\.[^.]*$/, "");
  const beside = readdirSync(dirname(target), { withFileTypes: true })
    .filter((entry) => entry.name === base || entry.name === stem || entry.name.startsWith(`${stem}.`))
    .map((entry) => {
      if (entry.isSymbolicLink()) throw new Error("a link decides what an import means");
      return `${entry.name}${entry.isDirectory() ? "/" : ""}`;
    });
  const inside = beside.includes(`${base}/`) ? readdirSync(target) : [];
  if (inside.includes("package.json")) throw new Error("a package.json decides what an import means");
  hash.update(`\0${name}\0${JSON.stringify([beside.sort(), inside.filter((one) => /^index\./.test(one)).sort()])}`);
}

/** Every folder of an input and those above it, up to the top of the disk; those in the root by path from there. */
function foldersOf(inputs: readonly string[], root: string): Iterable<string> {
  const inside = new Set<string>();
  const outside = new Set<string>();
  for (const path of inputs) {
    const isInside = !path.startsWith("..") && !isAbsolute(path);
    if (isInside) for (let at = path; at !== ""; inside.add(at)) at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
    else for (let at = dirname(resolve(root, path)); !outside.has(at); at = dirname(at)) outside.add(at);
  }
  for (let at = dirname(root); !outside.has(at); at = dirname(at)) outside.add(at);
  return [...inside, ...outside].sort();
}

/** Settings of a folder that esbuild obeys: https://esbuild.github.io/content-types/#tsconfig-json, `type` and the like of a package. */
function addSettings(hash: Hash, folder: string, root: string, { isMissing }: Known): void {
  for (const name of ["tsconfig.json", "jsconfig.json", "package.json"]) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isMissing(path)) continue;
    const file = resolve(root, path);
    if (!statSync(file, { throwIfNoEntry: false })) continue;
    addFile(hash, path, file);
    if (name !== "package.json") addExtended(hash, file, 0);
  }
}

/** A tsconfig may extend others; those in packages are not followed. */
function addExtended(hash: Hash, file: string, depth: number): void {
  const text = readFileSync(file, "utf8");
  if (text.includes("\\u")) throw new Error("a key may be spelled with escapes");
  if (!text.includes("extends")) return;
  const [, list] = /"extends"\s*:\s*("[^"\\]*"|\[[^\]\\]*\])/.exec(text) ?? [];
  const names = [...(list ?? "").matchAll(/"([^"]*)"/g)].map(([, name = ""]) => name);
  if (depth > 9 || names.length === 0 || text.split("extends").length > 2)
    throw new Error("what a tsconfig extends cannot be told");
  for (const name of names) {
    if (!/^\.\.?\//.test(name)) throw new Error("a tsconfig extends one in a package");
    for (const candidate of [resolve(dirname(file), name), `${resolve(dirname(file), name)}.json`]) {
      const found = statSync(candidate, { throwIfNoEntry: false });
      hash.update(`\0${candidate}\0${found?.isFile() ? "file" : found ? "folder" : "missing"}`);
      if (!found?.isFile()) continue;
      addFile(hash, candidate, candidate);
      addExtended(hash, candidate, depth + 1);
    }
  }
}

function esbuildVersion(): string {
  const require = createRequire(import.meta.url);
  return (require("esbuild/package.json") as { readonly version: string }).version;
}
