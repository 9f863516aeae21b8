/** Everything with an effect, as the commands see it: where they run, what they print on, and what time the caller has. */

import type { Phase } from "./stopwatch.ts";

/** Where a command runs and prints. */
export interface Shell {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  /** Told when a phase begins, when somebody asked where the time goes. */
  readonly enter?: (phase: Phase) => void;
}
