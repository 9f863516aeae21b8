import { absoluteLabel, folderOf } from "../../bazel/index.ts";
import { at, type Diagnostic, diagnostic } from "../../diagnostics/index.ts";
import type { LoadStatement, LoadSymbol, StarlarkFile } from "../../starlark/read/index.ts";
import type { Region } from "./region.ts";
import type { LoadNeed, MergeRequest } from "./request.ts";

/** A name that a load statement binds. */
export interface Binding {
  readonly local: string;
  readonly symbol: string;
  /** In its absolute form. */
  readonly label: string;
  readonly statement: LoadStatement;
  readonly loadSymbol: LoadSymbol;
}

/** Every name that the loads of a file bind. */
export function bindingsOf(file: StarlarkFile, path: string): readonly Binding[] {
  return file.statements.flatMap((statement) =>
    statement.kind === "load"
      ? statement.symbols.map((loadSymbol) => ({
          local: loadSymbol.local,
          symbol: loadSymbol.symbol,
          label: sameLabel(statement.label, path),
          statement,
          loadSymbol,
        }))
      : [],
  );
}

/** Load statements that are more than plain strings; nobody knows what they bind. */
export function checkReadable(file: StarlarkFile, path: string): readonly Diagnostic[] {
  const odd = file.statements.filter((one) => one.kind === "call" && one.call.callee === "load");
  const detail = "a load statement that is not a label and symbols in plain strings";
  return odd.map(({ line }) => diagnostic("build-file-syntax", { file: path, detail }, at(path, line)));
}

/** The absolute form of a label seen from a file, so that two spellings are equal; a text that is no label as it is. */
export function sameLabel(label: string, path: string): string {
  return absoluteLabel(label, folderOf(path)) ?? label;
}

/** The name that a need is bound to. */
export function localOf(need: LoadNeed): string {
  return need.local ?? need.symbol;
}

/**
 * What stands in the way of the symbols that the region needs.
 *
 * - bound to the symbol, from the label or an alternative: respected, nothing to say
 * - bound to the symbol from another label, from which our own rules were loaded before: replaced, nothing to say
 * - bound to the symbol from any other label: `load-elsewhere`
 * - bound to another symbol, or defined in the file: `load-name-taken`
 * - not bound, but the same symbol is loaded under another name: `load-aliased`
 */
export function checkLoads(
  file: StarlarkFile,
  region: Region | undefined,
  request: MergeRequest,
): readonly Diagnostic[] {
  const { file: path, wanted } = request;
  const bindings = bindingsOf(file, path);
  return (wanted?.loads ?? []).flatMap((need) => {
    const local = localOf(need);
    const labels = labelsOf(need, path);
    const problem = (code: "load-elsewhere" | "load-name-taken" | "load-aliased", line: number, args: object) => [
      diagnostic(code, { file: path, symbol: need.symbol, from: need.from, local, ...args }, at(path, line)),
    ];
    const bound = bindings.find((binding) => binding.local === local);
    if (bound?.symbol === need.symbol) {
      if (labels.has(bound.label) || isReplaceable(bound, file, region, request)) return [];
      return problem("load-elsewhere", lineOf(file, bound), { got: bound.statement.label });
    }
    if (bound) return problem("load-name-taken", lineOf(file, bound), { what: `loaded as ${bound.symbol}` });
    const definition = file.statements.find((one) => "defines" in one && one.defines.includes(local));
    if (definition) return problem("load-name-taken", definition.line, { what: "defined" });
    const alias = bindings.find((binding) => binding.symbol === need.symbol && labels.has(binding.label));
    if (alias && need.local === undefined) {
      return problem("load-aliased", lineOf(file, alias), { from: alias.statement.label, local: alias.local });
    }
    return [];
  });
}

/**
 * Reports whether a binding is one of ours that the config has moved to another label: we emit the symbol from there, no
 * `# keep` holds it, and nothing outside the region uses it.
 */
export function isReplaceable(
  { local, symbol, label, loadSymbol }: Binding,
  file: StarlarkFile,
  region: Region | undefined,
  { emitted, file: path }: MergeRequest,
): boolean {
  if (loadSymbol.keep || !region) return false;
  if (!(emitted.get(symbol) ?? []).some((from) => sameLabel(from, path) === label)) return false;
  return file.identifiers.every((one) => one.name !== local || (one.start >= region.start && one.end <= region.end));
}

/** Reports whether a binding is what a need asks for. */
export function isFulfilled(binding: Binding, need: LoadNeed, path: string): boolean {
  return binding.symbol === need.symbol && labelsOf(need, path).has(binding.label);
}

function labelsOf(need: LoadNeed, path: string): ReadonlySet<string> {
  return new Set([need.from, ...need.alternatives].map((label) => sameLabel(label, path)));
}

function lineOf(file: StarlarkFile, { statement, loadSymbol }: Binding): number {
  return statement.line + file.text.slice(statement.start, loadSymbol.start).split("\n").length - 1;
}
