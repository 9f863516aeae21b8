import { folderOf, isBuildFile, pathIn } from "../bazel/index.ts";
import { hasErrors } from "../diagnostics/index.ts";
import { isOurs, withoutHeader } from "../outputs/index.ts";
import { type Change, reviewChange, type Snapshot } from "../pipeline/index.ts";
import { ejectRegion, findRegion } from "../pipeline/merge/index.ts";
import { colours, printChanges } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, printFindings, writeChanges } from "./finish.ts";
import { gather } from "./gather.ts";
import type { CommonOptions } from "./workspace.ts";

/** The test configs without our first lines: what nobody declares any more would be deleted by the next run. */
function handOver({ project, texts }: Snapshot): readonly Change[] {
  const paths = project.services.flatMap((service) =>
    service.tests.flatMap(({ config }) => (config ? [pathIn(service.package, config.file)] : [])),
  );
  return paths.flatMap((path) => {
    const text = texts.get(path);
    return text !== undefined && isOurs(text) ? [reviewChange(path, text, withoutHeader(text))] : [];
  });
}

/** Removes the markers and leaves plain rules, so that nobody is locked in; the declarations stay where they are. */
export async function eject(options: CommonOptions, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  const { snapshot, diagnostics, root, mend } = await gather(options, shell);
  if (!snapshot || hasErrors(diagnostics)) {
    await printFindings(root, diagnostics, [], mend, output, shell);
    return exitCodeOf(diagnostics);
  }
  const reader = await starlarkReader();
  const packages = new Set(snapshot.project.services.map((service) => service.package));
  const regions = [...snapshot.texts].flatMap(([path, text]) =>
    text !== undefined && packages.has(folderOf(path)) && isBuildFile(path) && findRegion(text) ? [{ path, text }] : [],
  );
  const ejected = regions.map(({ path, text }) => {
    const result = ejectRegion(path, text, reader);
    return { change: reviewChange(path, text, result.value), diagnostics: result.diagnostics };
  });
  const found = ejected.flatMap((one) => one.diagnostics);
  const changes = [...ejected.map(({ change }) => change), ...handOver(snapshot)];
  const failed = hasErrors(found) ? found : [...found, ...(await writeChanges(root, changes))];
  await printFindings(root, failed, changes, mend, output, shell);
  if (hasErrors(failed)) return exitCodeOf(failed);
  const declarations = [...new Set(snapshot.project.services.map((service) => service.origin.file))];
  if (output.format === "text")
    shell.out(
      `${printChanges(changes, "generate", colours(output.color ?? shell.isTerminal))}the rules are yours now; remove the declarations, or generate wants their names again:\n${declarations.map((file) => `  ${file}\n`).join("")}`,
    );
  return 0;
}
