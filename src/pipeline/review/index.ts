/** Text on disk against text wanted: what changes, and how it reads as a unified diff. Decides nothing, writes nothing. */
import { createTwoFilesPatch } from "diff";

/** What happens to one file. `before` or `after` is undefined when there is no such file. */
export interface Change {
  readonly path: string;
  readonly kind: "create" | "update" | "delete" | "same";
  readonly before?: string;
  readonly after?: string;
  /** A new file is a program. */
  readonly executable?: true;
  /** What else to say about it: rules that were moved or removed. */
  readonly notes: readonly string[];
}

/** Compares the two texts of a file. */
export function reviewChange(
  path: string,
  before: string | undefined,
  after: string | undefined,
  notes: readonly string[] = [],
): Change {
  const kind = before === after ? "same" : before === undefined ? "create" : after === undefined ? "delete" : "update";
  return { path, kind, ...(before !== undefined && { before }), ...(after !== undefined && { after }), notes };
}

// Times say "created" or "deleted" to patch programs, so both lines carry the same one (bazel-gazelle#1528).
const noTime = "1970-01-01 00:00:00.000000001 +0000";

/** The change as a unified diff; "" when there is none. */
export function printDiff(change: Change): string {
  if (change.kind === "same") return "";
  const [from, to] = [
    change.before === undefined ? "/dev/null" : `a/${change.path}`,
    change.after === undefined ? "/dev/null" : `b/${change.path}`,
  ];
  const patch = createTwoFilesPatch(from, to, change.before ?? "", change.after ?? "", noTime, noTime, { context: 3 });
  return patch.replace(/^=+\n/, "");
}
