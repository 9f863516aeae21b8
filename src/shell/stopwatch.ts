/** Where the time of a run goes, by phase; `--timings` prints it. */

/** The phases of a run, in their order; some are entered more than once. */
export const phases = [
  "start",
  "bundle",
  "evaluate",
  "find",
  "read",
  "recall",
  "declare",
  "expand",
  "format",
  "merge",
  "review",
  "write",
  "report",
] as const;

/** A phase of a run. */
export type Phase = (typeof phases)[number];

/** Adds up the time between calls of `enter`; what passed before the first counts as the start of the process. */
export interface Stopwatch {
  readonly enter: (phase: Phase) => void;
  /** A line for each phase, and the whole. */
  readonly print: () => string;
}

/** A stopwatch that runs from the start of the process. */
export function startStopwatch(): Stopwatch {
  const spent = new Map<Phase, number>();
  let current: Phase = "start";
  let since = 0;
  const enter = (phase: Phase): void => {
    const now = performance.now();
    spent.set(current, (spent.get(current) ?? 0) + now - since);
    current = phase;
    since = now;
  };
  const line = (name: string, time: number) => `${name.padEnd(8)} ${time.toFixed(1).padStart(9)} ms\n`;
  return {
    enter,
    print: () => {
      enter("report");
      const rows = phases.filter((phase) => spent.has(phase)).map((phase) => line(phase, spent.get(phase) ?? 0));
      return [...rows, line("whole", since)].join("");
    },
  };
}
