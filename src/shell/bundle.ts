/**
 * Bundles declaration files with esbuild, each file a lazy entry of the one bundle, and remembers the text. A remembered
 * bundle is taken only when everything that esbuild looked at has the same contents: each file that went in, each
 * tsconfig and package.json above one, and for an import without an extension whatever stands beside its target. What
 * cannot be followed that far (packages, links, globs, a tsconfig that extends one in a package) is never remembered.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Message, Metafile } from "esbuild";
import { fingerprintOf, firstManifest, isSame, type Known, type Manifest, manifestOf } from "./bundle-inputs.ts";
import { type Cache, hashOf } from "./cache.ts";
import { fromRoot } from "./disk.ts";

/** What to bundle. */
export interface BundleOptions {
  readonly root: string;
  /** By path from the root. */
  readonly files: readonly string[];
  readonly cache: Cache;
  /** Under which name the bundle is remembered; one for each use, so that there are few. */
  readonly name: string;
  /** What is known of the tree already. */
  readonly known?: Known;
}

/** The files that each file imports, by path from the root. */
export type Imports = Readonly<{ readonly [path: string]: readonly string[] }>;

/** A bundle: a CommonJS module that exports one function for each file. */
export interface Bundle {
  readonly code: string;
  /** V8's cache of the compiled code, when it was kept. */
  readonly compiled?: Buffer;
  /** Keeps what V8 compiled with a remembered bundle. */
  readonly keep?: (compiled: Buffer) => void;
  /** What each file imports, by path from the root; the library is not among them. */
  readonly imports: Imports;
  /** The source map, made on demand: only errors need it. */
  readonly map: () => Promise<string>;
}

/** What esbuild says instead of a bundle. */
export interface Failed {
  readonly problems: readonly Message[];
}

/** What stands in the files as the name of the bundle, in stacks. */
export const bundleEntry = "gen-bazel-images-entry.js";

/** Bundles the files, or says what is wrong with them. */
export async function bundleFiles(options: BundleOptions): Promise<Bundle | Failed> {
  const record = loadRecord(options);
  const expected = record?.manifest ?? firstManifest(options.root, options.files, libraryFile());
  const before = options.cache.isOn ? fingerprintOf(expected, options.root, options.known) : undefined;
  const map = async () => (await build(options, { sourcemap: "external" })).map;
  if (record?.code && before !== undefined && record.fingerprint === before) {
    const keep = (compiled: Buffer) => saveRecord(options, { ...record, compiled });
    return {
      code: record.code.toString("latin1"),
      imports: record.imports,
      map,
      ...(record.compiled ? { compiled: record.compiled } : { keep }),
    };
  }
  try {
    const { code, metafile } = await build(options, { metafile: true });
    const imports = importsIn(metafile, options.root);
    const manifest = options.cache.isOn && metafile ? manifestOf(metafile, options.root, bundleEntry) : undefined;
    if (manifest) {
      // What changed while esbuild read is not remembered; nor is, the first time, what nobody knew would go in.
      const isSure =
        before !== undefined &&
        isSame(manifest, expected) &&
        fingerprintOf(manifest, options.root, options.known) === before;
      saveRecord(options, {
        manifest,
        imports,
        ...(isSure && { fingerprint: before, code: Buffer.from(code, "latin1") }),
      });
    }
    return { code, imports, map };
  } catch (error) {
    const problems = (error as { readonly errors?: readonly Message[] }).errors;
    if (!problems) throw error;
    return { problems };
  }
}

function importsIn(metafile: Metafile | undefined, root: string): Imports {
  const library = fromRoot(root, libraryFile());
  const ours = (path: string) => path === library || path === bundleEntry;
  const entries = Object.entries(metafile?.inputs ?? {}).filter(([path]) => !ours(path));
  return Object.fromEntries(
    entries.map(([path, { imports }]) => [path, imports.map((one) => one.path).filter((one) => !ours(one))]),
  );
}

// Bundles in the making: esbuild's process is one for all of them.
const running = new Set<Promise<unknown>>();
const many = 2_000;

async function build(
  { root, files }: BundleOptions,
  extra: { readonly metafile?: boolean; readonly sourcemap?: "external" },
): Promise<{ readonly code: string; readonly map: string; readonly metafile?: Metafile | undefined }> {
  const esbuild = await import("esbuild");
  const lines = files.map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)}),`);
  const pending = esbuild.build({
    stdin: { contents: `module.exports = {\n${lines.join("\n")}\n};`, resolveDir: root, sourcefile: bundleEntry },
    absWorkingDir: root,
    alias: { "gen-bazel-images": libraryFile() },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    outfile: "bundle.cjs",
    logLevel: "silent",
    minifyWhitespace: true,
    ...extra,
  });
  running.add(pending);
  const result = await pending.finally(() => running.delete(pending));
  // esbuild's process keeps what it read, of 10,000 declarations some 500 MiB, and starts again when it is needed.
  if (files.length > many && running.size === 0) await esbuild.stop();
  const text = (ending: string) => result.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  return { code: text(".cjs"), map: text(".map"), metafile: result.metafile };
}

/** The functions for declarations as the running package has them: a file of its own in `dist/`, and in a clone the source. */
export function libraryFile(): string {
  const packed = fileURLToPath(new URL("./library.js", import.meta.url));
  return existsSync(packed) ? packed : fileURLToPath(new URL("../model/library.ts", import.meta.url));
}

interface Record {
  readonly manifest: Manifest;
  readonly imports: Imports;
  /** With the code: the hash of all that the manifest names. */
  readonly fingerprint?: string;
  readonly code?: Buffer;
  readonly compiled?: Buffer;
}

function loadRecord({ root, cache, name, files }: BundleOptions): Record | undefined {
  const [head, code, compiled] = cache.load(name) ?? [];
  if (!head) return undefined;
  const { manifest, imports, fingerprint, of } = JSON.parse(head.toString()) as Record & { readonly of: string };
  if (of !== nameOf(root, files) || !imports) return undefined;
  return {
    manifest,
    imports,
    ...(fingerprint !== undefined && code && { fingerprint, code }),
    ...(compiled && compiled.length > 0 && { compiled }),
  };
}

function saveRecord({ root, cache, name, files }: BundleOptions, record: Record): void {
  const { manifest, imports, fingerprint, code = Buffer.alloc(0), compiled = Buffer.alloc(0) } = record;
  const head = JSON.stringify({ of: nameOf(root, files), manifest, imports, fingerprint });
  cache.save(name, [Buffer.from(head), code, compiled]);
}

function nameOf(root: string, files: readonly string[]): string {
  return hashOf(JSON.stringify([root, files]));
}
