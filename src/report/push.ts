import type { Diagnostic } from "../diagnostics/index.ts";
import type { PushRow } from "../publish/index.ts";
import { describeDiagnostic } from "./json.ts";
import type { Colours } from "./text.ts";

/** The table at the end of `push`, one line a run, and the sum. */
export function printPushTable(rows: readonly PushRow[], c: Colours): string {
  const head = ["TARGET", "REPOSITORY", "TAGS", "DIGEST", "SECONDS", ""];
  const cells = rows.map((row) => [
    row.target,
    row.repository ?? "?",
    row.tags.join(" ") || "-",
    row.digest === undefined ? "?" : `${row.digest} (from its ${row.digestFrom})`,
    row.status === "would push" ? "-" : row.seconds.toFixed(1),
    row.attempts > 1 ? `${row.status}, ${row.attempts} attempts` : row.status,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const print = (line: readonly string[]) =>
    line
      .map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  const paint = { pushed: c.green, failed: c.red, "would push": c.dim };
  const lines = rows.map((row, index) => paint[row.status](print(cells[index] ?? [])));
  return [c.bold(print(head)), ...lines].map((line) => `${line}\n`).join("") + printSum(rows);
}

function printSum(rows: readonly PushRow[]): string {
  const count = (status: PushRow["status"]) => rows.filter((row) => row.status === status).length;
  if (count("would push") > 0) return `${count("would push")} would be pushed; nothing was (--dry-run)\n`;
  return `${count("pushed")} pushed, ${count("failed")} failed\n`;
}

/** What `push` found and did, as one JSON object. */
export interface PushReport {
  readonly rows: readonly PushRow[];
  readonly unmanaged: readonly string[];
  /** Why `--only-changed-since` did not narrow. */
  readonly everything?: string;
}

/** The report as JSON, with what was found on the way. */
export function printPushJson({ rows, unmanaged, everything }: PushReport, diagnostics: readonly Diagnostic[]): string {
  const value = {
    targets: rows,
    unmanaged,
    ...(everything !== undefined && { everything }),
    diagnostics: diagnostics.map(describeDiagnostic),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
