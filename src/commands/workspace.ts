/** The monorepo as the commands find it: its root, its config, its declaration files. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Config } from "../model/index.ts";
import { type DeclarationFile, type DeclaredConfig, declareConfiguration, type Ports } from "../pipeline/index.ts";
import { type BuildifierOptions, runBuildifier } from "../shell/buildifier.ts";
import { type Cache, noCache, openCache } from "../shell/cache.ts";
import { evaluateFiles } from "../shell/declarations.ts";
import { fromRoot } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { templates } from "../shell/templates.ts";
import { nextTurn } from "../shell/turn.ts";
import { compileGlobs, readBazelIgnore, type Walked, walkTree } from "../shell/walk.ts";

/** What the user said on the command line that all commands share. */
export interface CommonOptions {
  readonly cwd?: string | undefined;
  readonly config?: string | undefined;
  /** Paths, packages and names of services; none for a whole run. */
  readonly targets: readonly string[];
  readonly prune?: boolean | undefined;
  /** False to remember nothing and to use nothing that was remembered. */
  readonly cache?: boolean | undefined;
}

/** The monorepo: its root and its config. */
export interface Workspace {
  readonly root: string;
  readonly cache: Cache;
  readonly declared: DeclaredConfig;
  /** What the config exported. */
  readonly exported: unknown;
  /** The config and every file that it imports, by path from the root. */
  readonly inputs: readonly string[];
}

export const configNames = ["ts", "mts", "js", "mjs"].map((extension) => `bazel-images.config.${extension}`);

/** The nearest config at or above a folder (SPIKES, ruling 7). */
export function findConfig(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Finds and evaluates the config. */
export async function openWorkspace(
  options: Omit<CommonOptions, "targets">,
  shell: Shell,
): Promise<{ readonly root: string; readonly workspace?: Workspace; readonly diagnostics: readonly Diagnostic[] }> {
  const cwd = resolve(shell.cwd, options.cwd ?? ".");
  const path = options.config === undefined ? findConfig(cwd) : resolve(cwd, options.config);
  if (path === undefined || !existsSync(path)) {
    const wanted = path ?? `bazel-images.config.{ts,mts,js,mjs} in ${cwd} or above it`;
    return { root: cwd, diagnostics: [diagnostic("config-not-found", { wanted })] };
  }
  const root = realpathSync(dirname(path));
  const file = fromRoot(root, realpathSync(path));
  const cache = options.cache === false ? noCache : openCache(root, shell.env);
  const evaluation = await evaluateFiles({ root, files: [file], cache, name: "config" }, shell.enter);
  const [evaluated] = evaluation.files;
  if (!evaluated) return { root, diagnostics: evaluation.diagnostics };
  const declared = declareConfiguration(file, evaluated.exported);
  const diagnostics = [...evaluation.diagnostics, ...declared.diagnostics];
  const inputs = evaluation.inputsOf(file);
  return declared.value
    ? { root, workspace: { root, cache, declared: declared.value, exported: evaluated.exported, inputs }, diagnostics }
    : { root, diagnostics };
}

export interface Found {
  readonly files: readonly string[];
  readonly walked: Walked;
  /** The walk saw the whole tree, not only where declarations can be. */
  readonly isWhole: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export async function findDeclarations(
  { root, declared }: Workspace,
  bazelIgnored: ReadonlySet<string>,
  isWhole: boolean,
): Promise<Found> {
  const globs = compileGlobs(root, declared.globs, bazelIgnored);
  const walked = walkTree(root, bazelIgnored, isWhole ? undefined : globs.mayHold);
  const matches = await globs.match(walked);
  const empty = declared.globs.filter((_, index) => matches[index]?.length === 0);
  return {
    files: [...new Set(matches.flat())].sort(),
    walked,
    isWhole,
    diagnostics: empty.map((pattern) =>
      diagnostic(
        "services-glob-empty",
        { glob: pattern },
        { kind: "property", file: declared.config.file, path: ["services"] },
      ),
    ),
  };
}

/** The declaration files of the globs, evaluated, for commands that want them as they are. */
export async function openDeclarations(
  workspace: Workspace,
): Promise<{ readonly files: readonly DeclarationFile[]; readonly diagnostics: readonly Diagnostic[] }> {
  const { root, cache } = workspace;
  const found = await findDeclarations(workspace, readBazelIgnore(root), true);
  const evaluation = await evaluateFiles({ root, files: found.files, cache, name: "declarations" });
  return { files: evaluation.files, diagnostics: evaluation.diagnostics };
}

/** The package that an inline service names, as far as it names one. */
export function inlinePackageOf(service: unknown): string {
  const { package: pkg = "" } = (service ?? {}) as { readonly package?: string };
  return pkg === "." ? "" : pkg;
}

/** The repo's own buildifier and configuration, where it has them. */
export function buildifierOptions(root: string, program: string | undefined): BuildifierOptions {
  const config = join(root, ".buildifier.json");
  return {
    root,
    ...(program !== undefined && { program: resolve(root, program) }),
    ...(existsSync(config) && { config }),
  };
}

/** What the shell lends to a plan in this repository, without a memory of what it gave. */
export function portsFor(root: string, config: Pick<Config, "buildifier">): Ports {
  const buildifier = buildifierOptions(root, config.buildifier);
  return {
    format: (requests) => runBuildifier(requests, buildifier),
    templates,
    reader: starlarkReader,
    yield: nextTurn,
  };
}

/** Reads a file for a code frame; undefined when it cannot be read. */
export function readForFrame(root: string): (file: string) => string | undefined {
  return (file) => {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      return undefined;
    }
  };
}
