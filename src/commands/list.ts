import { hasErrors } from "../diagnostics/index.ts";
import { type Config, pushTargetOf, type Service } from "../model/index.ts";
import { generatedFiles } from "../pipeline/index.ts";
import { colours } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, printFindings } from "./finish.ts";
import { gather } from "./gather.ts";
import type { CommonOptions } from "./workspace.ts";

/** The services with their targets; or, for a `.gitattributes`, the files that are generated as a whole. */
export async function list(
  options: CommonOptions,
  output: OutputOptions,
  wanted: { readonly gitattributes: boolean },
  shell: Shell,
): Promise<ExitCode> {
  const { snapshot, diagnostics, root, mend } = await gather(options, shell);
  if (!snapshot || hasErrors(diagnostics)) {
    await printFindings(root, diagnostics, [], mend, output, shell);
    return exitCodeOf(diagnostics);
  }
  if (wanted.gitattributes) {
    shell.out(generatedFiles(snapshot).map(printAttribute).join(""));
    return 0;
  }
  const rows = snapshot.project.services.map((service) => describe(service, snapshot.project.config));
  if (output.format === "json") shell.out(`${JSON.stringify(rows, null, 2)}\n`);
  else {
    const c = colours(output.color ?? shell.isTerminal);
    const width = Math.max(0, ...rows.map(({ name }) => name.length));
    shell.out(
      rows
        .map(({ name, file, targets }) => `${c.bold(name.padEnd(width))}  ${targets.join(" ")}  ${c.dim(file)}\n`)
        .join(""),
    );
  }
  return 0;
}

/** A line of `.gitattributes` for exactly this path, whatever characters it has. */
function printAttribute(path: string): string {
  const pattern = (path.includes("/") ? path : `/${path}`).replace(/[\\*?[]/g, "\\$&");
  const isPlain = /^[^\s"!#]+$/.test(pattern);
  return `${isPlain ? pattern : `"${pattern.replace(/["\\]/g, "\\$&")}"`} linguist-generated=true\n`;
}

function describe(service: Service, config: Config) {
  const base = service.image?.fields.find(({ name }) => name === "base")?.value;
  const parts = [...(service.image ? [service.image] : []), ...service.loads, ...service.tests, ...service.pushes];
  return {
    name: service.name,
    package: service.package,
    file: service.origin.file,
    ...(base?.kind === "string" && { base: base.value }),
    targets: [...service.layers, ...parts].map((part) => `//${service.package}:${part.name}`),
    pushes: service.pushes.map((push) => pushTargetOf(push, service.package, config.repositoryPrefix)),
  };
}
