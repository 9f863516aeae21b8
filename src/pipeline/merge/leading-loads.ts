import type { LoadStatement, LoadSymbol } from "../../starlark/read/index.ts";

const load = /load\(\s*"([^"\\\n]*)"((?:\s*,\s*"[^"\\\n]+")+)\s*,?\s*\)\n/y;

/** The load statements with which a text begins, as far as they are plain: strings only, no comments, no blank lines between. */
export function leadingLoads(text: string): readonly LoadStatement[] {
  const loads: LoadStatement[] = [];
  for (load.lastIndex = 0; ; ) {
    const start = load.lastIndex;
    const found = load.exec(text);
    if (!found) return loads;
    const [whole, label = "", symbols = ""] = found;
    const behind = start + whole.indexOf(symbols, whole.indexOf(label) + label.length);
    loads.push({
      kind: "load",
      start,
      end: start + whole.length - 1,
      line: text.slice(0, start).split("\n").length,
      before: [],
      label,
      symbols: symbolsIn(symbols, behind),
    });
  }
}

function symbolsIn(text: string, offset: number): readonly LoadSymbol[] {
  return [...text.matchAll(/"([^"]+)"/g)].map(({ 0: whole, 1: symbol = "", index }) => ({
    start: offset + index,
    end: offset + index + whole.length,
    local: symbol,
    symbol,
    comments: [],
    keep: false,
  }));
}
