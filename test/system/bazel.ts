/** A real Bazel (Debian's 4.2.3, which has no Bzlmod) that loads workspaces against the stubs; nothing is downloaded. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BazelTarget, parseBuildOutput } from "./bazel.output.ts";
import { type Repositories, type StubVersions, writeStubs } from "./stubs/index.ts";

export type { BazelTarget, BazelValue } from "./bazel.output.ts";

/** How a run of Bazel ended: 0 fine, 3 some packages did not load, 7 nothing did. */
export interface BazelRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A workspace and the repositories it sees in place of the real ones. */
export interface Workspace {
  readonly root: string;
  readonly repositories: Repositories;
}

/** What `bazel query --output=build` answered. */
export interface BuildAnswer extends BazelRun {
  readonly targets: readonly BazelTarget[];
}

/** What `bazel query 'deps(…)'` answered. */
export interface DepsAnswer extends BazelRun {
  /** Label to kind: `source file`, `generated file`, `oci_image rule`. */
  readonly kinds: ReadonlyMap<string, string>;
  /** Source files of the workspace that are not on disk: misspelt labels in their own package. */
  readonly missing: readonly string[];
}

/** The verdict on a workspace. */
export interface Verdict {
  readonly ok: boolean;
  /** All that Bazel said against it, and the source files that are not there. */
  readonly stderr: string;
  /** Every target of the workspace's own packages. */
  readonly targets: readonly BazelTarget[];
}

const userRoot = join(tmpdir(), `gen-bazel-images-bazel-${process.getuid?.() ?? 0}`);

/** Each workspace has a server and an output base of its own, so that suites can run side by side. */
function outputBase(root: string): string {
  return join(userRoot, createHash("sha256").update(realpathSync(root)).digest("hex").slice(0, 16));
}

/** Runs one command of Bazel in a workspace; what rc files of the tree or the user say does not count. */
export function bazel(root: string, args: readonly string[]): Promise<BazelRun> {
  const startup = [
    `--output_user_root=${userRoot}`,
    `--output_base=${outputBase(root)}`,
    "--host_jvm_args=-Xmx768m",
    "--max_idle_secs=60",
    "--nohome_rc",
    "--noworkspace_rc",
  ];
  // A .bazelversion in the tree would send Debian's wrapper looking for another Bazel.
  const env = { ...process.env, USE_BAZEL_VERSION: "latest" };
  return new Promise((resolve, reject) => {
    const child = spawn("bazel", [...startup, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: withoutProgress(Buffer.concat(err)) }),
    );
  });
}

function withoutProgress(bytes: Buffer): string {
  const noise = /^(Loading: |Starting local Bazel|WARNING: The following rc files|\/\S*bazelrc$|$)/;
  const lines = bytes.toString().split("\n");
  return lines.filter((line) => !noise.test(line)).join("\n");
}

/** One query that goes on after errors, so that all of them are told. */
export function query({ root, repositories }: Workspace, expression: string, output: string): Promise<BazelRun> {
  const overrides = Object.entries(repositories).map(([name, folder]) => `--override_repository=${name}=${folder}`);
  const flags = [
    "--keep_going",
    "--noshow_progress",
    "--experimental_repository_disable_download",
    "--color=no",
    ...overrides,
  ];
  return bazel(root, ["query", ...flags, `--output=${output}`, expression]);
}

/** Loads packages and answers with their targets: notices wrong attributes, types, missing loads and mandatory ones. */
export async function queryBuild(workspace: Workspace, expression = "//..."): Promise<BuildAnswer> {
  const run = await query(workspace, expression, "build");
  return { ...run, targets: parseBuildOutput(run.stdout, realpathSync(workspace.root)) };
}

/** Follows all labels: notices those that lead nowhere, in other packages, repositories and on disk. */
export async function queryDeps(workspace: Workspace, expression = "deps(//...)"): Promise<DepsAnswer> {
  const run = await query(workspace, expression, "label_kind");
  const lines = run.stdout
    .split("\n")
    .flatMap((line) => /^(.*?(?:file|rule|package group)) (.+)$/.exec(line)?.slice(1) ?? []);
  const kinds = new Map<string, string>();
  for (let at = 0; at + 1 < lines.length; at += 2) kinds.set(lines[at + 1] ?? "", lines[at] ?? "");
  const sources = [...kinds].filter(([, kind]) => kind === "source file").map(([label]) => label);
  const missing = sources.filter((label) => !sourceExists(workspace.root, label));
  return { ...run, kinds, missing };
}

/** `//cmd/worker:image_test.yaml`; files of other repositories are Bazel's own matter. */
function sourceExists(root: string, label: string): boolean {
  const [, folder, file] = /^\/\/([^:]*):(.+)$/.exec(label) ?? [];
  return folder === undefined || file === undefined || existsSync(join(root, folder, file));
}

/** Stops the server of a workspace and removes what it left. */
export async function shutdown(root: string): Promise<void> {
  await bazel(root, ["shutdown"]);
  rmSync(outputBase(root), { recursive: true, force: true });
}

/** Writes the stubs somewhere, lets `body` use the workspace, and clears up. */
export async function withStubs<Result>(
  root: string,
  versions: StubVersions,
  body: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), "stubs-"));
  try {
    return await body({ root, repositories: writeStubs(dir, versions) });
  } finally {
    await shutdown(root);
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Loads all of a workspace against stubs of the rulesets in these versions: both queries, every source file that a rule
 * names must exist, and every ruleset in use must be declared. The WORKSPACE stays as it is: its archives are
 * overridden by the stubs. Starts a server of its own and stops it.
 */
export function checkWorkspace(root: string, versions: StubVersions): Promise<Verdict> {
  return withStubs(root, versions, judge);
}

/** The verdict on a workspace whose stubs are there; for several in a row with one server (see `withStubs`). */
export async function judge(workspace: Workspace): Promise<Verdict> {
  const build = await queryBuild(workspace);
  // A WORKSPACE that does not load fails every query alike.
  if (build.code !== 0 && build.targets.length === 0) return { ok: false, stderr: build.stderr, targets: [] };
  const deps = await queryDeps(workspace);
  const undeclared = await findUndeclared(workspace, deps);
  const said = [
    ...deps.missing.map((label) => `ERROR: no such source file: ${label}`),
    ...undeclared.map((name) => `ERROR: the WORKSPACE does not declare @${name}`),
  ];
  return {
    ok: build.code === 0 && deps.code === 0 && said.length === 0,
    stderr: [build.stderr, deps.stderr, ...said].filter((text) => text !== "").join("\n"),
    targets: build.targets,
  };
}

/** Rulesets in use that only the overriding makes known: without it the WORKSPACE would have to declare them. */
async function findUndeclared(workspace: Workspace, deps: DepsAnswer): Promise<readonly string[]> {
  const loaded = await query(workspace, "loadfiles(//...)", "label");
  const labels = [...deps.kinds.keys(), ...loaded.stdout.split("\n")];
  const used = new Set(labels.flatMap((label) => /^@(\w+)\/\//.exec(label)?.slice(1) ?? []));
  const declared = (await query(workspace, "//external:all", "label")).stdout.split("\n");
  const overridden = Object.keys(workspace.repositories).filter((name) => name !== "remote_coverage_tools");
  return overridden.filter((name) => used.has(name) && !declared.includes(`//external:${name}`));
}
