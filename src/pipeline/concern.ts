import { folderOf, isBuildFile } from "../bazel/index.ts";

/** A file that somebody named, a hook for example. */
export interface NamedFile {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly exists: boolean;
}

/** What files concern. */
export interface Concern {
  /** All packages: the config, and what cannot be told apart from it. */
  readonly whole: boolean;
  readonly packages: readonly string[];
  /** The shared files, which every run looks at. */
  readonly shared: boolean;
}

/** What the repository is made of. */
export interface KnownInputs {
  /** The config and all that it imports. */
  readonly config: readonly string[];
  /** For each declaration file, itself and all that it imports; undefined when that cannot be told. */
  readonly inputs: ReadonlyMap<string, readonly string[]> | undefined;
  /** Every package with services. */
  readonly packages: ReadonlySet<string>;
  /** The shared files and the BUILD files beside them. */
  readonly shared: readonly string[];
}

/** Files at the root that decide how every package is read or formatted. */
const settings: ReadonlySet<string> = new Set([".bazelignore", ".buildifier.json"]);

/** Reports whether esbuild may bundle a file into declarations. */
export function isImportable(path: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx|json|txt|css)$/.test(path);
}

const extensions = "[cm]?[jt]sx?|json|ya?ml|bzl|md|txt|toml|lock|sum|mod|work|go|py|rs|java|kt|sh|proto";
const fileLike = [
  /(?:^|[/\\])BUILD(?:\.bazel)?$/,
  /[/\\][^/\\]*\.\w+$/,
  /^\.\w[\w.-]*$/,
  new RegExp(`^[^/\\\\]+\\.(?:${extensions})$`),
];

/** Reports whether a word that names nothing on disk is a file that was deleted, not a service: those may have dots too. */
export function looksLikeFile(word: string): boolean {
  return fileLike.some((pattern) => pattern.test(word));
}

/**
 * What the files concern:
 * - the config, what it imports and root settings: everything;
 * - declarations and what they import: the packages of those made from them;
 * - something importable that is gone: everything, for only a whole run finds what a declaration has left behind;
 * - BUILD files and YAML files: their package;
 * - shared files: themselves; anything else: nothing.
 */
export function concernOf(files: readonly NamedFile[], known: KnownInputs): Concern {
  const packages = new Set<string>();
  let whole = false;
  let shared = false;
  for (const { path, exists } of files) {
    if (known.config.includes(path) || settings.has(path)) whole = true;
    else if (known.shared.includes(path)) shared = true;
    if (isImportable(path) && (!exists || !known.inputs)) whole = true;
    for (const [declaration, inputs] of known.inputs ?? [])
      if (inputs.includes(path)) packages.add(folderOf(declaration));
    const isPackageFile = isBuildFile(path) || path.endsWith(".yaml");
    if (isPackageFile && known.packages.has(folderOf(path))) packages.add(folderOf(path));
  }
  return { whole, packages: [...packages].sort(), shared };
}
