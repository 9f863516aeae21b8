/**
 * Evaluates the config and the declaration files. Those that are literals alone are taken as they stand, all others are
 * bundled into one text: each file is a lazy entry of it, so that an exception in one does not hide those of others.
 * `gen-bazel-images` is the running package's. Evaluation is never cached.
 */
import { createRequire, SourceMap } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Message } from "esbuild";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import { type Bundle, type BundleOptions, bundleEntry, bundleFiles, type Failed, libraryFile } from "./bundle.ts";
import { noCache } from "./cache.ts";
import { fromRoot, readText } from "./disk.ts";
import { evaluateLiteral, type Literal, readLiteral } from "./literal.ts";

/** What a file exported, or why nothing can be said of it. */
export interface Evaluated {
  readonly file: string;
  readonly exported: unknown;
}

/** What evaluating gave. */
export interface Evaluation {
  readonly files: readonly Evaluated[];
  /** The files that a file imports, itself included: what changes in them concerns it. */
  readonly inputsOf: (file: string) => readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Files that can be evaluated now. */
export interface Prepared {
  readonly options: BundleOptions;
  readonly literals: ReadonlyMap<string, Literal>;
  /** The others, if any. */
  readonly bundle: Bundle | Failed | undefined;
}

type Enter = (phase: "bundle" | "evaluate") => void;

/** Evaluates files, given by path from the root. */
export async function evaluateFiles(options: BundleOptions, enter: Enter = () => undefined): Promise<Evaluation> {
  return evaluate(await prepareFiles(options, enter), enter);
}

/** Reads and bundles files, in another process as far as there is something to bundle. */
export async function prepareFiles(options: BundleOptions, enter: Enter = () => undefined): Promise<Prepared> {
  enter("bundle");
  const literals = readLiterals(options);
  const others = options.files.filter((file) => !literals.has(file));
  return { options, literals, bundle: await bundleSome(options, others) };
}

/** Evaluates files that were prepared. */
export async function evaluate(
  { options, literals, bundle }: Prepared,
  enter: Enter = () => undefined,
): Promise<Evaluation> {
  const { root, files } = options;
  enter("evaluate");
  const exported = evaluateLiterals(literals);
  const refused = [...literals.keys()].filter((file) => !exported.has(file));
  const bundles = [bundle, await bundleSome({ ...options, cache: noCache }, refused)].flatMap((one) => one ?? []);
  const problems = bundles.flatMap((one) => ("problems" in one ? one.problems : []));
  if (problems.length > 0)
    return { files: [], inputsOf: (file) => [file], diagnostics: problems.map(bundleDiagnostic) };
  const diagnostics: Diagnostic[] = [];
  for (const one of bundles) if ("code" in one) diagnostics.push(...(await run(root, one, exported)));
  return {
    files: files.flatMap((file) => (exported.has(file) ? [{ file, exported: exported.get(file) }] : [])),
    inputsOf: (file) => reach(bundles, file),
    diagnostics,
  };
}

/** For each file, the files that it imports, itself included; undefined when nobody can tell. */
export async function importsOf(options: BundleOptions): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  const { bundle } = await prepareFiles(options);
  if (bundle && "problems" in bundle) return undefined;
  return new Map(options.files.map((file) => [file, reach(bundle ? [bundle] : [], file)]));
}

/** The files that are literals alone. */
function readLiterals({ root, files }: BundleOptions): ReadonlyMap<string, Literal> {
  const read = (file: string): Literal | undefined => {
    try {
      return readLiteral(readText(root, file) ?? "");
    } catch {
      // The bundler says what the disk says.
      return undefined;
    }
  };
  return new Map(
    files.flatMap((file) => {
      const literal = /\.m?[jt]s$/.test(file) ? read(file) : undefined;
      return literal ? [[file, literal] as const] : [];
    }),
  );
}

/** What the literals export; one that throws is left out, for the compiler to tell what is wrong with it, and where. */
function evaluateLiterals(literals: ReadonlyMap<string, Literal>): Map<string, unknown> {
  const exported = new Map<string, unknown>();
  for (const [file, literal] of literals) {
    try {
      exported.set(file, evaluateLiteral(literal));
    } catch {}
  }
  return exported;
}

async function bundleSome(options: BundleOptions, files: readonly string[]): Promise<Bundle | Failed | undefined> {
  return files.length === 0 ? undefined : bundleFiles({ ...options, files });
}

function bundleDiagnostic({ text, location }: Message): Diagnostic {
  const place = location ? at(location.file, location.line, location.column + 1) : undefined;
  return diagnostic("declaration-syntax", { message: text }, place);
}

/** A bundled file: `exports` of its module. */
type Lazy = Readonly<Record<string, () => { readonly default?: unknown }>>;

/** Evaluates what was bundled, adds what it exports, and gives what was thrown. */
async function run(root: string, bundle: Bundle, exported: Map<string, unknown>): Promise<readonly Diagnostic[]> {
  const opening = "(function (module, exports, require) {";
  const script = new Script(`${opening}${bundle.code}\n})`, {
    filename: bundleEntry,
    // The source map knows the bundle alone, of which almost all is one line.
    columnOffset: -opening.length,
    cachedData: bundle.compiled,
  });
  const module: { exports: Lazy } = { exports: {} };
  const main = script.runInThisContext() as (...args: unknown[]) => void;
  main(module, module.exports, createRequire(pathToFileURL(join(root, "package.json"))));
  const failed: { readonly file: string; readonly error: unknown }[] = [];
  for (const [file, load] of Object.entries(module.exports)) {
    try {
      exported.set(file, load().default);
    } catch (error) {
      failed.push({ file, error });
    }
  }
  // Behind the evaluation, because V8 compiles a function when it is called first.
  bundle.keep?.(script.createCachedData());
  if (failed.length === 0) return [];
  const map = new SourceMap(JSON.parse(await bundle.map()));
  return failed.map(({ file, error }) => thrown(root, file, error, map));
}

/** An exception at the nearest frame that lies in a source file of the repo, through the source map. */
function thrown(root: string, file: string, error: unknown, sourceMap: SourceMap): Diagnostic {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const frames = [
    ...String((error as { stack?: string })?.stack ?? "").matchAll(new RegExp(`${bundleEntry}:(\\d+):(\\d+)`, "g")),
  ];
  const library = fromRoot(root, libraryFile());
  for (const [, line, column] of frames) {
    const entry = sourceMap.findEntry(Number(line) - 1, Number(column) - 1);
    if (!("originalSource" in entry) || /node_modules/.test(entry.originalSource) || entry.originalSource === library)
      continue;
    return diagnostic(
      "declaration-threw",
      { file, message },
      at(entry.originalSource, entry.originalLine + 1, entry.originalColumn + 1),
    );
  }
  return diagnostic("declaration-threw", { file, message }, at(file));
}

/** The files that a file imports, itself included. */
function reach(bundles: readonly (Bundle | Failed)[], file: string): readonly string[] {
  const seen = new Set([file]);
  for (const path of seen)
    for (const bundle of bundles)
      if ("imports" in bundle) for (const next of bundle.imports[path] ?? []) seen.add(next);
  return [...seen];
}
