import type { PropertyPath } from "../diagnostics/index.ts";
import type { Comment, StarlarkValue } from "../starlark/index.ts";
import type { StructureTests } from "./structure-test.ts";

/** Where a service was declared: the n-th service that a file exports. */
export interface Origin {
  /** Path from the root, with `/`. */
  readonly file: string;
  readonly service?: number;
}

/** An attribute as declared, by its Starlark name. */
export interface Field {
  readonly name: string;
  readonly value: StarlarkValue;
  readonly comments: readonly Comment[];
  readonly path: PropertyPath;
}

/** A rule as declared, before a ruleset says what it is called. */
export interface Part {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly comment?: string;
  readonly path: PropertyPath;
}

/** A target that loads the image. */
export interface LoadPart extends Part {
  /** Gets the tag `manual`. */
  readonly manual: boolean;
}

/** A structure test; `config` is the YAML file to write for it, when it has typed tests. */
export interface TestPart extends Part {
  readonly config?: { readonly file: string; readonly tests: StructureTests };
}

/** One declared service, with its defaults folded in and every name made. */
export interface Service {
  readonly name: string;
  /** Folder from the root, "" for the root itself. */
  readonly package: string;
  readonly origin: Origin;
  readonly layers: readonly Part[];
  readonly image?: Part;
  readonly loads: readonly LoadPart[];
  readonly tests: readonly TestPart[];
  readonly pushes: readonly Part[];
}

/** A base image as declared. */
export interface Base {
  readonly name: string;
  readonly image: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly platforms: readonly string[];
  readonly attributes: readonly Field[];
  readonly comment?: string;
}

/** A base with the tag and digest to print. */
export interface PinnedBase extends Base {
  readonly digest: string;
}

/** Where a rule comes from, when not from its ruleset. */
export interface LoadSwap {
  readonly from: string;
  readonly symbol: string;
}

/** Paths of the shared files, from the root. */
export interface SharedFiles {
  readonly deps: string;
  readonly module: string;
  readonly defs: string;
}

/** The configuration, validated. */
export interface Config {
  readonly file: string;
  /** `name@version` by family; what the user left out is the newest in the facts. */
  readonly rulesets: Readonly<Partial<Record<"oci" | "pkg" | "structureTest" | "lib", string>>>;
  readonly externalDeps: "workspace" | "bzlmod" | "both";
  readonly bases: readonly Base[];
  readonly repositoryPrefix?: string;
  readonly files: SharedFiles;
  readonly loads: ReadonlyMap<string, LoadSwap>;
  readonly mirrors: Readonly<Record<string, string>>;
  readonly insecure: readonly string[];
  readonly mend: string;
  /** The branch that may push. */
  readonly push: { readonly branch: string };
  readonly buildifier?: string;
}

/** Everything that was declared. */
export interface Project {
  readonly config: Config;
  /** Sorted by package, then by name. */
  readonly services: readonly Service[];
}

/** Reports whether a push repository is whole: its first part has a dot or a colon, so it names a registry (SPIKES, ruling 5). */
export function isWholeRepository(repository: string): boolean {
  return /[.:]/.test(repository.split("/")[0] ?? "");
}
