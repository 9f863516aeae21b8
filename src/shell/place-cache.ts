import { createRequire } from "node:module";
import type { Diagnostic, Place } from "../diagnostics/index.ts";
import { type Cache, hashOf } from "./cache.ts";
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
  if (!cache.isOn || !diagnostics.some(({ place }) => place?.kind === "property")) return diagnostics;
  const { version } = createRequire(import.meta.url)("ts-morph/package.json") as { readonly version: string };
  const files = [...new Set(diagnostics.flatMap(({ place }) => (place?.kind === "property" ? [place.file] : [])))];
  const texts = new Map(files.map((file) => [file, hashOf(`${programIdentity()} ${version} ${read(file)}`)]));
  const keys = diagnostics.map(({ place }) =>
    place?.kind === "property" ? hashOf(`${texts.get(place.file)} ${JSON.stringify(place)}`) : "",
  );
  const remembered = load(cache);
  const isKnown = keys.every((key) => key === "" || remembered.has(key));
  const located = isKnown
    ? diagnostics.map((found, index) => {
        const place = remembered.get(keys[index] ?? "");
        return place ? { ...found, place } : found;
      })
    : await locate(diagnostics, read);
  if (!isKnown) {
    const places = located.flatMap(({ place }, index) => (keys[index] === "" || !place ? [] : [[keys[index], place]]));
    cache.save(record, [Buffer.from(JSON.stringify(places))]);
  }
  return located;
}

function load(cache: Cache): ReadonlyMap<string, Place> {
  const [places] = cache.load(record) ?? [];
  return new Map(places ? (JSON.parse(places.toString()) as [string, Place][]) : []);
}
