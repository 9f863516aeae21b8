import {
  type Diagnostic,
  type DiagnosticArgs,
  type DiagnosticCode,
  diagnostic,
  type PropertyPath,
} from "../../diagnostics/index.ts";
import type { Origin } from "../../model/index.ts";

/** Collects what is wrong with one declared object; the place is always a property of it. */
export interface Reporter {
  readonly origin: Origin;
  report(code: DiagnosticCode, args: DiagnosticArgs, path: PropertyPath): void;
}

/** A reporter that appends to `sink`. */
export function reporterFor(origin: Origin, sink: Diagnostic[]): Reporter {
  return {
    origin,
    report: (code, args, path) => void sink.push(diagnostic(code, args, { kind: "property", ...origin, path })),
  };
}

/** A declared object. */
export type Declared = Readonly<Record<string, unknown>>;

/** Reports whether the value is an object written with braces, and no expression or comment of ours. */
export function isObject(value: unknown): value is Declared {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getOwnPropertySymbols(value).length === 0
  );
}

/** What a value is called in a message: `a number`, `an array`. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  const kind = typeof value;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
