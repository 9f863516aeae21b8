import { hasErrors } from "../diagnostics/index.ts";
import { printDiff } from "../pipeline/index.ts";
import { colours, printChanges, printSummary } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { paintDiff } from "./diff.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, planRun, printFindings } from "./finish.ts";
import type { CommonOptions } from "./workspace.ts";

/** Writes nothing; exit 1 with the list, the diff and the command that mends it, when something is stale. */
export async function check(
  options: CommonOptions,
  output: OutputOptions & { readonly print0?: boolean },
  shell: Shell,
): Promise<ExitCode> {
  const { gathered, changes, diagnostics } = await planRun(options, shell);
  const changed = changes.filter(({ kind }) => kind !== "same");
  const { mend } = gathered;
  await printFindings(gathered.root, diagnostics, changes, mend, output, shell);
  if (hasErrors(diagnostics)) return exitCodeOf(diagnostics);
  if (output.print0) shell.out(changed.map(({ path }) => `${path}\0`).join(""));
  else if (output.format === "text") {
    const c = colours(output.color ?? shell.isTerminal);
    shell.out(printChanges(changed, "check", c));
    for (const change of changed) shell.out(`\n${paintDiff(printDiff(change), c)}`);
    if (changed.length > 0) shell.out(`\n${c.bold("to mend it, run:")} ${mend}\n`);
    else shell.out(printSummary(0, changes.length, gathered.scope, c));
  }
  return changed.length > 0 ? 1 : 0;
}
