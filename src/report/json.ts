import type { Diagnostic } from "../diagnostics/index.ts";
import { type Change, printDiff } from "../pipeline/index.ts";
import { hintOf, messageOf } from "./message.ts";

/** What a command found, as data. */
export interface Report {
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The report as one JSON object. */
export function printReportJson(report: Report): string {
  return `${JSON.stringify(reportOf(report), null, 2)}\n`;
}

/** The report as plain data; unchanged files are counted, not listed. */
export function reportOf({ changes, diagnostics }: Report): object {
  const changed = changes.filter(({ kind }) => kind !== "same");
  return {
    changes: changed.map((change) => ({
      path: change.path,
      kind: change.kind,
      notes: change.notes,
      diff: printDiff(change),
    })),
    unchanged: changes.length - changed.length,
    diagnostics: diagnostics.map(describeDiagnostic),
  };
}

/** A diagnostic as plain data, with its position when it has one. */
export function describeDiagnostic(found: Diagnostic): object {
  const { place } = found;
  const position = place?.kind === "position" ? { file: place.file, line: place.line, column: place.column } : {};
  const hint = hintOf(found);
  return {
    code: found.code,
    severity: found.severity,
    message: messageOf(found),
    ...(hint !== undefined && { hint }),
    ...position,
  };
}
