import type { Region } from "./region.ts";
import { contentEnd, isBlank, isBlankAt, isBlankBefore, lineEndOf, lineStart, nextLine, withLineEnds } from "./text.ts";

/** A text cut into what stands before, in, and behind a region. */
interface Cut {
  readonly text: string;
  readonly region: Region;
}

/**
 * Puts a region at the end of a text: behind the last line that is not blank, so that what the text ends in (a line
 * end, none, blank lines) stays its end, and taking the region out gives the text back.
 */
export function appendRegion(text: string, region: string): string {
  const newline = lineEndOf(text);
  const printed = withLineEnds(region, newline);
  if (isBlank(text)) return `${text.startsWith("\ufeff") ? "\ufeff" : ""}${printed}${newline}`;
  const end = contentEnd(text);
  return `${text.slice(0, end)}${newline}${newline}${printed}${text.slice(end)}`;
}

/** Puts blocks in the place of a region, with a blank line between them and on both sides. */
export function replaceRegion({ text, region }: Cut, blocks: readonly string[]): string {
  if (blocks.length === 0) return removeRegion({ text, region });
  const newline = lineEndOf(text);
  const before = isBlankBefore(text, region.start) ? "" : newline;
  const next = nextLine(text, region.end);
  const behind = next < text.length && !isBlankAt(text, next) ? newline : "";
  const middle = blocks.map((block) => withLineEnds(block.replaceAll("\r\n", "\n"), newline));
  return `${text.slice(0, region.start)}${before}${middle.join(newline + newline)}${behind}${text.slice(region.end)}`;
}

/** Takes a region out with the blank line before it; at the start of a text, with the one behind it. */
function removeRegion({ text, region }: Cut): string {
  const head = text.slice(0, region.start);
  const tail = text.slice(region.end);
  if (!isBlank(head)) return withoutLineEnds(head, isBlankBefore(text, region.start) ? 2 : 1) + tail;
  return isBlank(tail) ? "" : head + tail.replace(/^\r?\n(?:[ \t]*\r?\n)?/, "");
}

function withoutLineEnds(text: string, count: number): string {
  let end = text.length;
  for (let i = 0; i < count; i += 1) {
    const start = lineStart(text, end);
    if (start <= 1) break;
    end = text[start - 2] === "\r" ? start - 2 : start - 1;
  }
  return text.slice(0, end);
}
