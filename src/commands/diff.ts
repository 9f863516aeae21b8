import { hasErrors } from "../diagnostics/index.ts";
import { printDiff } from "../pipeline/index.ts";
import { type Colours, colours } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, planRun, printFindings } from "./finish.ts";
import type { CommonOptions } from "./workspace.ts";

/** The unified diff of what `generate` would change; exit 1 when there is one. */
export async function diff(options: CommonOptions, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  const { gathered, changes, diagnostics } = await planRun(options, shell);
  await printFindings(gathered.root, diagnostics, changes, gathered.mend, output, shell);
  if (hasErrors(diagnostics)) return exitCodeOf(diagnostics);
  const changed = changes.filter(({ kind }) => kind !== "same");
  const c = colours(output.color ?? shell.isTerminal);
  if (output.format === "text") shell.out(changed.map((change) => paintDiff(printDiff(change), c)).join(""));
  return changed.length > 0 ? 1 : 0;
}

/** Colours the lines of a unified diff. */
export function paintDiff(text: string, c: Colours): string {
  return text
    .split("\n")
    .map((line) => {
      if (line.startsWith("---") || line.startsWith("+++")) return c.bold(line);
      if (line.startsWith("+")) return c.green(line);
      if (line.startsWith("-")) return c.red(line);
      return line.startsWith("@@") ? c.cyan(line) : line;
    })
    .join("\n");
}
