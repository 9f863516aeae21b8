import type { HttpAnswer, HttpProblem } from "./exchange.ts";
import { cleanText, failure, type RegistryFailure, type RegistryFailureCode, type Subject } from "./failure.ts";

const problemCodes: Readonly<Record<HttpProblem["reason"], RegistryFailureCode>> = {
  unreachable: "registry-unreachable",
  certificate: "registry-certificate",
  timeout: "registry-timeout",
  unusable: "registry-bad-answer",
  "rate-limited": "registry-rate-limited",
};

/** Turns a request that had no answer into a failure. */
export function problemFailure(problem: HttpProblem, subject: Subject): RegistryFailure {
  const args = problem.reason === "timeout" ? { seconds: Number(problem.detail) } : { detail: problem.detail };
  return failure(problemCodes[problem.reason], subject, args);
}

/** Turns an answer that is not what was asked for into a failure. `note` is put behind what the registry says. */
export function statusFailure(answer: HttpAnswer, subject: Subject, note?: string): RegistryFailure {
  const { status } = answer;
  const said = errorText(answer);
  const detail = [said ?? `HTTP ${status}`, ...(note === undefined ? [] : [`(${note})`])].join(" ");
  if (status === 401 || status === 403) return failure("registry-unauthorized", subject, { detail });
  if (status === 404) return failure("image-not-found", subject, { detail });
  if (status === 429) return failure("registry-rate-limited", subject, { detail });
  if (status === 408 || status >= 500) {
    return failure("registry-failing", subject, { status, attempts: answer.attempts, detail });
  }
  return failure("registry-bad-answer", subject, { detail: `HTTP ${status}${said === undefined ? "" : `, ${said}`}` });
}

/** Reads what the answer says about the error: the list of the OCI specification, or what token servers send. */
export function errorText(answer: HttpAnswer): string | undefined {
  const body = parseJsonBody(answer.body);
  if (typeof body !== "object" || body === null) return undefined;
  const first: unknown = "errors" in body && Array.isArray(body.errors) ? body.errors[0] : body;
  if (typeof first !== "object" || first === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(first));
  const words = ["code", "message", "error", "error_description", "details"].flatMap((name) => {
    const value = fields.get(name);
    return typeof value === "string" && value !== "" ? [value] : [];
  });
  return words.length === 0 ? undefined : cleanText(words.join(": "));
}

/** Parses a body as JSON; nothing when it is none. */
export function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
