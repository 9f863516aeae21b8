import { createRequire } from "node:module";
import type { Diagnostic, Place } from "../diagnostics/index.ts";
import { type Cache, hashOf, loadEntries, saveEntries } from "./cache.ts";
import { locate } from "./places.ts";
import { programIdentity } from "./version.ts";

const record = "places";

/**
 * Finds positions as {@link locate} does, and remembers those of this run: a warning that stays would load the compiler
 * in every run. The key is the hash of all that a position depends on: this program, the compiler, the text of the file
 * and the property.
 */
export async function locateRemembering(
  diagnostics: readonly Diagnostic[],
  read: (file: string) => string | undefined,
  cache: Cache,
): Promise<readonly Diagnostic[]> {
  if (!cache.isOn || !diagnostics.some(isUnplaced)) return diagnostics;
  const keys = keysOf(diagnostics, read);
  const remembered = loadEntries<Place>(cache, record);
  const isKnown = [...keys.values()].every((key) => remembered.has(key));
  if (isKnown)
    return diagnostics.map((found) => {
      const place = remembered.get(keys.get(found) ?? "");
      return place ? { ...found, place } : found;
    });
  const located = await locate(diagnostics, read);
  const places = located.flatMap(({ place }, index) => {
    const key = keys.get(diagnostics[index] as Diagnostic);
    return key === undefined || !place ? [] : [[key, place] as const];
  });
  saveEntries(cache, record, places);
  return located;
}

function isUnplaced({ place }: Diagnostic): boolean {
  return place?.kind === "property";
}

/** The key of each diagnostic whose position has to be found. */
function keysOf(
  diagnostics: readonly Diagnostic[],
  read: (file: string) => string | undefined,
): ReadonlyMap<Diagnostic, string> {
  const { version } = createRequire(import.meta.url)("ts-morph/package.json") as { readonly version: string };
  const program = `${programIdentity()} ${version}`;
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const known = texts.get(file) ?? hashOf(`${program} ${read(file)}`);
    texts.set(file, known);
    return known;
  };
  return new Map(
    diagnostics.flatMap((found) => {
      const { place } = found;
      if (place?.kind !== "property") return [];
      return [[found, hashOf(`${textOf(place.file)} ${JSON.stringify(place)}`)] as const];
    }),
  );
}
