/** The name of a symbol in its file, and here. */
export interface SymbolName {
  readonly symbol: string;
  readonly local: string;
}

/** The order in which buildifier puts symbols: plain ones first, then renamed ones, each by the name here. */
export function compareSymbols(a: SymbolName, b: SymbolName): number {
  const renamed = Number(a.local !== a.symbol) - Number(b.local !== b.symbol);
  return renamed || compareText(a.local, b.local);
}

/**
 * The order in which buildifier puts load statements (compareLoadLabels of buildtools): labels of other repositories
 * first, then by package, relative labels last, then by file.
 */
export function compareLabels(a: string, b: string): number {
  const [repoA, repoB] = [a.startsWith("@"), b.startsWith("@")];
  if (repoA !== repoB) return repoA ? -1 : 1;
  const [packageA, fileA] = split(a);
  const [packageB, fileB] = split(b);
  if (packageA === packageB) return compareText(fileA, fileB);
  if (packageA === "" || packageB === "") return packageA === "" ? 1 : -1;
  return compareText(packageA, packageB);
}

/** Prints a load statement on one line; buildifier leaves it there. */
export function printLoad(label: string, symbols: readonly SymbolName[]): string {
  return `load("${label}", ${[...symbols].sort(compareSymbols).map(printSymbol).join(", ")})`;
}

/** Prints a symbol as an argument of a load statement. */
export function printSymbol({ symbol, local }: SymbolName): string {
  return local === symbol ? `"${symbol}"` : `${local} = "${symbol}"`;
}

function split(label: string): readonly [string, string] {
  const colon = label.indexOf(":");
  return colon < 0 ? ["", label] : [label.slice(0, colon), label.slice(colon + 1)];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
