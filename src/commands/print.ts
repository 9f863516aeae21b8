import { hasErrors } from "../diagnostics/index.ts";
import type { Shell } from "../shell/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, planRun, printFindings } from "./finish.ts";
import type { CommonOptions } from "./workspace.ts";

/** The wanted text of every file on standard output, each under a line with its path; writes nothing. */
export async function print(options: CommonOptions, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  const { gathered, changes, diagnostics } = await planRun(options, shell);
  await printFindings(gathered.root, diagnostics, [], gathered.mend, { ...output, format: "text" }, shell);
  if (hasErrors(diagnostics)) return exitCodeOf(diagnostics);
  const wanted = changes.flatMap(({ path, after }) => (after === undefined ? [] : [{ path, text: after }]));
  if (output.format === "json") shell.out(`${JSON.stringify(wanted, null, 2)}\n`);
  else shell.out(wanted.map(({ path, text }) => `# ==> ${path}\n${text}`).join("\n"));
  return 0;
}
