/**
 * Walks the tree and matches globs against what is there. Reading folders one after the other is several times faster
 * than asking for many at once: each answer is a system call on what the kernel has in memory.
 */
import { type Dirent, readdirSync } from "node:fs";
import { folderOf, pathIn } from "../bazel/index.ts";
import { absolute, DiskError, isErrno, readText, temporaryName } from "./disk.ts";

/** What a walk found, by path from the root. */
export interface Walked {
  /** Folders that were looked into; none is reached through a link. */
  readonly folders: ReadonlySet<string>;
  /** Plain files in them. */
  readonly files: ReadonlySet<string>;
  /** Links in them, whatever they lead to. */
  readonly links: ReadonlySet<string>;
  /** Temporary files of runs, killed or alive. */
  readonly temporaries: readonly string[];
}

/** Looks through the tree. Follows no links and skips `.git`, `node_modules`, `bazel-*` and what `.bazelignore` names. */
export function walkTree(
  root: string,
  ignored: ReadonlySet<string>,
  isWorthIt: (folder: string) => boolean = () => true,
): Walked {
  const folders = new Set<string>();
  const files = new Set<string>();
  const links = new Set<string>();
  const temporaries: string[] = [];
  const visit = (folder: string): void => {
    folders.add(folder);
    const prefix = folder === "" ? "" : `${folder}/`;
    for (const entry of readFolder(root, folder)) {
      const path = prefix + entry.name;
      if (entry.isDirectory()) {
        if (!isSkipped(path, ignored) && isWorthIt(path)) visit(path);
      } else if (temporaryName.test(entry.name)) temporaries.push(path);
      else if (entry.isFile()) files.add(path);
      else if (entry.isSymbolicLink()) links.add(path);
    }
  };
  visit("");
  return { folders, files, links, temporaries: temporaries.sort() };
}

/** What is in a folder; nothing when it was removed in the meantime. */
function readFolder(root: string, folder: string): readonly Dirent[] {
  try {
    return readdirSync(absolute(root, folder), { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return [];
    throw new DiskError(folder, error);
  }
}

/** The plain files of one folder, by path from the root. */
export function filesIn(root: string, folder: string): readonly string[] {
  const files = readFolder(root, folder).filter((entry) => entry.isFile());
  return files.map(({ name }) => pathIn(folder, name));
}

/** Reports whether the walk looked into the folder of a path and did not find it. */
export function isKnownMissing({ folders, files, links }: Walked, path: string): boolean {
  return folders.has(folderOf(path)) && !files.has(path) && !links.has(path);
}

/** Folders that are not entered. */
function isSkipped(path: string, ignored: ReadonlySet<string>): boolean {
  return (!path.includes("/") && path.startsWith("bazel-")) || isNoMatch(path, ignored);
}

/** Names that no glob matches, be they folders or files. */
function isNoMatch(path: string, ignored: ReadonlySet<string>): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === ".git" || name === "node_modules" || ignored.has(path);
}

/** The folders that `.bazelignore` names. */
export function readBazelIgnore(root: string): ReadonlySet<string> {
  const text = readText(root, ".bazelignore") ?? "";
  const lines = text.split("\n").map((line) => line.trim().replace(/\/+$/, ""));
  return new Set(lines.filter((line) => line !== "" && !line.startsWith("#")));
}

/** Matches globs as tinyglobby does. */
export interface Globs {
  /** The paths that each pattern matches. */
  readonly match: (walked: Walked) => Promise<readonly (readonly string[])[]>;
  /** Reports whether a folder may hold matches. */
  readonly mayHold: (folder: string) => boolean;
}

/**
 * Patterns of nothing but names, `*` and whole segments of `**` are matched against the walk; any other pattern
 * sends all of them to tinyglobby, which walks once more. test/properties/glob.test.ts holds the two against each other.
 */
export function compileGlobs(root: string, patterns: readonly string[], ignored: ReadonlySet<string>): Globs {
  if (!patterns.every(isPlain)) return { match: () => askLibrary(root, patterns, ignored), mayHold: () => true };
  const compiled = patterns.map(compile);
  return {
    match: async ({ files }) => {
      const paths = [...files].filter((path) => !isNoMatch(path, ignored));
      return compiled.map(({ whole }) => paths.filter((path) => whole.test(path)));
    },
    mayHold: (folder) => compiled.some(({ mayHold }) => mayHold(folder.split("/"))),
  };
}

function isPlain(pattern: string): boolean {
  const segments = pattern.split("/");
  // Whether a last `**` may stand for nothing depends on what is before it.
  if (segments.at(-1) === "**") return false;
  return segments.every((one) => one === "**" || (/^[\w.*-]+$/.test(one) && !/^\.\.?$|\*\*/.test(one)));
}

function compile(pattern: string): { readonly whole: RegExp; mayHold(folder: readonly string[]): boolean } {
  const segments = pattern.split("/");
  const sources = segments.map((segment) => segment.replaceAll(".", "\\.").replaceAll("*", "[^/]*"));
  const source = segments
    .map((segment, index) => {
      const isLast = index === segments.length - 1;
      if (segment === "**") return "(?:[^/]+/)*";
      return `(?=[^/])${sources[index]}${isLast ? "" : "/"}`;
    })
    .join("");
  // The name of a folder stands for all files in it.
  const standsForFiles = !pattern.endsWith("*");
  const single = sources.map((one) => new RegExp(`^${one}$`));
  return {
    whole: new RegExp(`^${source}${standsForFiles ? "(?:/.*)?" : ""}$`, "s"),
    mayHold: (folder) => {
      const deep = segments.indexOf("**");
      const common = Math.min(folder.length, segments.length, deep < 0 ? segments.length : deep);
      if (!folder.slice(0, common).every((name, index) => single[index]?.test(name))) return false;
      return deep >= 0 || standsForFiles || folder.length < segments.length;
    },
  };
}

async function askLibrary(
  root: string,
  patterns: readonly string[],
  ignored: ReadonlySet<string>,
): Promise<readonly (readonly string[])[]> {
  const { glob } = await import("tinyglobby");
  const folders = [...ignored].map((folder) => `${folder}/**`);
  const ignore = ["**/node_modules/**", "**/.git/**", "bazel-*/**", ...folders];
  const options = { cwd: root, followSymbolicLinks: false, dot: true, ignore };
  return Promise.all(patterns.map((pattern) => glob(pattern, options)));
}
