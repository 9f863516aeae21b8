import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Push } from "./plan.ts";

/** How the run of a script ended. */
export interface Outcome {
  readonly isPushed: boolean;
  /** All that its last attempt said. */
  readonly said: string;
  readonly attempts: number;
  readonly seconds: number;
}

/** A line of the table at the end. */
export interface PushRow {
  readonly target: string;
  readonly service?: string;
  readonly repository?: string;
  readonly tags: readonly string[];
  readonly digest?: string;
  /** Where the digest was read: the image's `.digest` target, or what the script printed. */
  readonly digestFrom?: "target" | "script";
  readonly status: "pushed" | "failed" | "would push";
  readonly attempts: number;
  readonly seconds: number;
  readonly problem?: string;
}

/**
 * A registry's refusal, which the next attempt would meet too: who we are, what it is called, or that it is no image. All
 * else may pass. Words and statuses of the distribution specification as crane, skopeo and docker print them.
 */
const refusal =
  /\b(?:UNAUTHORIZED|DENIED|NAME_INVALID|NAME_UNKNOWN|TAG_INVALID|MANIFEST_INVALID|DIGEST_INVALID|SIZE_INVALID|UNSUPPORTED)\b|\b(?:status(?: code)?:?|HTTP) ?(?:400|401|403|404|405|415)\b|\bunauthorized:|\bdenied:|unknown argument|repository not set|could not parse reference|x509:|command not found/i;

/** Reports whether another attempt is pointless. */
export function isRefusal(said: string): boolean {
  return refusal.test(said);
}

/** What to show of a run: the push as planned, or as its script says where only that knows. */
export function rowOf(push: Push, outcome: Outcome | undefined): PushRow {
  const [, saidRepository, saidDigest] = /(\S+)@(sha256:[0-9a-f]{64})\b/.exec(outcome?.said ?? "") ?? [];
  const repository = push.repository ?? saidRepository;
  const digest = push.digest ?? saidDigest;
  return {
    target: push.target.label,
    ...(push.target.service !== undefined && { service: push.target.service }),
    ...(repository !== undefined && { repository }),
    tags: push.tags,
    ...(digest !== undefined && { digest, digestFrom: push.digest === undefined ? "script" : "target" }),
    status: outcome === undefined ? "would push" : outcome.isPushed ? "pushed" : "failed",
    attempts: outcome?.attempts ?? 0,
    seconds: outcome?.seconds ?? 0,
    ...(outcome && !outcome.isPushed && { problem: lastLines(outcome.said) }),
  };
}

/** A failed push as an error at its declaration. */
export function failureOf(push: Push, row: PushRow): Diagnostic {
  const args = {
    target: row.target,
    repository: row.repository ?? "the repository that its file names",
    attempts: row.attempts === 1 ? "once" : `${row.attempts} times`,
    detail: row.problem ?? "",
  };
  return diagnostic("push-failed", args, push.target.place);
}

const shown = 5;

/** The end of what a program said, where it says what went wrong. */
export function lastLines(said: string, count = shown): string {
  const lines = said.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.length === 0 ? "it said nothing" : lines.slice(-count).join("\n");
}
