/** Globs of a BUILD file that would take a declaration in once it lies in the package. */
import picomatch from "picomatch";
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import { argumentOf, type CallExpression, callsIn, stringsOf } from "../starlark/read/index.ts";
import { placesOf } from "../starlark/read/place.ts";
import type { AdoptedFile } from "./index.ts";

/** Warns of each `glob` with plain patterns that the new declaration matches. */
export function globsThatCatch({ path, file, package: pkg, declaration }: AdoptedFile): readonly Diagnostic[] {
  const name = declaration.slice(pkg === "" ? 0 : pkg.length + 1);
  const places = placesOf(file.text);
  return callsIn(file, "glob")
    .filter((call) => matches(patternsOf(call, 0, "include"), name) && !matches(patternsOf(call, 1, "exclude"), name))
    .map(({ start }) => diagnostic("import-glob", { declaration }, at(path, places.line(start), places.column(start))));
}

function patternsOf(call: CallExpression, position: number, name: string): readonly string[] {
  const positional = call.args.filter((argument) => argument.name === undefined)[position];
  return stringsOf((argumentOf(call, name) ?? positional)?.value) ?? [];
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.length > 0 && picomatch([...patterns], { dot: true })(name);
}
