import { parseLabel } from "../bazel/index.ts";
import type { Project, Service } from "../model/index.ts";
import {
  argumentOf,
  type CallExpression,
  callsIn,
  nameOf,
  type StarlarkReader,
  stringOf,
  stringsOf,
} from "../starlark/read/index.ts";
import type { Snapshot } from "./index.ts";
import { buildFileOf } from "./packages.ts";

/** A library whose variables a stamped build should set. */
export interface GoLibraryAdvice {
  readonly label: string;
  /** The BUILD file that it stands in. */
  readonly file: string;
  /** Names of the services that have its binary in a layer. */
  readonly services: readonly string[];
  /** Of `goStamps`, what its `x_defs` lack: variable and key. */
  readonly lacking: readonly (readonly [string, string])[];
  /** Its `x_defs` are an expression, which nobody but Bazel can read. */
  readonly opaque: boolean;
}

/** A rule that was found by its label. */
interface Found {
  readonly label: string;
  readonly pkg: string;
  readonly file: string;
  readonly call: CallExpression;
}

/**
 * The Go libraries of the services in layers: for each label in `srcs` the `go_binary` in the BUILD files of the tree, and
 * the `go_library` that it embeds, or the binary itself when it has sources of its own. Aliases and rebuilt binaries are
 * followed; what comes from other repositories, globs and macros is not known.
 */
export function adviseGoStamps(
  project: Project,
  texts: Snapshot["texts"],
  reader: StarlarkReader,
): readonly GoLibraryAdvice[] {
  const find = finder(texts, reader);
  const byLabel = new Map<string, GoLibraryAdvice>();
  for (const service of project.services) {
    for (const binary of binariesOf(service, find)) {
      const library = libraryOf(binary, find);
      const known = byLabel.get(library.label);
      const services = [...new Set([...(known?.services ?? []), service.name])];
      byLabel.set(library.label, { ...adviceFor(library, binary, project.config.goStamps), services });
    }
  }
  return [...byLabel.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
}

type Find = (label: string, pkg: string) => Found | undefined;

/** Looks rules up by label; each BUILD file is read once. */
function finder(texts: Snapshot["texts"], reader: StarlarkReader): Find {
  const read = new Map<string, ReadonlyMap<string, CallExpression>>();
  const callsOf = (file: string): ReadonlyMap<string, CallExpression> => {
    const calls = read.get(file) ?? callsByName(texts.get(file) ?? "", reader);
    read.set(file, calls);
    return calls;
  };
  return (text, pkg) => {
    const label = parseLabel(text);
    if (!label || (label.repo !== undefined && label.repo !== "")) return undefined;
    const owner = label.pkg ?? pkg;
    const file = buildFileOf(owner, texts);
    const call = file === undefined ? undefined : callsOf(file).get(label.target);
    return file === undefined || !call ? undefined : { label: `//${owner}:${label.target}`, pkg: owner, file, call };
  };
}

function callsByName(text: string, reader: StarlarkReader): ReadonlyMap<string, CallExpression> {
  return new Map(
    callsIn(reader.read(text)).flatMap((call) => {
      const name = nameOf(call);
      return name === undefined ? [] : [[name, call] as const];
    }),
  );
}

function binariesOf(service: Service, find: Find): readonly Found[] {
  const labels = service.layers.flatMap(({ fields }) => {
    const srcs = fields.find(({ name }) => name === "srcs")?.value;
    return srcs?.kind === "list"
      ? srcs.items.flatMap(({ value }) => (value.kind === "string" ? [value.value] : []))
      : [];
  });
  return labels.flatMap((label) => binaryAt(label, service.package, find) ?? []);
}

/** The binary behind a label, through what stands for it; a chain of labels that never ends has none. */
function binaryAt(label: string, pkg: string, find: Find, steps = 8): Found | undefined {
  const found = find(label, pkg);
  if (!found || steps === 0) return undefined;
  if (found.call.callee === "go_binary") return found;
  const through = { alias: "actual", go_cross_binary: "target" }[found.call.callee];
  const next = through === undefined ? undefined : stringOf(argumentOf(found.call, through)?.value);
  return next === undefined ? undefined : binaryAt(next, found.pkg, find, steps - 1);
}

function libraryOf(binary: Found, find: Find): Found {
  const embedded = stringsOf(argumentOf(binary.call, "embed")?.value) ?? [];
  const libraries = embedded.flatMap((label) => find(label, binary.pkg) ?? []);
  return libraries.find(({ call }) => call.callee === "go_library") ?? binary;
}

function adviceFor(
  library: Found,
  binary: Found,
  wanted: ReadonlyMap<string, string>,
): Omit<GoLibraryAdvice, "services"> {
  const own = definitionsOf(library.call);
  const has = new Set([...own.names, ...definitionsOf(binary.call).names]);
  const lacking = [...wanted].filter(([variable]) => !has.has(variable));
  return { label: library.label, file: library.file, lacking, opaque: own.opaque };
}

/** The variables that `x_defs` set; a name alone is one of the library's own package. */
function definitionsOf(call: CallExpression): { readonly names: readonly string[]; readonly opaque: boolean } {
  const value = argumentOf(call, "x_defs")?.value;
  if (!value) return { names: [], opaque: false };
  if (value.kind !== "dict") return { names: [], opaque: true };
  const own = stringOf(argumentOf(call, "importpath")?.value);
  const names = value.entries.flatMap(({ key }) => stringOf(key) ?? []);
  return { names: [...names, ...(own === undefined ? [] : names.map((name) => `${own}.${name}`))], opaque: false };
}
