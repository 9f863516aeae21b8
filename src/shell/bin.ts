/**
 * The bin, as small as can be: runs the program, which lies beside it as two texts (what hooks run all day, and the whole
 * command line), with what V8 compiled of them in an earlier run. Node 20 has no `module.enableCompileCache`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { hashOf, noCache, openCache } from "./cache.ts";

// A run is over before optimised code pays: V8 11.3 spends a third of the processor time on making it. Later versions
// were not measured; an unknown flag would be a line on standard error.
if (process.versions.v8.startsWith("11.3.")) setFlagsFromString("--interrupt-budget=2000000");

const folder = dirname(fileURLToPath(import.meta.url));
const cache = process.argv.includes("--no-cache") ? noCache : openCache(home(dirname(folder)), process.env);
const fromPackage = createRequire(import.meta.url);
const require = Object.assign((id: string) => (id === "./cli.cjs" ? run("cli") : fromPackage(id)), fromPackage);
run("program");

/** Runs one of the texts and gives what it exports. */
function run(name: "program" | "cli"): unknown {
  const path = join(folder, `${name}.cjs`);
  // esbuild writes ASCII; as such V8 keeps it in half the memory.
  const text = readFileSync(path, "latin1");
  const [of, compiled] = cache.load(name) ?? [];
  const identity = `${process.version} ${process.arch} ${hashOf(text)}`;
  const script = new Script(`(function (module, exports, require, __url) {${text}\n})`, {
    filename: path,
    cachedData: of?.toString() === identity ? compiled : undefined,
  });
  const module = { exports: {} };
  script.runInThisContext()(module, module.exports, require, pathToFileURL(path).href);
  // Behind the run, because V8 compiles a function when it is called first; what one command calls, others call too.
  if (script.cachedDataRejected !== false)
    process.once("exit", () => cache.save(name, [Buffer.from(identity), script.createCachedData()]));
  return module.exports;
}

/** The folder whose `node_modules` holds the package; in a clone the clone itself. */
function home(packageFolder: string): string {
  const parent = dirname(packageFolder);
  return basename(parent) === "node_modules" ? dirname(parent) : packageFolder;
}
