import type { Diagnostic } from "../diagnostics/index.ts";
import type { Change } from "../pipeline/index.ts";
import { hintOf, messageOf } from "./message.ts";

/** Annotations for GitHub Actions (docs: workflow commands): diagnostics at their place, stale files with the command. */
export function printDiagnosticsGithub(
  diagnostics: readonly Diagnostic[],
  stale: readonly Change[],
  mend: string,
): string {
  const found = diagnostics.map((d) => {
    const position =
      d.place?.kind === "position" ? `file=${property(d.place.file)},line=${d.place.line},col=${d.place.column},` : "";
    const hint = hintOf(d);
    return `::${d.severity} ${position}title=${d.code}::${data(messageOf(d) + (hint === undefined ? "" : `\n${hint}`))}\n`;
  });
  const files = stale
    .filter(({ kind }) => kind !== "same")
    .map(({ path }) => `::error file=${property(path)},title=stale::${data(`not up to date; run: ${mend}`)}\n`);
  return [...found, ...files].join("");
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
