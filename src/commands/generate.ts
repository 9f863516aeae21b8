import { hasErrors } from "../diagnostics/index.ts";
import { colours, printChanges, printSummary } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, planRun, printFindings, writeChanges } from "./finish.ts";
import type { CommonOptions } from "./workspace.ts";

/** Writes what differs and says what it wrote; with an error in any service nothing is written. `exitCode` ends in 1 when something was. */
export async function generate(
  options: CommonOptions,
  output: OutputOptions & { readonly print0?: boolean },
  wanted: { readonly exitCode: boolean },
  shell: Shell,
): Promise<ExitCode> {
  const { gathered, changes, diagnostics } = await planRun(options, shell);
  const changed = changes.filter(({ kind }) => kind !== "same");
  if (hasErrors(diagnostics)) {
    await printFindings(gathered.root, diagnostics, [], gathered.mend, output, shell);
    return exitCodeOf(diagnostics);
  }
  shell.enter?.("write");
  const failed = await writeChanges(gathered.root, changed, gathered.seen);
  if (failed.length > 0) {
    const all = [...diagnostics, ...failed];
    await printFindings(gathered.root, all, [], gathered.mend, output, shell);
    return exitCodeOf(all);
  }
  shell.enter?.("report");
  await printFindings(
    gathered.root,
    diagnostics,
    changes,
    gathered.mend,
    output.format === "github" ? { ...output, format: "text" } : output,
    shell,
  );
  if (output.print0) shell.out(changed.map(({ path }) => `${path}\0`).join(""));
  else if (output.format !== "json") {
    const c = colours(output.color ?? shell.isTerminal);
    shell.out(printChanges(changed, "generate", c) + printSummary(changed.length, changes.length, gathered.scope, c));
  }
  return wanted.exitCode && changed.length > 0 ? 1 : 0;
}
