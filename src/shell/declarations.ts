/**
 * Evaluates the config and the declaration files, bundled into one text: each file is a lazy entry of it, so that an
 * exception in one does not hide those of others. `gen-bazel-images` is the running package's. Evaluation is never cached.
 */
import { createRequire, SourceMap } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Message } from "esbuild";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import { type Bundle, type BundleOptions, bundleEntry, bundleFiles, libraryFile } from "./bundle.ts";
import { fromRoot } from "./disk.ts";

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

/** Evaluates files, given by path from the root. */
export async function evaluateFiles(
  options: BundleOptions,
  enter: (phase: "bundle" | "evaluate") => void = () => undefined,
): Promise<Evaluation> {
  const inputsOf = (file: string) => [file];
  if (options.files.length === 0) return { files: [], inputsOf, diagnostics: [] };
  enter("bundle");
  const bundle = await bundleFiles(options);
  if ("problems" in bundle) return { files: [], inputsOf, diagnostics: bundle.problems.map(bundleDiagnostic) };
  enter("evaluate");
  return run(options.root, options.files, bundle);
}

function bundleDiagnostic({ text, location }: Message): Diagnostic {
  const place = location ? at(location.file, location.line, location.column + 1) : undefined;
  return diagnostic("declaration-syntax", { message: text }, place);
}

/** A bundled file: `exports` of its module. */
type Lazy = Readonly<Record<string, () => { readonly default?: unknown }>>;

async function run(root: string, files: readonly string[], bundle: Bundle): Promise<Evaluation> {
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
  const evaluated = files.flatMap((file): readonly Evaluated[] => {
    try {
      return [{ file, exported: module.exports[file]?.().default }];
    } catch (error) {
      failed.push({ file, error });
      return [];
    }
  });
  // Behind the evaluation, because V8 compiles a function when it is called first.
  bundle.keep?.(script.createCachedData());
  const inputsOf = (file: string) => reach(bundle, file);
  if (failed.length === 0) return { files: evaluated, inputsOf, diagnostics: [] };
  const map = new SourceMap(JSON.parse(await bundle.map()));
  return { files: evaluated, inputsOf, diagnostics: failed.map(({ file, error }) => thrown(root, file, error, map)) };
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

/** For each file, the files that it imports, itself included. */
export function importsOf(bundle: Bundle, files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map(files.map((file) => [file, reach(bundle, file)]));
}

function reach({ imports }: Bundle, file: string): readonly string[] {
  const seen = new Set([file]);
  for (const path of seen) for (const next of imports[path] ?? []) seen.add(next);
  return [...seen];
}
