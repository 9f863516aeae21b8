import { diagnostic, hasErrors } from "../diagnostics/index.ts";
import { parseImageReference } from "../model/image-reference.ts";
import type { Config } from "../model/index.ts";
import { type Colours, colours, messageOf, printStamping } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import type { Probe } from "../shell/registry/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, printFindings } from "./finish.ts";
import { gather } from "./gather.ts";
import { openPins, openRegistries } from "./registries.ts";
import { inspectStamping } from "./stamping.ts";
import type { CommonOptions } from "./workspace.ts";

/** Says what stamping lacks, without the network, then of each registry in use whether it answers, how it authenticates, and what rules_oci will need for it. */
export async function doctor(options: CommonOptions, output: OutputOptions, shell: Shell): Promise<ExitCode> {
  const pins = await openPins(options, shell);
  if (!pins.found || hasErrors(pins.diagnostics)) {
    await printFindings(pins.root, pins.diagnostics, [], "npx gen-bazel-images", output, shell);
    return exitCodeOf(pins.diagnostics);
  }
  const { config } = pins.found;
  const c = colours(output.color ?? shell.isTerminal);
  const { root, snapshot } = await gather({ ...options, targets: [] }, shell);
  const stamping = snapshot && (await inspectStamping(root, snapshot));
  if (output.format !== "json") {
    // Printed before any registry is asked: one that does not answer takes its time.
    const unread = "stamping: not looked at, the declarations have errors; see npx gen-bazel-images check\n";
    shell.out(`${stamping ? printStamping(stamping, c) : unread}\n`);
  }
  const client = await openRegistries(config, shell, () => undefined);
  const probes = await Promise.all(registriesOf(config).map((registry) => client.probe(registry)));
  if (output.format === "json")
    shell.out(`${JSON.stringify({ stamping: stamping ?? null, registries: probes.map(toJson) }, null, 2)}\n`);
  else shell.out(probes.map((probe) => describe(probe, c)).join("\n"));
  return probes.some((probe) => probe.problem !== undefined) ? 3 : 0;
}

/** The registries of the bases, and the one that images are pushed to. */
function registriesOf(config: Config): readonly string[] {
  const prefix = config.repositoryPrefix === undefined ? [] : [`${config.repositoryPrefix}/image`];
  const references = [...config.bases.map((base) => base.image), ...prefix].map(parseImageReference);
  return [...new Set(references.flatMap((reference) => ("problem" in reference ? [] : [reference.registry])))].sort();
}

function problemOf(probe: Probe): string | undefined {
  return probe.problem && messageOf(diagnostic(probe.problem.code, probe.problem.args));
}

function toJson(probe: Probe) {
  return { ...probe, problem: problemOf(probe) };
}

function describe(probe: Probe, c: Colours): string {
  const problem = problemOf(probe);
  const { from } = probe.credentials;
  const lines = [
    `${c.bold(probe.registry)}  ${probe.reachable ? c.green("reachable") : c.red("not reachable")} over ${probe.scheme}`,
    `  authentication: ${probe.auth}${probe.realm === undefined ? "" : ` (tokens from ${probe.realm})`}`,
    `  credentials: ${probe.credentials.found ? `found in ${from ?? "the environment"}` : "none"}`,
    ...(problem === undefined ? [] : [`  ${c.red("problem:")} ${problem}`]),
    ...challengeLines(probe),
    ...(probe.rulesOci.oauth2 ? ["  Bazel needs: --repo_env=OCI_ENABLE_OAUTH2_SUPPORT=1"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function challengeLines({ registry, rulesOci }: Probe): readonly string[] {
  const { challenge, challengeSince } = rulesOci;
  if (challenge === undefined) return [];
  return [
    `  rules_oci from ${challengeSince ?? "2.2.4"} needs in the base: attributes: { www_authenticate_challenges: ${JSON.stringify({ [registry]: challenge })} }`,
    `  older versions need a helper in .bazelrc: common --credential_helper=${registry}=%workspace%/tools/credential-helper`,
  ];
}
