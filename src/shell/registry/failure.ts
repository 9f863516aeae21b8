import type { registries } from "../../diagnostics/entries/registries.ts";
import type { DiagnosticArgs } from "../../diagnostics/index.ts";

/** The codes that a registry failure can have; all are in the catalogue. */
export type RegistryFailureCode = keyof typeof registries;

/** What went wrong with a registry, ready to become a diagnostic. Holds no secret. */
export interface RegistryFailure {
  readonly kind: "failure";
  readonly code: RegistryFailureCode;
  readonly args: DiagnosticArgs;
}

/** What a request is about, in the words of messages. */
export interface Subject {
  /** As users write it: `index.docker.io`. */
  readonly registry: string;
  /** The whole reference, or the registry when no image is asked for. */
  readonly image: string;
  /** Something to try with curl. */
  readonly url: string;
  /** What `docker login` takes. */
  readonly login: string;
}

/** Makes a failure about `subject`. */
export function failure(code: RegistryFailureCode, subject: Subject, args: DiagnosticArgs = {}): RegistryFailure {
  return { kind: "failure", code, args: { ...subject, ...args } };
}

/** Reports whether a result is a failure. */
export function isFailure(result: unknown): result is RegistryFailure {
  return typeof result === "object" && result !== null && "kind" in result && result.kind === "failure";
}

/** Makes text of a stranger fit for one line of output: no control characters, not long. */
export function cleanText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** Keeps every secret that was seen, to take it out of whatever is said later. */
export interface Redactor {
  readonly add: (secret: string) => void;
  readonly redact: (text: string) => string;
}

/** Makes an empty redactor. Secrets under three characters are left, they would take words apart. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    add: (secret) => {
      if (secret.length < 3) return;
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
        secrets.add(form);
      }
    },
    redact: (text) =>
      [...secrets].sort((a, b) => b.length - a.length).reduce((rest, secret) => rest.replaceAll(secret, "***"), text),
  };
}

/** Takes the known secrets out of everything that a failure says. */
export function redactFailure(result: RegistryFailure, redactor: Redactor): RegistryFailure {
  const args = Object.entries(result.args).map(([name, value]) => [
    name,
    typeof value === "string" && name === "detail" ? redactor.redact(value) : value,
  ]);
  return { ...result, args: Object.fromEntries(args) };
}
