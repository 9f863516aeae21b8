import { catalogue, type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import { type Change, type Plan, plan } from "../pipeline/index.ts";
import { colours, printDiagnostics, printDiagnosticsGithub, printReportJson } from "../report/index.ts";
import { BuildifierError } from "../shell/buildifier.ts";
import { applyChanges, DiskError, diskDiagnostic, type Seen } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { locateRemembering } from "../shell/place-cache.ts";
import { locate } from "../shell/places.ts";
import { type Gathered, gather } from "./gather.ts";
import { type CommonOptions, readForFrame } from "./workspace.ts";

/** How a command prints. */
export interface OutputOptions {
  readonly format: "text" | "json" | "github";
  readonly color?: boolean | undefined;
}

/** Fine, stale, wrong usage or declarations, disk or registry, a bug of ours. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** A plan with where it was made. */
export interface Planned extends Omit<Plan, "lost"> {
  readonly gathered: Gathered;
}

/** Gathers and plans; failures of the disk and of programs become diagnostics. */
export async function planRun(options: CommonOptions, shell: Shell): Promise<Planned> {
  return withProgress(shell, () => makePlan(options, shell));
}

/** Says on a terminal that work goes on, when it takes longer than a second; the line goes when it is done. */
export async function withProgress<T>(shell: Shell, work: () => Promise<T>): Promise<T> {
  if (!shell.isTerminal) return work();
  const started = Date.now();
  const tell = () => shell.err(`\rplanning, ${Math.round((Date.now() - started) / 1000)} s`);
  const timer = setInterval(tell, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (Date.now() - started >= 1000) shell.err("\r\x1b[K");
  }
}

async function makePlan(options: CommonOptions, shell: Shell): Promise<Planned> {
  const gathered = await gather({ ...options, recall: true }, shell);
  const placed = (diagnostics: readonly Diagnostic[]) => {
    shell.enter?.("report");
    return locateRemembering(diagnostics, readForFrame(gathered.root), gathered.cache);
  };
  if (!gathered.snapshot) return { gathered, changes: [], diagnostics: await placed(gathered.diagnostics) };
  const planned = await plan(gathered.snapshot, gathered.ports);
  shell.enter?.("write");
  gathered.remember(planned);
  const diagnostics = await placed([...gathered.diagnostics, ...planned.diagnostics]);
  return { gathered, changes: planned.changes, diagnostics };
}

/** Failures that an action may end in, as diagnostics; bugs go on. */
export function failureOf(error: unknown): Diagnostic {
  if (error instanceof DiskError) return diskDiagnostic(error);
  if (error instanceof BuildifierError)
    return diagnostic("program-failed", { program: "buildifier", detail: error.message });
  throw error;
}

/** Writes changes; gives what went wrong, in which case `applyChanges` has left no file half-written. */
export async function writeChanges(
  root: string,
  changes: readonly Change[],
  seen?: Seen,
): Promise<readonly Diagnostic[]> {
  try {
    await applyChanges(root, changes, seen);
    return [];
  } catch (error) {
    return [failureOf(error)];
  }
}

/** Does what a command does; a failure of the disk or of a program that nobody caught is printed like any other. */
export async function perform(action: () => Promise<ExitCode>, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    const failed = [failureOf(error)];
    await printFindings(shell.cwd, failed, [], "npx gen-bazel-images", output, shell);
    return exitCodeOf(failed);
  }
}

/** The exit code that the diagnostics ask for; 0 when none is an error. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return 0;
  return errors.some(({ code }) => catalogue[code].exit === 3) ? 3 : 2;
}

/** Prints diagnostics, and for JSON and GitHub what else was found, in the format wanted. */
export async function printFindings(
  root: string,
  diagnostics: readonly Diagnostic[],
  changes: readonly Change[],
  mend: string,
  output: OutputOptions,
  shell: Shell,
): Promise<void> {
  const read = readForFrame(root);
  const located = await locateAll(diagnostics, root);
  const listed = hasErrors(diagnostics) ? [] : changes;
  if (output.format === "json") return shell.out(printReportJson({ changes: listed, diagnostics: located }));
  if (output.format === "github") return shell.out(printDiagnosticsGithub(located, listed, mend));
  if (located.length > 0) shell.err(printDiagnostics(located, read, colours(output.color ?? shell.isTerminal)));
}

/** The diagnostics with their positions, in the order of those. */
export async function locateAll(diagnostics: readonly Diagnostic[], root: string): Promise<readonly Diagnostic[]> {
  return [...(await locate(diagnostics, readForFrame(root)))].sort(byPlace);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.place?.kind !== "position" || b.place?.kind !== "position") return (a.place ? 1 : 0) - (b.place ? 1 : 0);
  if (a.place.file !== b.place.file) return a.place.file < b.place.file ? -1 : 1;
  return a.place.line - b.place.line || a.place.column - b.place.column;
}
