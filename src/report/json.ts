import type { Diagnostic } from "../diagnostics/index.ts";
import { type Change, printDiff } from "../pipeline/index.ts";
import { hintOf, messageOf } from "./message.ts";

/** What a command found, as data. */
export interface Report {
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The report as one JSON object; unchanged files are counted, not listed. */
export function printReportJson({ changes, diagnostics }: Report): string {
  const changed = changes.filter(({ kind }) => kind !== "same");
  const value = {
    changes: changed.map((change) => ({
      path: change.path,
      kind: change.kind,
      notes: change.notes,
      diff: printDiff(change),
    })),
    unchanged: changes.length - changed.length,
    diagnostics: diagnostics.map((found) => {
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
    }),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
