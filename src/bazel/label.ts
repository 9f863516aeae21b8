/**
 * Bazel's labels and names. Sources: bazel.build/concepts/labels, and the refusals of Bazel 4.2.3.
 */

/** A label in its parts; `repo` without `@`, `pkg` undefined when the label is relative to its package. */
export interface Label {
  readonly repo?: string;
  readonly pkg?: string;
  readonly target: string;
}

// bazel.build/concepts/labels#target-names: letters, digits and these; no leading or trailing slash, no `..` segment.
const targetName = /^[A-Za-z0-9!%@^_"#$&'()*+,;<=>?[\]{|}~/. -]+$/;
// Most names are like this.
const plainName = /^\w[\w.-]*$/;
const packageName = /^[A-Za-z0-9!"#$%&'()*+,;<=>?@[\]^_`{|}~/. -]*$/;
const repositoryName = /^[A-Za-z][A-Za-z0-9_.-]*$/;

/** Reports whether `name` can name a target. */
export function isTargetName(name: string): boolean {
  return plainName.test(name) || (targetName.test(name) && hasPlainSegments(name));
}

/** Reports whether `name` can name a package (a folder below the root, or "" for the root itself). */
export function isPackageName(name: string): boolean {
  return name === "" || (packageName.test(name) && hasPlainSegments(name));
}

/** Reports whether `name` can name an external repository. */
export function isRepositoryName(name: string): boolean {
  return repositoryName.test(name);
}

/** No segment between slashes is empty, `.` or `..`. */
function hasPlainSegments(path: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path);
}

// As most labels are: each part plain, what is before the target left out or not.
const plainLabel = /^(?:(?:@[\w.+~-]+)?\/\/(?:[\w-]+(?:\/[\w-]+)*)?)?:?\w[\w.-]*$/;

/** Reports whether a text is a label, absolute or relative. */
export function isLabel(text: string): boolean {
  return plainLabel.test(text) || parseLabel(text) !== undefined;
}

/** Reads a label, absolute or relative; undefined when it is none. */
export function parseLabel(text: string): Label | undefined {
  const match = /^(?:@@?([^/:]*))?(?:\/\/([^:]*))?(?::(.*))?$/s.exec(text);
  if (!match) return isTargetName(text) && !text.startsWith("/") ? { target: text } : undefined;
  const [, repo, pkg, target] = match;
  if (repo !== undefined && repo !== "" && !/^[A-Za-z0-9_.+~-]+$/.test(repo)) return undefined;
  if (repo !== undefined && pkg === undefined) return target === undefined && repo !== "" ? shorthand(repo) : undefined;
  if (pkg !== undefined && !isPackageName(pkg)) return undefined;
  const name = target ?? pkg?.split("/").at(-1) ?? "";
  if (!isTargetName(name)) return undefined;
  return { ...(repo !== undefined && { repo }), ...(pkg !== undefined && { pkg }), target: name };
}

function shorthand(repo: string): Label {
  return { repo, pkg: "", target: repo };
}

/** Reports whether a text is what the first argument of `load` takes: a label with `//`, `@` or `:` in front, of a .bzl file. */
export function isLoadLabel(text: string): boolean {
  return /^(?:\/\/|@|:)/.test(text) && text.endsWith(".bzl") && isLabel(text);
}

// In its absolute form already, as almost every label of a load is.
const plainAbsolute = /^(?:@[\w.+~-]+)?\/\/(?:[\w-]+(?:\/[\w-]+)*)?:\w[\w.-]*$/;

/** Prints the absolute form of a label seen from `pkg`, so that two spellings of one target are equal. */
export function absoluteLabel(text: string, pkg: string): string | undefined {
  if (plainAbsolute.test(text)) return text;
  const label = parseLabel(text);
  if (!label) return undefined;
  const repo = label.repo === undefined || label.repo === "" ? "" : `@${label.repo}`;
  return `${repo}//${label.pkg ?? pkg}:${label.target}`;
}

/** The folder of a path, "" for a file at the root. */
export function folderOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash < 0 ? "" : file.slice(0, slash);
}

/** The path of a file in a package, from the root; the package "" is the root itself. */
export function pathIn(pkg: string, name: string): string {
  return pkg === "" ? name : `${pkg}/${name}`;
}

/** The label of a file of the repository, given its path from the root and the package that holds it. */
export function fileLabel(path: string): string {
  return `//${folderOf(path)}:${path.slice(path.lastIndexOf("/") + 1)}`;
}
