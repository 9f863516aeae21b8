/** What the rounds of an import decide: which rules stay, which packages fail, and what is said of it in the end. */
import { at, type Diagnostic, type DiagnosticArgs, type DiagnosticCode, diagnostic } from "../diagnostics/index.ts";
import { isInside, searchRegion } from "../pipeline/merge/index.ts";
import type { CallExpression, StarlarkFile, StarlarkReader } from "../starlark/read/index.ts";
import { placesOf } from "../starlark/read/place.ts";
import { differenceOf } from "./compare.ts";
import { type FoundRule, literalName } from "./find-rules.ts";
import type { AdoptRequest } from "./index.ts";
import { lostComments } from "./original.ts";
import type { Attempt, Candidate, Outcome } from "./round.ts";

/** What is decided of a package so far; every round may add to it. */
export interface Verdicts {
  /** Rules that stay hand-written, by name. */
  readonly excluded: Map<string, Reason>;
  /** Configs that stay files, by the name of their test. */
  readonly configs: Map<string, { readonly file: string; readonly reason: string }>;
  /** The package cannot be imported at all. */
  failed: readonly Diagnostic[] | undefined;
}

/** Why a rule stays hand-written. */
export interface Reason {
  readonly code: DiagnosticCode;
  readonly args: DiagnosticArgs;
}

/**
 * Judges a round.
 *
 * - `done`: all that was declared comes back as it was
 * - `again`: some rule or package was excluded; the others are tried again without it
 * - diagnostics: something is wrong that has to do with none of them
 */
export function judge(
  attempts: readonly Attempt[],
  outcome: Outcome,
  originals: ReadonlyMap<string, StarlarkFile>,
  request: AdoptRequest,
  reader: StarlarkReader,
): "done" | "again" | readonly Diagnostic[] {
  const errors = outcome.diagnostics.filter(({ severity }) => severity === "error");
  const strange = errors.filter((error) => !blame(error, attempts, request));
  if (strange.length > 0) return strange;
  if (errors.length > 0) return "again";
  const texts = new Map(outcome.changes.map(({ path, after }) => [path, after]));
  const equal = attempts.map((one) => {
    const before = originals.get(one.path);
    return before !== undefined && isAsBefore(one, before, reader.read(texts.get(one.path) ?? ""));
  });
  return equal.every((isEqual) => isEqual) ? "done" : "again";
}

/** Finds the rule or the package that an error is about and excludes it; false when it is about neither. */
function blame(error: Diagnostic, attempts: readonly Attempt[], { describe }: AdoptRequest): boolean {
  const { place } = error;
  if (place?.kind === "position") {
    const one = attempts.find(({ path }) => path === place.file);
    if (one) one.verdicts.failed = [...(one.verdicts.failed ?? []), error];
    return one !== undefined;
  }
  const one = attempts.find(({ declaration }) => declaration === place?.file);
  const service = one?.services[place?.service ?? 0];
  if (!one || !service || !place) return false;
  const rule = service.places.find(({ path }) => path.every((step, index) => place.path[index] === step));
  const blamed = rule ? [rule] : service.places;
  for (const { rule: stays } of blamed)
    one.verdicts.excluded.set(stays.name, { code: "import-refused", args: { problem: describe(error) } });
  return true;
}

/** Compares the rules that a package gets with those that it had; those that differ are excluded. */
function isAsBefore(one: Attempt, before: StarlarkFile, after: StarlarkFile): boolean {
  const was = rulesOf(before, one.path, false);
  const is = rulesOf(after, one.path, true);
  const different = one.taken.flatMap((rule) => {
    const [old, next] = [was.get(rule.name), is.get(rule.name)];
    const difference = old && next ? differenceOf({ call: old, file: before }, { call: next, file: after }) : gone;
    return difference ? [{ rule, difference }] : [];
  });
  for (const { rule, difference } of different) exclude(one, rule, difference);
  if (different.length > 0) return false;
  const [lost] = lostComments(one, after);
  if (lost === undefined) return true;
  one.verdicts.failed = [diagnostic("import-comment-lost", { file: one.path, comment: lost }, at(one.path))];
  return false;
}

const gone = { attribute: "name", got: "nothing" };

function rulesOf(file: StarlarkFile, path: string, inRegion: boolean): ReadonlyMap<string | undefined, CallExpression> {
  const { region } = searchRegion(file, path);
  const calls = file.statements.flatMap((statement) =>
    statement.kind === "call" && isInside(region, statement) === inRegion ? [statement.call] : [],
  );
  return new Map(calls.map((call) => [literalName(call), call]));
}

/** A rule that is declared already cannot stay beside its declaration, so its package stays as it is. */
function exclude(
  one: Attempt,
  rule: FoundRule,
  { attribute, got }: { readonly attribute: string; readonly got: string },
): void {
  if (!one.declared.includes(rule)) {
    one.verdicts.excluded.set(rule.name, { code: "import-differs", args: { attribute, got } });
    return;
  }
  const args = { what: whatOf(rule), attribute, package: one.package };
  one.verdicts.failed = [
    ...(one.verdicts.failed ?? []),
    diagnostic("import-declared", args, at(one.path, rule.statement.line)),
  ];
}

/** A rule as messages call it: its kind as the file has it, and its name. */
export function whatOf(rule: {
  readonly kind: string;
  readonly name?: string;
  readonly statement?: FoundRule["statement"];
}): string {
  const kind = rule.statement?.call.callee ?? rule.kind;
  return rule.name === undefined ? `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}` : `${kind} "${rule.name}"`;
}

/** What is said of a package in the end: why it failed, or which rules and configs of it stay as they are. */
export function reportOn(
  candidate: Candidate,
  taken: readonly FoundRule[],
  after: StarlarkFile | undefined,
): readonly Diagnostic[] {
  const { path, rules, remaining, verdicts } = candidate;
  if (verdicts.failed) return verdicts.failed;
  const excluded = rules.flatMap((rule) => {
    const reason = verdicts.excluded.get(rule.name);
    return reason && !rule.isPart ? [{ what: whatOf(rule), call: rule.statement.call, ...reason }] : [];
  });
  const left = [...remaining.map((rule) => ({ what: whatOf(rule), ...rule })), ...excluded];
  const names = new Set(taken.map(({ name }) => name));
  const configs = [...verdicts.configs]
    .filter(([test]) => names.has(test))
    .map(([test, { file, reason }]) => {
      const args = { config: file, what: `container_structure_test "${test}"`, reason };
      return diagnostic("import-test-config", args, at(file));
    });
  const placed = left.map(({ code, args, what, call }) => {
    const { line, column } = placeOf(call, candidate, taken, after);
    return diagnostic(code, { what, ...args }, at(path, line, column));
  });
  return [...placed, ...configs];
}

/**
 * Where a call that stays stands in the file afterwards, by its text: of several calls alike, the one that comes at the
 * same turn among those that stay.
 */
function placeOf(
  call: CallExpression,
  { path, file, region }: Candidate,
  taken: readonly FoundRule[],
  after: StarlarkFile | undefined,
): { readonly line: number; readonly column: number } {
  const textOf = (one: CallExpression, of: StarlarkFile) => of.text.slice(one.start, one.end);
  const goes = (one: CallExpression) =>
    taken.some(({ statement }) => one.start >= statement.start && one.end <= statement.end);
  const alike = file.calls.filter(
    (one) => textOf(one, file) === textOf(call, file) && !isInside(region, one) && !goes(one),
  );
  const turn = alike.findIndex(({ start }) => start === call.start);
  const next = after && searchRegion(after, path).region;
  const moved = after?.calls.filter((one) => textOf(one, after) === textOf(call, file) && !isInside(next, one))[turn];
  const [text, { start }] = moved && after ? [after.text, moved] : [file.text, call];
  const places = placesOf(text);
  return { line: places.line(start), column: places.column(start) };
}
