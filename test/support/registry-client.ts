/** A registry client for tests: nothing of the machine's own environment, no time that passes, failures as printed text. */
import { catalogue } from "../../src/diagnostics/index.ts";
import type { ImageReference } from "../../src/model/image-reference.ts";
import {
  createRegistryClient,
  isFailure,
  type RegistryClient,
  type RegistryClientOptions,
} from "../../src/shell/registry/index.ts";

/** A client and the waits that it asked for, in milliseconds. */
export interface TestClient extends RegistryClient {
  readonly waits: readonly number[];
}

/** Makes a client with an empty environment and no Docker configuration, unless `options` say otherwise. */
export function testClient(options: Partial<RegistryClientOptions> = {}): TestClient {
  const waits: number[] = [];
  const clock = {
    now: () => Date.parse("2026-01-01T00:00:00Z"),
    sleep: async (ms: number) => {
      waits.push(ms);
    },
    random: () => 0.5,
  };
  return { ...createRegistryClient({ env: {}, clock, ...options }), waits };
}

/** A reference to `team/app` of a server. */
export function app(host: string, rest: Partial<ImageReference> = { tag: "1" }): ImageReference {
  return { registry: host, repository: "team/app", ...rest };
}

/** The code of a failure, and its message and hint with every argument filled in; throws when one is missing. */
export function told(result: unknown): { code: string; text: string } {
  if (!isFailure(result)) throw new Error(`not a failure: ${JSON.stringify(result)}`);
  const entry = catalogue[result.code];
  const text = `${entry.message}\n${entry.hint ?? ""}`.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = result.args[name];
    if (value === undefined || value === "") throw new Error(`${result.code} has no argument ${name}`);
    return String(value);
  });
  return { code: result.code, text };
}
