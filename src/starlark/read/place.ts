/** Offsets of a text turned into lines and columns; both count from 1. */
export interface Places {
  readonly line: (offset: number) => number;
  readonly column: (offset: number) => number;
  /** Offset of the first character of the line that `offset` is on; behind a byte order mark. */
  readonly lineStart: (offset: number) => number;
}

/** Makes the table of lines of a text. */
export function placesOf(text: string): Places {
  const starts = [text.startsWith("\ufeff") ? 1 : 0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const line = (offset: number) => upperBound(starts, offset);
  const lineStart = (offset: number) => starts[line(offset) - 1] ?? 0;
  return { line, lineStart, column: (offset) => Math.max(0, offset - lineStart(offset)) + 1 };
}

function upperBound(starts: readonly number[], offset: number): number {
  let low = 1;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
