import { askCredentialHelper, type Credentials, helperProgram } from "./credential-helper.ts";
import {
  type DockerConfig,
  entryOf,
  loadDockerConfig,
  type ReadFile,
  readAuthEntry,
  serverName,
} from "./docker-config.ts";
import { failure, isFailure, type Redactor, type RegistryFailure, type Subject } from "./failure.ts";
import type { Env } from "./proxy.ts";
import type { RunProgram } from "./run-program.ts";

/** Credentials, and in words where they are from. */
export interface FoundCredentials {
  readonly credentials: Credentials;
  readonly from: string;
}

/** Finds the credentials of a registry; nothing means anonymous. */
export type FindCredentials = (subject: Subject) => Promise<FoundCredentials | undefined | RegistryFailure>;

/** What finding credentials needs. */
export interface CredentialOptions {
  readonly env: Env;
  readonly read: ReadFile;
  readonly run: RunProgram;
  readonly redactor: Redactor;
  /** For one call of a helper, in milliseconds; some ask a person. */
  readonly helperTimeout: number;
}

/** Makes a finder that reads the configuration once and asks each helper once for each registry. */
export function createFindCredentials(options: CredentialOptions): FindCredentials {
  let config: ReturnType<typeof loadDockerConfig> | undefined;
  const found = new Map<string, ReturnType<FindCredentials>>();
  const find = async (subject: Subject): ReturnType<FindCredentials> => {
    config ??= loadDockerConfig(options.env, options.read);
    const loaded = await config;
    if (loaded === undefined) return undefined;
    if ("kind" in loaded)
      return failure("docker-config-invalid", subject, { file: loaded.file, detail: loaded.detail });
    const result = await findIn(loaded, subject, options);
    if (result !== undefined && !isFailure(result)) remember(result.credentials, options.redactor);
    return result;
  };
  return (subject) => {
    const known = found.get(subject.registry) ?? find(subject);
    found.set(subject.registry, known);
    return known;
  };
}

/** In Docker's order: the helper of the registry, the store of all, the file itself. */
async function findIn(config: DockerConfig, subject: Subject, options: CredentialOptions): ReturnType<FindCredentials> {
  const helper = entryOf(config.credHelpers, subject.registry) || config.credsStore;
  if (helper !== undefined) {
    const server = serverName(subject.registry);
    const call = { helper, server, env: options.env, timeout: options.helperTimeout };
    const answer = await askCredentialHelper(call, options.run);
    const program = helperProgram(helper);
    if (answer !== "none" && answer.kind === "problem") {
      const args = { helper: program, file: config.file, server, detail: answer.detail };
      return failure("credential-helper-failed", subject, args);
    }
    if (answer !== "none") return { credentials: answer, from: `helper ${program}` };
  }
  return findInFile(config, subject);
}

function findInFile(config: DockerConfig, subject: Subject): FoundCredentials | undefined | RegistryFailure {
  const entry = entryOf(config.auths, subject.registry);
  const read = entry === undefined ? "none" : readAuthEntry(entry);
  if (read === "none") return undefined;
  if (read.kind === "problem") {
    const detail = `auths of ${subject.registry}: ${read.detail}`;
    return failure("docker-config-invalid", subject, { file: config.file, detail });
  }
  return { credentials: read, from: `auths in ${config.file}` };
}

function remember(credentials: Credentials, redactor: Redactor): void {
  if (credentials.kind === "basic") {
    redactor.add(credentials.password);
    redactor.add(Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64"));
  } else {
    redactor.add(credentials.token);
  }
}
