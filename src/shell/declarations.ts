/**
 * Evaluates the config and the declaration files. Those that are literals alone are taken as they stand, all others are
 * bundled into one text: each file is a lazy entry of it, so that an exception in one does not hide those of others.
 * `gen-bazel-images` is the running package's. Evaluation is never cached.
 */
import { createRequire, SourceMap } from "node:module";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Message } from "esbuild";
import { folderOf } from "../bazel/index.ts";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import * as library from "../model/library.ts";
import {
  type Bundle,
  type BundleOptions,
  bundleEntry,
  bundleFiles,
  type Failed,
  type Imports,
  libraryFile,
} from "./bundle.ts";
import { noCache } from "./cache.ts";
import { fromRoot, isPlainFile, readText } from "./disk.ts";
import { evaluateLiteral, isPackage, type Literal, readLiteral } from "./literal.ts";

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
  /** Files of literals alone. */
  readonly literals: ReadonlyMap<string, Literal>;
  /** All others, and what the literals import. */
  readonly bundle: Bundle | Failed | undefined;
}

type Enter = (phase: "bundle" | "evaluate") => void;

/** Evaluates files, given by path from the root. */
export async function evaluateFiles(options: BundleOptions, enter: Enter = () => undefined): Promise<Evaluation> {
  return evaluate(await prepareFiles(options, enter), enter);
}

/** Reads files and has bundled what must be, which is another process's work. */
export async function prepareFiles(options: BundleOptions, enter: Enter = () => undefined): Promise<Prepared> {
  enter("bundle");
  const literals = readLiterals(options);
  const others = options.files.filter((file) => !literals.has(file));
  const imported = [...literals].flatMap(([file, literal]) => importedBy(file, literal));
  const files = [...new Set([...others, ...imported])];
  if (files.length === 0) return { options, literals, bundle: undefined };
  const bundle = await bundleFiles({ ...options, files });
  // A literal that a bundled file imports has to be the same for both.
  const shared = "imports" in bundle ? [...literals.keys()].filter((file) => Object.hasOwn(bundle.imports, file)) : [];
  if (shared.length === 0) return { options, literals, bundle };
  const again = await bundleFiles({ ...options, files: [...files, ...shared], name: `${options.name}-shared` });
  for (const file of shared) literals.delete(file);
  return { options, literals, bundle: again };
}

/** Evaluates files that were prepared. */
export async function evaluate(prepared: Prepared, enter: Enter = () => undefined): Promise<Evaluation> {
  enter("evaluate");
  const { options, literals, bundle } = prepared;
  if (bundle && "problems" in bundle) return literals.size === 0 ? failed(bundle) : evaluateCompiled(options);
  const modules = bundle && openBundle(options.root, bundle);
  const exported: Evaluated[] = [];
  const failures: Failure[] = [];
  for (const file of options.files) {
    const literal = literals.get(file);
    try {
      const value = literal ? evaluateLiteral(literal, loaderFor(file, modules)) : modules?.load(file)["default"];
      exported.push({ file, exported: value });
    } catch (error) {
      if (literal) return evaluateCompiled(options);
      failures.push({ file, error });
    }
  }
  if (modules) bundle.keep?.(modules.compiled());
  return {
    files: exported,
    inputsOf: (file) => reach(prepared, file),
    diagnostics: bundle ? await describe(options.root, bundle, failures) : [],
  };
}

/**
 * Evaluates all files anew, none as a literal: the compiler tells what is wrong, with all of them, and where. What a module
 * keeps for itself must not show that it was tried before.
 */
async function evaluateCompiled(options: BundleOptions): Promise<Evaluation> {
  const bundle = await bundleFiles({ ...options, cache: noCache });
  return evaluate({ options, literals: new Map(), bundle });
}

/** For each file, the files that it imports, itself included; undefined when nobody can tell. */
export async function importsOf(options: BundleOptions): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  const prepared = await prepareFiles(options);
  if (prepared.bundle && "problems" in prepared.bundle) return undefined;
  return new Map(options.files.map((file) => [file, reach(prepared, file)]));
}

/** The files of literals alone, as far as what they import is there by that very name. */
function readLiterals({ root, files, known }: BundleOptions): Map<string, Literal> {
  const plain = new Map<string, boolean>();
  const isPlain = (path: string): boolean => {
    const found = plain.get(path) ?? (!path.startsWith("../") && (known?.isPlain(path) || isPlainFile(root, path)));
    plain.set(path, found);
    return found;
  };
  const read = (file: string): Literal | undefined => {
    try {
      const literal = /\.m?[jt]s$/.test(file) ? readLiteral(readText(root, file) ?? "") : undefined;
      const imported = literal ? importedBy(file, literal) : [];
      // Of a linked file, imports start from where it really is.
      return imported.every(isPlain) && (imported.length === 0 || isPlain(file)) ? literal : undefined;
    } catch {
      // The bundler says what the disk says.
      return undefined;
    }
  };
  return new Map(
    files.flatMap((file) => {
      const literal = read(file);
      return literal ? [[file, literal] as const] : [];
    }),
  );
}

/** The files that a literal imports, by path from the root. */
function importedBy(file: string, { imports }: Literal): readonly string[] {
  return imports.flatMap(({ from }) => (isPackage(from) ? [] : targetOf(file, from)));
}

function targetOf(file: string, from: string): string {
  return posix.join(folderOf(file), from);
}

/** What a literal's imports give: this package, or a module of the bundle. */
function loaderFor(file: string, modules: Modules | undefined): (from: string) => Module {
  return (from) => {
    if (isPackage(from)) return library;
    const module = modules?.load(targetOf(file, from));
    // Of what was no module, the names are for the bundler to find.
    if (!module?.["__esModule"]) throw new TypeError(`${from} is no module`);
    return module;
  };
}

function failed({ problems }: Failed): Evaluation {
  return { files: [], inputsOf: (file) => [file], diagnostics: problems.map(bundleDiagnostic) };
}

function bundleDiagnostic({ text, location }: Message): Diagnostic {
  const place = location ? at(location.file, location.line, location.column + 1) : undefined;
  return diagnostic("declaration-syntax", { message: text }, place);
}

/** What a module exports. */
type Module = Readonly<Record<string, unknown>>;

/** The modules of a bundle. */
interface Modules {
  /** A module by its file, evaluated when it is asked for first. */
  readonly load: (file: string) => Module;
  /** What V8 compiled of it so far; a function when it is called first. */
  readonly compiled: () => Buffer;
}

function openBundle(root: string, bundle: Bundle): Modules {
  const opening = "(function (module, exports, require) {";
  const script = new Script(`${opening}${bundle.code}\n})`, {
    filename: bundleEntry,
    // The source map knows the bundle alone, of which almost all is one line.
    columnOffset: -opening.length,
    cachedData: bundle.compiled,
  });
  const module: { exports: Readonly<Record<string, () => Module>> } = { exports: {} };
  const main = script.runInThisContext() as (...args: unknown[]) => void;
  main(module, module.exports, createRequire(pathToFileURL(join(root, "package.json"))));
  const loaded = new Map<string, Module>();
  const load = (file: string): Module => {
    const known = loaded.get(file) ?? (module.exports[file] as () => Module)();
    loaded.set(file, known);
    return known;
  };
  return { load, compiled: () => script.createCachedData() };
}

/** A file that threw when it was evaluated. */
interface Failure {
  readonly file: string;
  readonly error: unknown;
}

async function describe(root: string, bundle: Bundle, failures: readonly Failure[]): Promise<readonly Diagnostic[]> {
  if (failures.length === 0) return [];
  const map = new SourceMap(JSON.parse(await bundle.map()));
  return failures.map(({ file, error }) => thrown(root, file, error, map));
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
function reach({ literals, bundle }: Prepared, file: string): readonly string[] {
  const bundled: Imports = bundle && "imports" in bundle ? bundle.imports : {};
  const seen = new Set([file]);
  for (const path of seen) {
    const literal = literals.get(path);
    for (const next of literal ? importedBy(path, literal) : []) seen.add(next);
    for (const next of bundled[path] ?? []) seen.add(next);
  }
  return [...seen];
}
