import { folderOf, isBuildFile } from "../bazel/index.ts";

/** A file that differs between a revision and the tree. Its path is from the root, and begins with `../` outside of it. */
export interface ChangedFile {
  readonly path: string;
  readonly change: "added" | "modified" | "deleted";
}

/** What a change reaches: everything, for a reason, or what depends on these. */
export type Reach =
  | { readonly kind: "everything"; readonly reason: string }
  | {
      readonly kind: "dependents";
      /** Files that have to be targets; one that is none reaches everything. */
      readonly files: readonly string[];
      readonly packages: readonly string[];
    };

/** What the repository says of some files. */
export interface KnownFiles {
  /** Declaration files by path, with their package: they reach images through its BUILD file alone. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Files that hold pins. */
  readonly pins: readonly string[];
}

/** Files that decide about everything, wherever they are: what is loaded, resolved or passed to Bazel. */
const reachesAll =
  /(?:^|\/)(?:WORKSPACE[^/]*|MODULE\.bazel[^/]*|REPO\.bazel|\.bazelrc|[^/]+\.bazelrc|\.bazelversion|\.bazelignore|go\.sum|[^/]*\.bzl|[^/]*\.MODULE\.bazel|[^/]*[-._]lock(?:\.[^/]+)?|[^/]*\.lock[^/]*)$/;

/** Paths that a query might read as something else than a file. */
const ambiguous = /^[-@]|\.\.\.|[:*\\]|["'].*["']|\p{Cc}/u;

/**
 * What the changed files reach, before Bazel is asked. Whatever is in doubt reaches everything:
 * - files that decide about all packages, and pins;
 * - a file that is gone, which no target names any more, and a BUILD file that is new, which takes files from another package;
 * - files outside of the root, and names that a query cannot say.
 * A BUILD file reaches its whole package, for rules do not depend on it.
 */
export function reachOf(changed: readonly ChangedFile[], { declarations, pins }: KnownFiles): Reach {
  const files: string[] = [];
  const packages = new Set<string>();
  for (const { path, change } of changed) {
    const declared = declarations.get(path);
    const isBuild = isBuildFile(path);
    const everything = (reason: string): Reach => ({ kind: "everything", reason: `${path} ${reason}` });
    if (path.startsWith("../")) return everything("is outside of the root");
    if (pins.includes(path)) return everything("pins base images");
    if (reachesAll.test(path)) return everything("may concern every target");
    if (change === "deleted") return everything("is gone");
    if (isBuild && change === "added") return everything("is a new package");
    if (declared !== undefined) packages.add(declared);
    else if (isBuild) packages.add(folderOf(path));
    else if (ambiguous.test(path)) return everything("has a name that a query cannot say");
    else files.push(path);
  }
  return { kind: "dependents", files, packages: [...packages] };
}

/** The query for the targets that files are. */
export function fileQuery(files: readonly string[]): string {
  return setOf(files);
}

/** The first file that is not among the labels that Bazel answered with. */
export function fileWithoutTarget(files: readonly string[], labels: readonly string[]): string | undefined {
  const known = new Set(labels.map((label) => label.slice(2).replace(":", "/").replace(/^\//, "")));
  return files.find((file) => !known.has(file));
}

/** The query for those of the targets that depend on a change. */
export function dependentsQuery(
  fileLabels: readonly string[],
  packages: readonly string[],
  targets: readonly string[],
): string {
  const changed = [...fileLabels, ...packages.map((pkg) => `//${pkg}:*`)];
  return `rdeps(//..., ${setOf(changed)}) intersect ${setOf(targets)}`;
}

function setOf(words: readonly string[]): string {
  return `set(${words.map((word) => (word.includes('"') ? `'${word}'` : `"${word}"`)).join("\n")})`;
}
