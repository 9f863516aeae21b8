import pc from "picocolors";
import type { Diagnostic } from "../diagnostics/index.ts";
import type { Change } from "../pipeline/index.ts";
import { hintOf, messageOf } from "./message.ts";

/** Functions that colour a text, or leave it as it is. */
export type Colours = ReturnType<typeof pc.createColors>;

/** Colours for a terminal, or none. */
export function colours(enabled: boolean): Colours {
  return pc.createColors(enabled);
}

/** Every diagnostic: `path:line:col: error[code]: message`, then a code frame, then the hint. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  read: (file: string) => string | undefined,
  c: Colours,
): string {
  return diagnostics.map((found) => printDiagnostic(found, read, c)).join("\n");
}

function printDiagnostic(found: Diagnostic, read: (file: string) => string | undefined, c: Colours): string {
  const { place, severity, code } = found;
  const label = severity === "error" ? c.red(`error[${code}]`) : c.yellow(`warning[${code}]`);
  const where = place?.kind === "position" ? `${c.bold(`${place.file}:${place.line}:${place.column}`)}: ` : "";
  const hint = hintOf(found);
  const text = place?.kind === "position" ? read(place.file) : undefined;
  const frame = place?.kind === "position" && text !== undefined ? printFrame(text, place.line, place.column, c) : "";
  return `${where}${label}: ${messageOf(found)}\n${frame}${hint === undefined ? "" : `  ${c.cyan("hint:")} ${hint}\n`}`;
}

const context = 1;
const widest = 160;

/** The lines around a position, with a caret below it. */
function printFrame(text: string, line: number, column: number, c: Colours): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, line - context);
  const last = Math.min(lines.length, line + context);
  const width = String(last).length;
  const rows: string[] = [];
  for (let number = first; number <= last; number++) {
    const content = (lines[number - 1] ?? "").replaceAll("\t", " ").slice(0, widest);
    rows.push(`  ${c.dim(`${String(number).padStart(width)} |`)} ${content}`.trimEnd());
    if (number === line && column <= widest)
      rows.push(`  ${c.dim(`${" ".repeat(width)} |`)} ${" ".repeat(column - 1)}${c.red("^")}`);
  }
  return `${rows.join("\n")}\n`;
}

const verbs = {
  generate: { create: "created", update: "updated", delete: "deleted" },
  check: { create: "missing", update: "stale", delete: "left over" },
} as const;

/** One line a changed file, with what else happened in it. */
export function printChanges(changes: readonly Change[], tense: "generate" | "check", c: Colours): string {
  const paint = { create: c.green, update: c.yellow, delete: c.red };
  return changes
    .flatMap(({ kind, path, notes }) =>
      kind === "same"
        ? []
        : [
            `${paint[kind](verbs[tense][kind].padEnd(9))} ${path}\n`,
            ...notes.map((note) => `          ${c.dim(note)}\n`),
          ],
    )
    .join("");
}

/** The last line: how much was looked at and changed. */
export function printSummary(
  changed: number,
  total: number,
  scope: { readonly packages: number; readonly all: number },
  c: Colours,
): string {
  const files =
    changed === 0
      ? `${total} ${total === 1 ? "file" : "files"} up to date`
      : `${changed} written, ${total - changed} up to date`;
  const packages =
    scope.packages === scope.all
      ? `${scope.all} ${scope.all === 1 ? "package" : "packages"}`
      : `${scope.packages} of ${scope.all} packages`;
  return `${c.dim(`${files}, ${packages}`)}\n`;
}
