import { cleanText } from "./failure.ts";
import type { Env } from "./proxy.ts";
import type { ProgramResult, RunProgram } from "./run-program.ts";

/** What a registry is told, and nobody else. */
export type Credentials =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** Exchanged at the token server for a bearer token. */
  | { readonly kind: "identity-token"; readonly token: string }
  /** Sent as a bearer token as it is. */
  | { readonly kind: "registry-token"; readonly token: string };

/** What a helper says: credentials, that it has none, or why not. */
export type HelperAnswer = Credentials | "none" | { readonly kind: "problem"; readonly detail: string };

/** A call of a helper. */
export interface HelperCall {
  /** The part of the name behind `docker-credential-`. */
  readonly helper: string;
  /** What the helper gets on standard input. */
  readonly server: string;
  readonly env: Env;
  readonly timeout: number;
}

/** The program that Docker runs for `helper`. */
export function helperProgram(helper: string): string {
  return `docker-credential-${helper}`;
}

/** Asks a credential helper, in Docker's protocol: `get`, the server on standard input, JSON on standard output. */
export async function askCredentialHelper(call: HelperCall, run: RunProgram): Promise<HelperAnswer> {
  const { helper, server, env, timeout } = call;
  if (!/^[A-Za-z0-9][\w.-]*$/.test(helper)) return problem(`"${cleanText(helper)}" cannot name a program`);
  const result = await run({ command: helperProgram(helper), args: ["get"], stdin: server, env, timeout });
  if (result.problem === "not-found") return problem("there is no such program on PATH");
  if (result.problem === "timeout") return problem(`no answer within ${timeout / 1000} s`);
  if (result.problem === "too-much-output") return problem("it prints without end");
  if (result.problem === "not-startable") return problem("it cannot be started");
  if (result.code === 0) return readAnswer(result.stdout);
  return isNotFound(result) ? "none" : problem(failureText(result));
}

/** Helpers tell "I have none" as an error, with a sentence that Docker compares. */
function isNotFound(result: ProgramResult): boolean {
  return /credentials not found/i.test(result.stdout) || /credentials not found/i.test(result.stderr);
}

/** Errors are printed to standard output by protocol. What looks like an answer may hold the secret: not repeated. */
function failureText(result: ProgramResult): string {
  const said = [result.stdout, result.stderr].map((text) => text.trim()).find((text) => text !== "") ?? "";
  const ending = result.code === undefined ? "it was killed" : `exit code ${result.code}`;
  return said === "" || /[{}]|secret/i.test(said) ? ending : `${ending}, ${cleanText(said.split("\n")[0] ?? "")}`;
}

function readAnswer(stdout: string): HelperAnswer {
  const answer = parseJson(stdout);
  if (typeof answer !== "object" || answer === null || !("Username" in answer) || !("Secret" in answer)) {
    return problem("it printed something else than JSON with Username and Secret");
  }
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== "string" || typeof secret !== "string") {
    return problem("its Username and Secret are no strings");
  }
  if (username === "" && secret === "") return "none";
  if (username === "<token>") return { kind: "identity-token", token: secret };
  return { kind: "basic", username, password: secret };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem(detail: string): { kind: "problem"; detail: string } {
  return { kind: "problem", detail };
}
