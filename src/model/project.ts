import type { PropertyPath } from "../diagnostics/index.ts";
import type { Comment, StarlarkValue } from "../starlark/index.ts";
import type { StructureTests } from "./structure-test.ts";

/** Where a service was declared: the n-th service that a file exports. */
export interface Origin {
  /** Path from the root, with `/`. */
  readonly file: string;
  readonly service?: number;
}

/** The value of a key of the workspace status, as a text around it; see `stamp` of the value helpers. */
export interface StampText {
  readonly key: string;
  readonly fallback: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** The item or entry of a field's value that a stamped build replaces; `index` is 0 where the value is one text. */
export interface StampedItem extends StampText {
  readonly index: number;
  readonly path: PropertyPath;
}

/** An attribute as declared, by its Starlark name. */
export interface Field {
  readonly name: string;
  /** With stamps in it, the value of an unstamped build. */
  readonly value: StarlarkValue;
  /** What a stamped build has instead; a ruleset decides how it gets there. */
  readonly stamped?: readonly StampedItem[];
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

/** The platform that a layer's Go binary is built for. */
export interface CrossBinary {
  /** `os/arch` as Go spells it. */
  readonly platform: string;
  readonly path: PropertyPath;
}

/** A layer. */
export interface LayerPart extends Part {
  readonly crossBinary?: CrossBinary;
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

/** When an image is pushed: what every build of the main branch pushes, and what a release does. */
export type PushStage = "candidate" | "release";

/** A target that pushes the image. */
export interface PushPart extends Part {
  readonly stage: PushStage;
}

/** One declared service, with its defaults folded in and every name made. */
export interface Service {
  readonly name: string;
  /** Folder from the root, "" for the root itself. */
  readonly package: string;
  readonly origin: Origin;
  readonly layers: readonly LayerPart[];
  readonly image?: Part;
  readonly loads: readonly LoadPart[];
  readonly tests: readonly TestPart[];
  readonly pushes: readonly PushPart[];
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
  readonly rulesets: Readonly<Partial<Record<"oci" | "pkg" | "structureTest" | "lib" | "go", string>>>;
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
  /** Go variable, `importpath.name`, to the key of the workspace status that `x_defs` put in. */
  readonly goStamps: ReadonlyMap<string, string>;
}

/** Everything that was declared. */
export interface Project {
  readonly config: Config;
  /** Sorted by package, then by name. */
  readonly services: readonly Service[];
}

/** Reports whether a push repository is whole: its first part has a dot or a colon, so it names a registry (SPIKES, ruling 5). */
export function isWholeRepository(repository: string): boolean {
  return /^[^/.:]*[.:]/.test(repository);
}

/** The file that the typed tests of a structure test are written to, in its package. */
export function configFile(test: string): string {
  return `${test}.yaml`;
}

/** The text of a stamp around a key's value, or around what stands for it. */
export function stampedText({ prefix, suffix }: StampText, value: string): string {
  return `${prefix}${value}${suffix}`;
}

/** A tag of a push: a text, a stamp, or an expression that only Bazel can tell. */
export type PushTag = string | StampText | { readonly starlark: true };

/** Where a push target pushes, as far as the declaration says it. */
export interface PushTarget {
  readonly label: string;
  readonly stage: PushStage;
  /** With its registry; undefined when a file or an expression holds it, or no prefix is known. */
  readonly repository?: string;
  /** The repository as declared, without a registry: what stands behind another registry at push time. */
  readonly name?: string;
  /** Undefined when a file or an expression holds them. */
  readonly tags?: readonly PushTag[];
}

/** What the declaration says of a push target. */
export function pushTargetOf(push: PushPart, pkg: string, repositoryPrefix: string | undefined): PushTarget {
  const field = (name: string) => push.fields.find((one) => one.name === name);
  const declared = field("repository")?.value;
  const text = declared?.kind === "string" ? declared.value : undefined;
  const repository = text === undefined ? undefined : wholeRepository(text, repositoryPrefix);
  const tags = tagsOf(field("remote_tags"));
  return {
    label: `//${pkg}:${push.name}`,
    stage: push.stage,
    ...(repository !== undefined && { repository }),
    ...(text !== undefined && { name: isWholeRepository(text) ? text.replace(/^[^/]*\/?/, "") : text }),
    ...(tags !== undefined && { tags }),
  };
}

function wholeRepository(declared: string, prefix: string | undefined): string | undefined {
  if (isWholeRepository(declared)) return declared;
  return prefix === undefined ? undefined : `${prefix}/${declared}`;
}

function tagsOf(field: Field | undefined): readonly PushTag[] | undefined {
  if (!field) return [];
  const { value, stamped = [] } = field;
  if (value.kind !== "list") return undefined;
  return value.items.map(({ value: only }, index): PushTag => {
    const stamp = stamped.find((one) => one.index === index);
    if (stamp) return { key: stamp.key, fallback: stamp.fallback, prefix: stamp.prefix, suffix: stamp.suffix };
    return only.kind === "string" ? only.value : { starlark: true };
  });
}
