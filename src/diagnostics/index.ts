/**
 * Diagnostics are values: a code of the catalogue, its arguments and a place. Every step returns them; text is made
 * last, in `report/`. Bottom layer: imports nothing.
 */
import { catalogue, type DiagnosticArgs, type DiagnosticCode } from "./catalogue.ts";

export { catalogue, type DiagnosticArgs, type DiagnosticCode } from "./catalogue.ts";
export { didYouMean } from "./did-you-mean.ts";

/** `error` stops the run before anything is written, `warning` does not. */
export type Severity = "error" | "warning";

/** A step into a declared object: a property name or an index. */
export type PropertyPath = readonly (string | number)[];

/** Where a diagnostic points. Lines and columns count from 1. */
export type Place =
  /** A known position in a file, its path relative to the root with `/`. */
  | { readonly kind: "position"; readonly file: string; readonly line: number; readonly column: number }
  /** A property of the n-th service that a declaration file exports (the config itself has no `service`); the shell finds the position. */
  | { readonly kind: "property"; readonly file: string; readonly service?: number; readonly path: PropertyPath };

/** One problem, as data. */
export interface Diagnostic<C extends DiagnosticCode = DiagnosticCode> {
  readonly code: C;
  readonly severity: Severity;
  readonly args: DiagnosticArgs;
  readonly place?: Place;
}

/** A value together with what was noticed while making it. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes a diagnostic with the severity that the catalogue gives to `code`. */
export function diagnostic(code: DiagnosticCode, args: DiagnosticArgs, place?: Place): Diagnostic {
  return { code, severity: catalogue[code].severity ?? "error", args, ...(place && { place }) };
}

/** A place at a known position. */
export function at(file: string, line = 1, column = 1): Place {
  return { kind: "position", file, line, column };
}

/** Reports whether any of them stops the run. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error");
}

/** Thrown for bugs of ours only; ends in exit code 4. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** Marks the end of an exhaustive switch. */
export function assertNever(value: never): never {
  throw new InternalError(`unexpected value ${JSON.stringify(value)}`);
}
