/** What `pin`, `verify` and `doctor` share: the config, the stored pins and a registry client. */
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import type { Config } from "../model/index.ts";
import { pinsFilesOf, readPins, type StoredPin } from "../pipeline/index.ts";
import { readTexts } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { isFailure, type RegistryClient, type RegistryFailure } from "../shell/registry/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { type CommonOptions, openWorkspace } from "./workspace.ts";

/** The config and the pins that its files have; services are not looked at, so their errors do not matter. */
export interface Pins {
  readonly root: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly found?: {
    readonly config: Config;
    readonly stored: readonly StoredPin[];
    readonly texts: ReadonlyMap<string, string | undefined>;
  };
}

/** Reads the config and the pins. */
export async function openPins(options: CommonOptions, shell: Shell): Promise<Pins> {
  const { root, workspace, diagnostics } = await openWorkspace(options, shell);
  if (!workspace || hasErrors(diagnostics)) return { root, diagnostics };
  const { config } = workspace.declared;
  const texts = readTexts(root, pinsFilesOf(config));
  const read = await readPins(
    [...texts].map(([file, text]) => ({ file, text })),
    starlarkReader,
  );
  return {
    root,
    diagnostics: [...diagnostics, ...read.diagnostics],
    found: { config, texts, stored: read.value },
  };
}

/** A client that asks as the user's environment says. */
export async function openRegistries(
  config: Config,
  shell: Shell,
  onWait: (text: string) => void,
): Promise<RegistryClient> {
  const { createRegistryClient } = await import("../shell/registry/index.ts");
  return createRegistryClient({
    env: shell.env,
    insecure: config.insecure,
    onWait: (wait) => onWait(JSON.stringify(wait)),
  });
}

/** A registry's failure at the base that it is about. */
export function registryDiagnostic(failed: RegistryFailure, config: Config, base: string): Diagnostic {
  return diagnostic(failed.code, failed.args, { kind: "property", file: config.file, path: ["bases", base] });
}

export { isFailure };
