import type { LoadStatement, LoadSymbol } from "../../starlark/read/index.ts";

const symbolInQuotes = /"([^"]+)"/g;
const load = /load\(\s*"([^"\\\n]*)"((?:\s*,\s*"[^"\\\n]+")+)\s*,?\s*\)\n/y;

/** The load statements with which a text begins, as far as they are plain: strings only, no comments, no blank lines between. */
export function leadingLoads(text: string): readonly LoadStatement[] {
  const loads: LoadStatement[] = [];
  let line = 1;
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
      line,
      before: [],
      label,
      symbols: symbolsIn(symbols, behind),
    });
    line += whole.split("\n").length - 1;
  }
}

function symbolsIn(text: string, offset: number): readonly LoadSymbol[] {
  const symbols: LoadSymbol[] = [];
  for (symbolInQuotes.lastIndex = 0; ; ) {
    const found = symbolInQuotes.exec(text);
    if (!found) return symbols;
    const { 0: whole, 1: symbol = "" } = found;
    const start = offset + found.index;
    symbols.push({ start, end: start + whole.length, local: symbol, symbol, comments: [], keep: false });
  }
}
