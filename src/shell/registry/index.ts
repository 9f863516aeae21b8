/**
 * The registry client: image references in, digests and platforms out. It speaks the OCI distribution specification 1.1
 * and Docker's schema 2, authenticates as Docker does (`config.json`, credential helpers, tokens), and returns what goes
 * wrong as data of the catalogue. From the inside out: `exchange` is one request, `retry` repeats it, `http` follows
 * redirects, `session` answers 401, `content` checks digests, `resolve` and `probe` put the answers together. It pulls no
 * layers, pushes nothing, writes nothing, and takes environment, network, programs and time from its options. Only `pin`,
 * `verify` and `doctor` load it.
 */
import { readFile } from "node:fs/promises";
import type { ImageReference } from "../../model/image-reference.ts";
import type { ContentSource } from "./content.ts";
import { createFindCredentials } from "./credentials.ts";
import type { ReadFile } from "./docker-config.ts";
import { endpointOf, endpointOfReference } from "./endpoint.ts";
import type { Timeouts } from "./exchange.ts";
import { createRedactor, isFailure, type RegistryFailure, redactFailure } from "./failure.ts";
import { createHttp } from "./http.ts";
import { type Probe, probeRegistry } from "./probe.ts";
import { createFetch, type Env, type FetchLike } from "./proxy.ts";
import { type Resolved, resolveDigest, resolveImage } from "./resolve.ts";
import { type Clock, defaultPolicy, type RetryPolicy, systemClock, type Wait } from "./retry.ts";
import { type RunProgram, runProgram } from "./run-program.ts";
import { createSession } from "./session.ts";

export { isFailure, type RegistryFailure, type RegistryFailureCode } from "./failure.ts";
export type { Probe } from "./probe.ts";
export type { Resolved } from "./resolve.ts";
export type { Wait } from "./retry.ts";

/** Asks registries about images. No method throws or writes. */
export interface RegistryClient {
  /** What a tag (`latest` when there is neither tag nor digest) or a digest stands for. */
  readonly resolve: (reference: ImageReference) => Promise<Resolved | RegistryFailure>;
  /** The digest alone, by a HEAD where the registry allows it: cheap, and no pull in the registry's count. */
  readonly resolveDigest: (reference: ImageReference) => Promise<string | RegistryFailure>;
  /** Reports whether the registry still has what the digest (else the tag) names. */
  readonly exists: (reference: ImageReference) => Promise<boolean | RegistryFailure>;
  /** Whether a registry answers, how it authenticates, and what is at hand for that. */
  readonly probe: (registry: string) => Promise<Probe>;
}

/** What a client stands on. All but `env` has a default, which is the real thing. */
export interface RegistryClientOptions {
  /** DOCKER_CONFIG, HOME, PATH (for helpers), HTTPS_PROXY, NO_PROXY and so on. */
  readonly env: Env;
  readonly fetch?: FetchLike;
  readonly run?: RunProgram;
  readonly read?: ReadFile;
  readonly clock?: Clock;
  /** Registries that may be asked over plain HTTP; loopback always may. */
  readonly insecure?: readonly string[];
  /** Requests under way to one host at a time; 8 unless set. */
  readonly concurrency?: number;
  readonly timeouts?: Partial<Timeouts>;
  readonly retries?: Partial<RetryPolicy>;
  /** For one call of a credential helper, in milliseconds. */
  readonly helperTimeout?: number;
  /** The largest manifest or config taken, in bytes; 4 MiB unless set, as registries themselves do. */
  readonly maxBytes?: number;
  /** Told before each wait between attempts, for progress. */
  readonly onWait?: (wait: Wait) => void;
}

const defaultTimeouts: Timeouts = { answer: 30_000, idle: 15_000, total: 120_000 };

/** Makes a client. It keeps tokens and the answers of helpers for as long as it lives: one client a run. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { env, insecure = [], maxBytes = 4 << 20 } = options;
  const redactor = createRedactor();
  const http = createHttp({
    fetch: options.fetch ?? createFetch(env),
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    clock: options.clock ?? systemClock,
    policy: { ...defaultPolicy, ...options.retries },
    concurrency: options.concurrency ?? 8,
    onWait: options.onWait ?? (() => {}),
  });
  const find = createFindCredentials({
    env,
    read: options.read ?? readIfThere,
    run: options.run ?? runProgram,
    redactor,
    helperTimeout: options.helperTimeout ?? 60_000,
  });
  const send = createSession({ http, find, redactor });
  const clean = <T>(result: T): T | RegistryFailure => (isFailure(result) ? redactFailure(result, redactor) : result);
  const withSource =
    <T>(ask: (source: ContentSource) => Promise<T>) =>
    async (reference: ImageReference): Promise<T | RegistryFailure> => {
      const endpoint = endpointOfReference(reference, insecure);
      return isFailure(endpoint) ? endpoint : clean(await ask({ send, endpoint, reference, maxBytes }));
    };
  return {
    resolve: withSource(resolveImage),
    resolveDigest: withSource(resolveDigest),
    exists: withSource(hasManifest),
    probe: async (registry) => {
      const probe = await probeRegistry(endpointOf(registry, insecure), { http, find, send });
      return probe.problem === undefined ? probe : { ...probe, problem: redactFailure(probe.problem, redactor) };
    },
  };
}

async function hasManifest(source: ContentSource): Promise<boolean | RegistryFailure> {
  const digest = await resolveDigest(source);
  if (!isFailure(digest)) return true;
  return digest.code === "image-not-found" ? false : digest;
}

const readIfThere: ReadFile = async (path) => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
};
