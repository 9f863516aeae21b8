/**
 * Puts the stored pins in: reads image, tag and digest of each base back from the files that they live in, one entry at a
 * time, and says which base is not pinned or pinned for something else. Asks no registry.
 */
import { at, type Diagnostic, diagnostic, type PropertyPath, type Result } from "../../diagnostics/index.ts";
import type { Base, Config, PinnedBase } from "../../model/index.ts";
import { argumentOf, callsIn, type StarlarkReader, stringOf } from "../../starlark/read/index.ts";
import { placesOf } from "../../starlark/read/place.ts";
import { readPlainPins } from "./plain.ts";

/** A pin as a file has it. */
export interface StoredPin {
  readonly name: string;
  readonly image?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly file: string;
  readonly line: number;
}

/** A pins file; `text` is undefined when there is none. */
export interface PinsFile {
  readonly file: string;
  readonly text: string | undefined;
}

/** The files of the config that hold pins, in the order in which they are asked. */
export function pinsFilesOf(config: Config): readonly string[] {
  const { deps, module } = config.files;
  return { workspace: [deps], bzlmod: [module], both: [deps, module] }[config.externalDeps];
}

/** Reads the pins of files: `oci_pull(...)` anywhere in a .bzl, `oci.pull(...)` in a MODULE file. */
export async function readPins(
  files: readonly PinsFile[],
  reader: () => Promise<StarlarkReader>,
): Promise<Result<readonly StoredPin[]>> {
  const results: Result<readonly StoredPin[]>[] = [];
  for (const { file, text } of files) {
    if (text === undefined) continue;
    const plain = readPlainPins(file, text);
    results.push(plain ? { value: plain, diagnostics: [] } : parsePins(file, text, await reader()));
  }
  return {
    value: results.flatMap(({ value }) => value),
    diagnostics: results.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Reads the pins of any text. */
export function parsePins(file: string, text: string, reader: StarlarkReader): Result<readonly StoredPin[]> {
  const conflict = text.split("\n").findIndex((line) => /^(?:<{7}|={7}|>{7})(?:\s|$)/.test(line));
  if (conflict >= 0) return { value: [], diagnostics: [diagnostic("file-conflict", { file }, at(file, conflict + 1))] };
  const read = reader.read(text);
  if (read.problem)
    return {
      value: [],
      diagnostics: [diagnostic("pins-syntax", { file }, at(file, read.problem.line, read.problem.column))],
    };
  const calls = [...callsIn(read, "oci_pull"), ...callsIn(read, "oci.pull")];
  const places = placesOf(text);
  const pins = calls.flatMap((call): readonly StoredPin[] => {
    const [name, image, tag, digest] = ["name", "image", "tag", "digest"].map((key) =>
      stringOf(argumentOf(call, key)?.value),
    );
    if (name === undefined) return [];
    return [
      {
        name,
        file,
        line: places.line(call.start),
        ...(image !== undefined && { image }),
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
      },
    ];
  });
  return { value: pins, diagnostics: [] };
}

/** Every base with its digest, from the config or from the pins files; a base without one is an error. */
export function substituteDigests(config: Config, stored: readonly StoredPin[]): Result<readonly PinnedBase[]> {
  const results = config.bases.map((base) =>
    substituteDigest(
      base,
      stored.filter((pin) => pin.name === base.name),
      config,
    ),
  );
  return {
    value: results.flatMap(({ value }) => value),
    diagnostics: results.flatMap(({ diagnostics }) => diagnostics),
  };
}

function substituteDigest(base: Base, pins: readonly StoredPin[], config: Config): Result<readonly PinnedBase[]> {
  const report = (code: Diagnostic["code"], args: Diagnostic["args"], path: PropertyPath = ["bases", base.name]) =>
    diagnostic(code, { base: base.name, ...args }, { kind: "property", file: config.file, path });
  const [pin, other] = pins.filter(({ digest }) => digest !== undefined);
  if (base.digest !== undefined) {
    const differs = pins.filter(({ digest }) => digest !== undefined && digest !== base.digest);
    const path = ["bases", base.name, "digest"];
    return {
      value: [{ ...base, digest: base.digest }],
      diagnostics: differs.map(({ file, digest = "" }) => report("pin-digest-differs", { file, pinned: digest }, path)),
    };
  }
  if (pin?.digest === undefined) return { value: [], diagnostics: [report("base-not-pinned", {})] };
  if (other && (other.digest !== pin.digest || other.tag !== pin.tag)) {
    const args = { base: base.name, digest: pin.digest, other: other.digest ?? "", file: other.file };
    return { value: [], diagnostics: [diagnostic("pins-disagree", args, at(pin.file, pin.line))] };
  }
  const tag = base.tag ?? pin.tag;
  if (pin.image !== base.image || pin.tag !== tag) {
    const args = {
      wanted: reference(base.image, tag),
      pinned: reference(pin.image ?? "nothing", pin.tag),
      file: pin.file,
    };
    return {
      value: [],
      diagnostics: [report("pin-tag-differs", args, ["bases", base.name, pin.image === base.image ? "tag" : "image"])],
    };
  }
  return { value: [{ ...base, digest: pin.digest, ...(tag !== undefined && { tag }) }], diagnostics: [] };
}

function reference(image: string, tag: string | undefined): string {
  return tag === undefined ? image : `${image}:${tag}`;
}
