import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import { parseImageReference } from "../model/image-reference.ts";
import type { Config } from "../model/index.ts";
import { isOurs } from "../outputs/index.ts";
import {
  checkPlatforms,
  type PinRequest,
  type PinResult,
  planPins,
  reviewChange,
  selectPins,
} from "../pipeline/index.ts";
import { colours } from "../report/index.ts";
import { runBuildifier } from "../shell/buildifier.ts";
import { applyChanges } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import type { RegistryClient, Resolved } from "../shell/registry/index.ts";
import { templates } from "../shell/templates.ts";
import { type ExitCode, exitCodeOf, failureOf, type OutputOptions, printFindings } from "./finish.ts";
import { isFailure, openPins, openRegistries, type Pins, registryDiagnostic } from "./registries.ts";
import { buildifierOptions, type CommonOptions } from "./workspace.ts";

interface Answer extends PinResult {
  readonly resolved: Resolved;
}

/** Asks the registries for the digests of the tags and writes them; with `check` only tells what is behind. */
export async function pin(
  options: CommonOptions,
  output: OutputOptions,
  wanted: { readonly check: boolean },
  shell: Shell,
): Promise<ExitCode> {
  const pins = await openPins(options, shell);
  const end = async (found: readonly Diagnostic[]) => {
    await printFindings(pins.root, found, [], "npx gen-bazel-images pin", output, shell);
    return exitCodeOf(found);
  };
  if (!pins.found || hasErrors(pins.diagnostics)) return end(pins.diagnostics);
  const { config, stored, texts } = pins.found;
  const requests = selectPins(config, stored, options.targets);
  const foreign = [...texts]
    .filter(([, text]) => text !== undefined && !isOurs(text))
    .map(([file]) => diagnostic("file-not-ours", { file, hint: "move it away, or write ours elsewhere with `files`" }));
  const before = [...pins.diagnostics, ...requests.diagnostics, ...foreign];
  if (hasErrors(before)) return end(before);
  const asked = await askAll(
    requests.value,
    config,
    await openRegistries(config, shell, () => undefined),
    shell,
    output,
  );
  const diagnostics = [...before, ...asked.diagnostics];
  if (hasErrors(diagnostics)) return end(diagnostics);
  const behind = asked.answers.filter(
    ({ request, digest }) =>
      request.stored?.digest !== digest ||
      request.stored.tag !== request.tag ||
      request.stored.image !== request.base.image,
  );
  if (!wanted.check) {
    const failed = await write(pins, asked.answers);
    if (hasErrors(failed)) return end([...diagnostics, ...failed]);
  }
  printAnswers(asked.answers, behind, output, shell, wanted.check);
  return wanted.check && behind.length > 0 ? 1 : 0;
}

async function askAll(
  requests: readonly PinRequest[],
  config: Config,
  client: RegistryClient,
  shell: Shell,
  output: OutputOptions,
): Promise<{ answers: readonly Answer[]; diagnostics: readonly Diagnostic[] }> {
  let done = 0;
  const isLive = shell.isTerminal && output.format === "text";
  const progress = () =>
    isLive && shell.err(`\r${++done} of ${requests.length} bases${done === requests.length ? "\r\x1b[K" : ""}`);
  const results = await Promise.all(
    requests.map(async (request) => {
      const reference = parseImageReference(request.base.image);
      if ("problem" in reference) return { diagnostics: [] };
      const resolved = await client.resolve({ ...reference, tag: request.tag });
      progress();
      if (isFailure(resolved)) return { diagnostics: [registryDiagnostic(resolved, config, request.base.name)] };
      const answer: Answer = {
        request,
        digest: resolved.digest,
        kind: resolved.kind,
        platforms: resolved.platforms,
        resolved,
      };
      return { answer, diagnostics: checkPlatforms(request, answer, config) };
    }),
  );
  return {
    answers: results.flatMap((result) => ("answer" in result && result.answer ? [result.answer] : [])),
    diagnostics: results.flatMap((result) => result.diagnostics),
  };
}

async function write({ root, found }: Pins, answers: readonly Answer[]): Promise<readonly Diagnostic[]> {
  if (!found) return [];
  const planned = planPins(found.config, found.stored, answers, templates);
  if (hasErrors(planned.diagnostics)) return planned.diagnostics;
  try {
    const formatted = await runBuildifier(
      planned.value.map(({ path, type, text }) => ({ file: path, type, text })),
      buildifierOptions(root, found.config.buildifier),
    );
    const changes = planned.value.flatMap(({ path, text }, index) => {
      const answer = formatted[index];
      return [reviewChange(path, found.texts.get(path), answer && "text" in answer ? answer.text : text)];
    });
    await applyChanges(
      root,
      changes.filter(({ kind }) => kind !== "same"),
    );
    return planned.diagnostics;
  } catch (error) {
    return [failureOf(error)];
  }
}

function printAnswers(
  answers: readonly Answer[],
  behind: readonly Answer[],
  output: OutputOptions,
  shell: Shell,
  isCheck: boolean,
): void {
  const rows = answers.map((answer) => ({
    base: answer.request.base.name,
    image: answer.request.base.image,
    tag: answer.request.tag,
    old: answer.request.stored?.digest ?? null,
    new: answer.digest,
    behind: behind.includes(answer),
    platforms: answer.platforms,
    created: answer.resolved.created ?? null,
    revision: answer.resolved.revision ?? null,
  }));
  if (output.format === "json") return shell.out(`${JSON.stringify(rows, null, 2)}\n`);
  if (output.format === "github") {
    for (const row of rows.filter((one) => one.behind))
      shell.out(
        `::${isCheck ? "error" : "notice"} title=pin::${row.base}: ${row.image}:${row.tag} is now ${row.new}\n`,
      );
    return;
  }
  const c = colours(output.color ?? shell.isTerminal);
  if (rows.length === 0) shell.out("nothing to ask: no base without a digest in the config\n");
  for (const row of rows) {
    const change = row.behind ? `${c.red(row.old ?? "not pinned")}\n  ${c.green(row.new)}` : c.dim(row.new);
    const origin = [
      row.created === null ? "" : `created ${row.created}`,
      row.revision === null ? "" : `revision ${row.revision}`,
    ]
      .filter((text) => text !== "")
      .join(", ");
    shell.out(
      `${c.bold(row.base)}  ${row.image}:${row.tag}${row.behind ? "" : c.dim("  up to date")}\n  ${change}\n${origin === "" ? "" : `  ${c.dim(origin)}\n`}`,
    );
  }
  if (isCheck && behind.length > 0)
    shell.out(
      `\n${c.bold("to mend it, run:")} npx gen-bazel-images pin ${behind.map(({ request }) => request.base.name).join(" ")}\n`,
    );
}
