import type { Span } from "../../starlark/read/index.ts";

/** A replacement of a stretch of a text. */
export interface Edit extends Span {
  readonly text: string;
}

/** Applies edits; those at one place apply in the order given, and where two overlap the later one gets the rest. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(text.slice(done, Math.max(done, edit.start)), edit.text);
    done = Math.max(done, edit.end);
  }
  return [...parts, text.slice(done)].join("");
}

/** A string in triple quotes. */
export const longString = /"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''/;

/** How the lines of a text end: as most of them do; buildifier leaves those in strings alone, so they do not count. */
export function lineEndOf(text: string): "\n" | "\r\n" {
  if (!text.includes("\r\n")) return "\n";
  const code = text.replace(new RegExp(longString, "g"), "");
  const all = code.split("\n").length - 1;
  return (code.split("\r\n").length - 1) * 2 > all ? "\r\n" : "\n";
}

/** Turns line feeds into the given line ends. */
export function withLineEnds(text: string, lineEnd: string): string {
  return lineEnd === "\n" ? text : text.replaceAll("\n", lineEnd);
}

/** Offset of the first character of the line, behind a byte order mark. */
export function lineStart(text: string, offset: number): number {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  return start === 0 && text.startsWith("\ufeff") ? 1 : start;
}

/** Offset of the end of the line, before its line end. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  const end = newline < 0 ? text.length : newline;
  return newline > offset && text[newline - 1] === "\r" ? end - 1 : end;
}

/** Offset of the first character of the next line, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  return newline < 0 ? text.length : newline + 1;
}

/** Offset behind the last line that is not blank; the blank rest of that line counts as part of it. */
export function contentEnd(text: string): number {
  let end = text.length;
  while (end > 0) {
    const start = lineStart(text, end);
    if (text.slice(start, end).trim() !== "") return lineEnd(text, start);
    if (start <= 1) return start;
    end = start - 1;
  }
  return end;
}

/** Reports whether there is nothing in the text but blanks and a byte order mark. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Reports whether the line before the one that begins at `start` is blank, or there is none. */
export function isBlankBefore(text: string, start: number): boolean {
  return start <= 1 || isBlank(text.slice(lineStart(text, start - 1), start));
}

/** Reports whether the line that begins at `start` is blank, or there is none. */
export function isBlankAt(text: string, start: number): boolean {
  return isBlank(text.slice(start, nextLine(text, start)));
}
