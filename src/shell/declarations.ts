/**
 * Evaluates the config and the declaration files: bundled by esbuild in one go, each file a lazy entry of the one bundle,
 * so that an exception in one does not hide those of others. `gen-bazel-images` is the running package. Evaluation is
 * never cached.
 */
import { createRequire, SourceMap } from "node:module";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Message, Plugin } from "esbuild";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";

/** What a file exported, or why nothing can be said of it. */
export interface Evaluated {
  readonly file: string;
  readonly exported: unknown;
}

/** What evaluating gave. */
export interface Evaluation {
  readonly files: readonly Evaluated[];
  /** Every file that the bundle was made from, by path from the root: these concern all its declarations. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Evaluates files, given by path from the root. `library` is what `gen-bazel-images` means in them. */
export async function evaluateFiles(
  root: string,
  files: readonly string[],
  library: Readonly<Record<string, unknown>>,
): Promise<Evaluation> {
  if (files.length === 0) return { files: [], inputs: new Map(), diagnostics: [] };
  const { build } = await import("esbuild");
  const entry = files
    .map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)}),`)
    .join("\n");
  try {
    const result = await build({
      stdin: { contents: `module.exports = {\n${entry}\n};`, resolveDir: root, sourcefile: bundleEntry },
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      sourcemap: "external",
      outfile: "bundle.cjs",
      logLevel: "silent",
      plugins: [runningPackage(Object.keys(library))],
    });
    const code = result.outputFiles.find(({ path }) => path.endsWith(".cjs"))?.text ?? "";
    const map = result.outputFiles.find(({ path }) => path.endsWith(".map"))?.text ?? "{}";
    return { ...run(root, files, code, map, library), inputs: inputsOf(result.metafile.inputs, files) };
  } catch (error) {
    const messages = (error as { readonly errors?: readonly Message[] }).errors;
    if (!messages) throw error;
    return { files: [], inputs: new Map(), diagnostics: messages.map(bundleDiagnostic) };
  }
}

const bundleEntry = "gen-bazel-images-entry.js";
const libraryKey = "__genBazelImages";

function runningPackage(names: readonly string[]): Plugin {
  const contents = names.map((name) => `export const ${name} = ${libraryKey}[${JSON.stringify(name)}];`).join("\n");
  return {
    name: "gen-bazel-images",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^gen-bazel-images$/ }, () => ({ path: "gen-bazel-images", namespace: "running" }));
      onLoad({ filter: /.*/, namespace: "running" }, () => ({ contents, loader: "js" }));
    },
  };
}

function bundleDiagnostic({ text, location }: Message): Diagnostic {
  const place = location ? at(location.file, location.line, location.column + 1) : undefined;
  return diagnostic("declaration-syntax", { message: text }, place);
}

/** A bundled file: `exports` of its module. */
type Lazy = Readonly<Record<string, () => { readonly default?: unknown }>>;

function run(
  root: string,
  files: readonly string[],
  code: string,
  map: string,
  library: Readonly<Record<string, unknown>>,
): Omit<Evaluation, "inputs"> {
  const script = new Script(`(function (module, exports, require, ${libraryKey}) {${code}\n})`, {
    filename: bundleEntry,
  });
  const module: { exports: Lazy } = { exports: {} };
  const main = script.runInThisContext() as (...args: unknown[]) => void;
  main(module, module.exports, createRequire(pathToFileURL(join(root, "package.json"))), library);
  const diagnostics: Diagnostic[] = [];
  const evaluated = files.flatMap((file): readonly Evaluated[] => {
    try {
      return [{ file, exported: module.exports[file]?.().default }];
    } catch (error) {
      diagnostics.push(thrown(file, error, map));
      return [];
    }
  });
  return { files: evaluated, diagnostics };
}

/** An exception at the nearest frame that lies in a source file of the repo, through the source map. */
function thrown(file: string, error: unknown, map: string): Diagnostic {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const sourceMap = new SourceMap(JSON.parse(map));
  const frames = [
    ...String((error as { stack?: string })?.stack ?? "").matchAll(new RegExp(`${bundleEntry}:(\\d+):(\\d+)`, "g")),
  ];
  for (const [, line, column] of frames) {
    const entry = sourceMap.findEntry(Number(line) - 1, Number(column) - 1);
    if (
      !("originalSource" in entry) ||
      entry.originalSource.includes("node_modules") ||
      entry.originalSource.startsWith("running:")
    )
      continue;
    return diagnostic(
      "declaration-threw",
      { file, message },
      at(entry.originalSource, entry.originalLine + 1, entry.originalColumn + 1),
    );
  }
  return diagnostic("declaration-threw", { file, message }, at(file));
}

/** For each declaration file, the files that it imports, itself included. */
function inputsOf(
  inputs: Readonly<Record<string, { readonly imports: readonly { readonly path: string }[] }>>,
  files: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const reach = (start: string): readonly string[] => {
    const seen = new Set([start]);
    for (const path of seen) for (const next of inputs[path]?.imports ?? []) seen.add(next.path);
    return [...seen].filter((path) => !path.startsWith("running:"));
  };
  return new Map(files.map((file) => [file, reach(file)]));
}

/** A path below the root, with `/`. */
export function fromRoot(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}
