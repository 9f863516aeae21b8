import { stringOf } from "./expression.ts";
import type { Argument, CallExpression, Span, StarlarkFile } from "./file.ts";

/** Every call of the file, nested ones and those in function bodies included; with `callee`, those of that name. */
export function callsIn(file: StarlarkFile, callee?: string): readonly CallExpression[] {
  return callee === undefined ? file.calls : file.calls.filter((call) => call.callee === callee);
}

/** The names that are used in the file, or in a span of it. */
export function identifiersIn(file: StarlarkFile, span?: Span): ReadonlySet<string> {
  const inside = span
    ? file.identifiers.filter(({ start, end }) => start >= span.start && end <= span.end)
    : file.identifiers;
  return new Set(inside.map(({ name }) => name));
}

/** The keyword argument of that name. */
export function argumentOf(call: CallExpression, name: string): Argument | undefined {
  return call.args.find((argument) => argument.name === name);
}

/** The `name` of a rule when it is a plain string. */
export function nameOf(call: CallExpression): string | undefined {
  return stringOf(argumentOf(call, "name")?.value);
}
