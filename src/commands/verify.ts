import { type Diagnostic, hasErrors } from "../diagnostics/index.ts";
import { parseImageReference } from "../model/image-reference.ts";
import { checkPlatforms, selectPins, substituteDigests } from "../pipeline/index.ts";
import { colours } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, printFindings } from "./finish.ts";
import { isFailure, openPins, openRegistries, registryDiagnostic } from "./registries.ts";
import type { CommonOptions } from "./workspace.ts";

/** Does every pinned digest still exist, and offer the platforms that its base names? Exit 1 and a list when not. */
export async function verify(options: CommonOptions, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  const pins = await openPins(options, shell);
  const end = async (found: readonly Diagnostic[]) => {
    await printFindings(pins.root, found, [], "npx gen-bazel-images pin", output, shell);
    return exitCodeOf(found);
  };
  if (!pins.found || hasErrors(pins.diagnostics)) return end(pins.diagnostics);
  const { config, stored } = pins.found;
  const unknown = selectPins(config, stored, options.targets).diagnostics.filter(
    ({ code }) => code === "pin-unknown-base",
  );
  const bases = substituteDigests(config, stored);
  const before = [...pins.diagnostics, ...unknown, ...bases.diagnostics];
  if (hasErrors(before)) return end(before);
  const client = await openRegistries(config, shell, () => undefined);
  const wanted = bases.value.filter(({ name }) => options.targets.length === 0 || options.targets.includes(name));
  const rows = await Promise.all(
    wanted.map(async (base) => {
      const reference = parseImageReference(base.image);
      if ("problem" in reference) return { base, diagnostics: [] as readonly Diagnostic[], lost: false };
      const resolved = await client.resolve({
        registry: reference.registry,
        repository: reference.repository,
        ...(reference.scheme && { scheme: reference.scheme }),
        digest: base.digest,
      });
      if (isFailure(resolved))
        return {
          base,
          diagnostics: [registryDiagnostic(resolved, config, base.name)],
          lost: resolved.code === "image-not-found",
        };
      const found = checkPlatforms({ base }, resolved, config);
      return { base, diagnostics: found, lost: found.length > 0 };
    }),
  );
  const lost = rows.filter((row) => row.lost);
  const broken = rows.filter((row) => row.diagnostics.length > 0 && !row.lost);
  await printFindings(
    pins.root,
    [...before, ...rows.flatMap((row) => row.diagnostics)],
    [],
    "npx gen-bazel-images pin",
    output,
    shell,
  );
  if (output.format === "text") {
    const c = colours(output.color ?? shell.isTerminal);
    for (const row of rows) {
      const verdict = row.lost ? c.red("lost   ") : broken.includes(row) ? c.yellow("unknown") : c.green("there  ");
      shell.out(`${verdict}  ${row.base.name}  ${c.dim(row.base.digest)}\n`);
    }
  }
  // What could not be asked says nothing about the digest: that is a failure, not a finding.
  return broken.length > 0 ? 3 : lost.length > 0 ? 1 : 0;
}
