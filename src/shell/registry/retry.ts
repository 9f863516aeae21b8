import { type HttpAnswer, type HttpProblem, problem } from "./exchange.ts";

/** Time, injected so that tests need none. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 to 1, spreads the retries of many clients. */
  readonly random: () => number;
}

/** The clock on the wall. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
};

/** How often and how long. */
export interface RetryPolicy {
  readonly attempts: number;
  /** Before the second attempt; doubles from there. */
  readonly firstDelay: number;
  /** A registry that asks for more patience than this is given up. */
  readonly longestDelay: number;
}

/** Four attempts in about four seconds; a `Retry-After` of up to a minute. */
export const defaultPolicy: RetryPolicy = { attempts: 4, firstDelay: 500, longestDelay: 60_000 };

/** What a progress line can say about a wait. */
export interface Wait {
  readonly host: string;
  readonly ms: number;
  /** The status that made us wait; 0 when there was no answer. */
  readonly status: number;
}

/** What retrying needs. */
export interface Retrying {
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  readonly onWait: (wait: Wait) => void;
  readonly host: string;
}

const passingStatuses: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Repeats `attempt` while its outcome may pass; the last outcome stands, with the number of attempts. */
export async function withRetries(
  attempt: () => Promise<HttpAnswer | HttpProblem>,
  { clock, policy, onWait, host }: Retrying,
): Promise<HttpAnswer | HttpProblem> {
  for (let count = 1; ; count += 1) {
    const outcome = await attempt();
    if (!isPassing(outcome)) return counted(outcome, count);
    const asked = outcome.kind === "answer" ? retryAfter(outcome.header("retry-after"), clock.now()) : undefined;
    if (asked !== undefined && asked > policy.longestDelay) return tooLong(outcome, asked, count);
    if (count >= policy.attempts) return counted(outcome, count);
    const ms = asked ?? policy.firstDelay * 2 ** (count - 1) * (0.75 + clock.random() / 2);
    onWait({ host, ms, status: outcome.kind === "answer" ? outcome.status : 0 });
    await clock.sleep(ms);
  }
}

/** Reads `Retry-After`, seconds or a date, as milliseconds from `now`. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function isPassing(outcome: HttpAnswer | HttpProblem): boolean {
  return outcome.kind === "answer" ? passingStatuses.includes(outcome.status) : outcome.isPassing;
}

function counted(outcome: HttpAnswer | HttpProblem, attempts: number): HttpAnswer | HttpProblem {
  return outcome.kind === "answer" ? { ...outcome, attempts } : outcome;
}

function tooLong(outcome: HttpAnswer | HttpProblem, ms: number, attempts: number): HttpAnswer | HttpProblem {
  const isLimit = outcome.kind === "answer" && outcome.status === 429;
  return isLimit
    ? problem("rate-limited", `it asks to wait for ${Math.ceil(ms / 1000)} s`)
    : counted(outcome, attempts);
}
