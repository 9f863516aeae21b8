/** The stages of `push` between gathering and printing. Each asks Bazel or git, lets `publish/` decide, and gives that or what stops the run. */
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import { pinsFilesOf, type Snapshot } from "../pipeline/index.ts";
import {
  canonicalLabel,
  declaredPushes,
  dependentsQuery,
  fileQuery,
  fileWithoutTarget,
  guardPush,
  lastLines,
  narrowPushes,
  type Push,
  type PushTarget,
  planPushes,
  pushQuery,
  reachOf,
  readRules,
  type Selection,
  selectTargets,
} from "../publish/index.ts";
import type { Bazel } from "../shell/bazel.ts";
import { type Git, isProblem, openGit } from "../shell/git.ts";
import type { Shell } from "../shell/index.ts";
import type { Ended, Processes } from "../shell/processes.ts";
import type { PushJob } from "../shell/pusher.ts";
import type { OutputOptions } from "./finish.ts";
import type { PushOptions } from "./push.ts";

/** What all stages need. */
export interface Run {
  readonly root: string;
  readonly snapshot: Snapshot;
  /** What the run was narrowed to; empty when it is about everything. */
  readonly words: readonly string[];
  readonly wanted: PushOptions;
  readonly output: OutputOptions;
  readonly shell: Shell;
  readonly processes: Processes;
}

/** The errors that end a run before anything is pushed. */
export interface Stop {
  readonly stopped: readonly Diagnostic[];
}

/** Reports whether a stage ended the run. */
export function isStop<T>(result: T | Stop): result is Stop {
  return typeof result === "object" && result !== null && "stopped" in result;
}

const stop = (...stopped: readonly Diagnostic[]): Stop => ({ stopped });

/** Refuses a tree that may not be pushed. Gives git when it was needed. */
export async function guard({ root, wanted, snapshot, shell, processes }: Run): Promise<Git | undefined | Stop> {
  const isGuarded = !wanted.dryRun && !(wanted.anyBranch && wanted.allowDirty);
  if (!isGuarded && wanted.onlyChangedSince === undefined) return undefined;
  const git = await openGit(root, shell, processes);
  if (isProblem(git)) return stop(git);
  if (!isGuarded) return git;
  const state = await git.state();
  if (isProblem(state)) return stop(state);
  const branch = wanted.branch ?? snapshot.project.config.push.branch;
  const refused = guardPush(state, shell.env, { ...wanted, branch });
  return refused.length > 0 ? stop(...refused) : git;
}

/** Asks Bazel for the push targets and puts them beside the declared ones. */
export async function selectPushes({ snapshot, wanted, words }: Run, bazel: Bazel): Promise<Selection | Stop> {
  const { project, ignored } = snapshot;
  const { config, services } = project;
  const all = declaredPushes(project, "all");
  const ofStage = all.filter(({ stage }) => wanted.stage === "all" || stage === wanted.stage);
  const declared = narrowPushes(ofStage, words);
  const kinds = [...new Set(["oci_push", config.loads.get("oci_push")?.symbol ?? "oci_push"])];
  const answer = await bazel.query(pushQuery(all, kinds), "xml");
  if (answer.code !== 0) {
    const query = `kind("^(${kinds.join("|")}) rule$", //...)`;
    return stop(diagnostic("bazel-query-failed", { detail: errorsOf(answer), query }));
  }
  const selection = selectTargets(declared, readRules(answer.out), {
    kinds,
    unmanaged: wanted.unmanaged,
    ours: new Set(all.map(({ label }) => label)),
    ignored: new Set(ignored.keys()),
    ...(words.length > 0 && { packages: new Set(services.map((service) => service.package)) }),
    ...(config.repositoryPrefix !== undefined && { repositoryPrefix: config.repositoryPrefix }),
  });
  return hasErrors(selection.diagnostics) ? stop(...selection.diagnostics) : selection;
}

/** Bazel's own words: its ERROR lines, else the end of what it said. */
function errorsOf({ err }: Ended): string {
  const errors = err.split("\n").filter((line) => line.startsWith("ERROR:"));
  return errors.length > 0 ? errors.slice(0, 20).join("\n") : lastLines(err);
}

/** What is left to push; `everything` says why nothing was left out. */
interface Narrowed {
  readonly targets: readonly PushTarget[];
  readonly everything?: string;
}

/** Leaves out the targets that nothing has changed for since a revision. */
export async function narrowToChanges(
  { wanted, snapshot }: Run,
  bazel: Bazel,
  git: Git | undefined,
  targets: readonly PushTarget[],
): Promise<Narrowed | Stop> {
  if (wanted.onlyChangedSince === undefined || !git || targets.length === 0) return { targets };
  const changed = await git.changedSince(wanted.onlyChangedSince);
  if (isProblem(changed)) return stop(changed);
  const { config, services } = snapshot.project;
  const reach = reachOf(changed, {
    declarations: new Map(services.map(({ origin, package: pkg }) => [origin.file, pkg])),
    pins: pinsFilesOf(config),
  });
  if (reach.kind === "everything") return { targets, everything: reach.reason };
  const { files, packages } = reach;
  const known = files.length === 0 ? [] : linesOf(await bazel.query(fileQuery(files), "label", true));
  const stray = fileWithoutTarget(files, known);
  if (stray !== undefined) return { targets, everything: `${stray} belongs to no target` };
  if (known.length + packages.length === 0) return { targets: [] };
  const labels = targets.map(({ label }) => label);
  const answer = await bazel.query(dependentsQuery(known, packages, labels), "label");
  // A package that Bazel does not have, one that is ignored for example.
  if (answer.code !== 0) return { targets, everything: errorsOf(answer) };
  const dependents = new Set(linesOf(answer));
  return { targets: targets.filter(({ label }) => dependents.has(label)) };
}

function linesOf({ out }: Ended): readonly string[] {
  const lines = out.split(/\r?\n/).filter((line) => line !== "");
  return lines.map(canonicalLabel);
}

/** Builds the targets, and with them the files that tell their tags, digests and repositories. */
export async function buildPushes(
  { wanted, output, shell }: Run,
  bazel: Bazel,
  targets: readonly PushTarget[],
): Promise<readonly Push[] | Stop> {
  const labels = targets.map(({ label }) => label);
  const filesOf = (key: "tagsLabel" | "digestLabel" | "repositoryLabel") => [
    ...new Set(targets.flatMap((target) => target[key] ?? [])),
  ];
  const [tags, digests, repositories] = [filesOf("tagsLabel"), filesOf("digestLabel"), filesOf("repositoryLabel")];
  if (output.format === "text")
    shell.err(`building ${labels.length} push ${labels.length === 1 ? "target" : "targets"}\n`);
  const ended = await bazel.build([...labels, ...tags, ...digests, ...repositories]);
  if (ended.code !== 0)
    return stop(diagnostic("bazel-build-failed", { detail: errorsOf(ended), target: labels.join(" ") }));
  const read = <T>(files: readonly string[], parse: (text: string) => T): ReadonlyMap<string, T> =>
    new Map(
      files.flatMap((label) => {
        const text = bazel.textOf(label);
        return text === undefined ? [] : [[label, parse(text)] as const];
      }),
    );
  const planned = planPushes(targets, wanted, {
    tags: read(tags, (text) => text.split(/\s+/).filter((tag) => tag !== "")),
    digests: read(digests, (text) => text.trim()),
    repositories: read(repositories, (text) => text.trim()),
  });
  return hasErrors(planned.diagnostics) ? stop(...planned.diagnostics) : planned.value;
}

/** Asks Bazel for the script of each target, one after the other, since `bazel run` locks the workspace. */
export async function prepareScripts(
  { root, shell, processes, output }: Run,
  bazel: Bazel,
  pushes: readonly Push[],
): Promise<readonly PushJob[] | Stop> {
  const isLive = shell.isTerminal && output.format === "text";
  const paths = new Map<string, string>();
  const labels = [...new Set(pushes.map(({ target }) => target.label))];
  for (const [index, label] of labels.entries()) {
    if (isLive) shell.err(`\r\x1b[Kpreparing ${index + 1} of ${labels.length}`);
    const ended = await bazel.script(label);
    if (ended.code !== 0) return stop(diagnostic("bazel-run-failed", { target: label, detail: errorsOf(ended) }));
    paths.set(label, ended.path);
  }
  if (isLive) shell.err("\r\x1b[K");
  return pushes.map(({ target: { label }, args }) => ({
    label,
    run: () => processes.run(paths.get(label) ?? "", args, { cwd: root, env: shell.env }),
  }));
}
