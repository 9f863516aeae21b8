/** Runs the scripts of push targets, several at once, and repeats what may have failed in transit. */
import { isRefusal, type Outcome } from "../publish/index.ts";
import type { Ended } from "./processes.ts";

/** A script to run. */
export interface PushJob {
  readonly label: string;
  readonly run: () => Promise<Ended>;
}

/** How to run them. */
export interface PusherOptions {
  /** How many at once. */
  readonly jobs: number;
  /** How often a failed one is tried again. */
  readonly retries: number;
  readonly interrupted: AbortSignal;
  readonly onRetry: (label: string, seconds: number, said: string) => void;
  readonly onDone: (label: string, outcome: Outcome) => void;
}

const firstDelay = 1000;
const longestDelay = 30_000;

/** Runs every job to its end; the outcomes stand in the order of the jobs. */
export async function runPushes(jobs: readonly PushJob[], options: PusherOptions): Promise<readonly Outcome[]> {
  const outcomes = new Map<PushJob, Outcome>();
  const queue = jobs.values();
  const work = async (): Promise<void> => {
    for (const job of queue) {
      const outcome = await runPush(job, options);
      outcomes.set(job, outcome);
      options.onDone(job.label, outcome);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return jobs.map((job) => outcomes.get(job) as Outcome);
}

async function runPush(job: PushJob, { retries, interrupted, onRetry }: PusherOptions): Promise<Outcome> {
  const started = Date.now();
  for (let attempts = 1; ; attempts += 1) {
    const { code, out, err } = await job.run();
    const outcome = { isPushed: code === 0, said: `${out}\n${err}`, attempts, seconds: (Date.now() - started) / 1000 };
    if (outcome.isPushed || interrupted.aborted || attempts > retries || isRefusal(outcome.said)) return outcome;
    // Spread, so that jobs that failed together do not come back together.
    const delay = Math.min(longestDelay, firstDelay * 2 ** (attempts - 1)) * (0.75 + Math.random() / 2);
    onRetry(job.label, delay / 1000, outcome.said);
    await pause(delay, interrupted);
  }
}

function pause(ms: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    interrupted.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
