import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import { isTag, parseImageReference } from "../model/image-reference.ts";
import type { PushStage } from "../model/index.ts";
import { failureOf, lastLines, type Push, type PushRow, rowOf } from "../publish/index.ts";
import { colours, type PushReport, printPushJson, printPushTable } from "../report/index.ts";
import { type Bazel, findBazel, withBazel } from "../shell/bazel.ts";
import type { Shell } from "../shell/index.ts";
import { withProcesses } from "../shell/processes.ts";
import { runPushes } from "../shell/pusher.ts";
import { type ExitCode, exitCodeOf, locateAll, type OutputOptions, printFindings } from "./finish.ts";
import { gather } from "./gather.ts";
import { buildPushes, guard, isStop, narrowToChanges, prepareScripts, type Run, selectPushes } from "./push-stages.ts";
import type { CommonOptions } from "./workspace.ts";

/** What `push` is told besides the targets. */
export interface PushOptions {
  readonly stage: PushStage | "all";
  readonly tags: readonly string[];
  readonly registries: readonly string[];
  readonly dryRun: boolean;
  readonly unmanaged: boolean;
  readonly onlyChangedSince?: string | undefined;
  /** The branch that may push; that of the config unless given. */
  readonly branch?: string | undefined;
  readonly anyBranch: boolean;
  readonly allowDirty: boolean;
  /** How many are pushed at once. */
  readonly jobs: number;
  /** How often a push that failed is tried again. */
  readonly retries: number;
  readonly bazel?: string | undefined;
  /** Flags for the commands of Bazel that build. */
  readonly bazelFlags: readonly string[];
}

/** Builds the push targets in one call of Bazel, stamped, and pushes them; exit 3 when some stayed behind. */
export async function push(
  options: CommonOptions,
  output: OutputOptions,
  wanted: PushOptions,
  shell: Shell,
): Promise<ExitCode> {
  const { root, snapshot, diagnostics } = await gather(options, shell);
  const before = [...diagnostics, ...checkOptions(wanted)];
  const end = async (found: readonly Diagnostic[]) => {
    await printFindings(root, found, [], "npx gen-bazel-images push", output, shell);
    return exitCodeOf(found);
  };
  if (!snapshot || hasErrors(before)) return end(before);
  const bazel = findBazel(wanted.bazel, root, shell.env);
  if ("missing" in bazel) return end([...before, diagnostic("bazel-not-found", { program: bazel.missing })]);
  return withProcesses((processes) =>
    withBazel({ program: bazel.path, root, flags: wanted.bazelFlags }, shell, processes, async (opened) => {
      const run = { root, snapshot, words: options.targets, wanted, output, shell, processes };
      const result = await pushAll(run, opened);
      if (isStop(result)) return end([...before, ...result.stopped]);
      return finish(root, { ...result, diagnostics: [...before, ...result.diagnostics] }, output, shell);
    }),
  );
}

function checkOptions({ tags, registries }: PushOptions): readonly Diagnostic[] {
  return [
    ...tags.filter((tag) => !isTag(tag)).map((value) => diagnostic("tag-invalid", { value })),
    ...registries.flatMap((registry) => {
      const reference = parseImageReference(`${registry}/image`);
      const problem = "problem" in reference ? reference.problem : reference.scheme && "it begins with a scheme";
      return problem === undefined ? [] : [diagnostic("image-reference-invalid", { image: registry, problem })];
    }),
  ];
}

/** What was done, or for a dry run would be. */
interface Done extends PushReport {
  readonly diagnostics: readonly Diagnostic[];
}

/** The stages in their order; the first that finds an error is the last. */
async function pushAll(run: Run, bazel: Bazel): Promise<Done | { readonly stopped: readonly Diagnostic[] }> {
  const git = await guard(run);
  if (isStop(git)) return git;
  const selection = await selectPushes(run, bazel);
  if (isStop(selection)) return selection;
  const narrowed = await narrowToChanges(run, bazel, git, selection.targets);
  if (isStop(narrowed)) return narrowed;
  const { unmanaged, diagnostics } = selection;
  const done = { rows: [], unmanaged, diagnostics, ...(narrowed.everything && { everything: narrowed.everything }) };
  if (narrowed.targets.length === 0) return done;
  const pushes = await buildPushes(run, bazel, narrowed.targets);
  if (isStop(pushes)) return pushes;
  if (run.wanted.dryRun) return { ...done, rows: pushes.map((one) => rowOf(one, undefined)) };
  const rows = await runAll(run, bazel, pushes);
  if (isStop(rows)) return rows;
  const failed = pushes.flatMap((one, index) => failuresOf(one, rows[index]));
  return { ...done, rows, diagnostics: [...diagnostics, ...failed] };
}

async function runAll(run: Run, bazel: Bazel, pushes: readonly Push[]) {
  const { wanted, shell, processes, output } = run;
  const jobs = await prepareScripts(run, bazel, pushes);
  if (isStop(jobs)) return jobs;
  const isLive = shell.isTerminal && output.format === "text";
  let done = 0;
  const outcomes = await runPushes(jobs, {
    jobs: wanted.jobs,
    retries: wanted.retries,
    interrupted: processes.interrupted,
    onRetry: (label, seconds, said) => shell.err(`${label}: ${lastLines(said, 1)}; again in ${seconds.toFixed(1)} s\n`),
    onDone: () => {
      done += 1;
      if (isLive) shell.err(`\r\x1b[K${done < jobs.length ? `${done} of ${jobs.length} pushed` : ""}`);
    },
  });
  return pushes.map((one, index) => rowOf(one, outcomes[index]));
}

function failuresOf(one: Push, row: PushRow | undefined): readonly Diagnostic[] {
  return row?.status === "failed" ? [failureOf(one, row)] : [];
}

async function finish(root: string, done: Done, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  const { diagnostics, ...report } = done;
  if (output.format === "json") shell.out(printPushJson(report, await locateAll(diagnostics, root)));
  else {
    if (report.everything !== undefined) shell.err(`nothing is left out: ${report.everything}\n`);
    await printFindings(root, diagnostics, [], "npx gen-bazel-images push", output, shell);
    const c = colours(output.color ?? shell.isTerminal);
    shell.out(report.rows.length === 0 ? "nothing to push\n" : printPushTable(report.rows, c));
  }
  return exitCodeOf(diagnostics);
}
