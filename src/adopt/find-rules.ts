/** The rules of a BUILD file that the model has a word for, and those that look like it but cannot be taken. */
import type { DiagnosticArgs, DiagnosticCode } from "../diagnostics/index.ts";
import type { Field } from "../model/index.ts";
import { bindingsOf, commentsAbove, isInside, type Region } from "../pipeline/merge/index.ts";
import type { LoadedSymbol } from "../starlark/index.ts";
import {
  argumentOf,
  type CallExpression,
  type CallStatement,
  identifiersIn,
  type StarlarkFile,
} from "../starlark/read/index.ts";
import { commentText, type ReadContext, readAttribute, remarksIn } from "./read-value.ts";

/** A hand-written rule, as data of the model. */
export interface FoundRule {
  /** The kind in the facts. */
  readonly kind: string;
  /** Where the file loads it from, in its absolute form, and as what; undefined when a prelude does. */
  readonly load?: LoadedSymbol;
  readonly isPart?: true;
  readonly name: string;
  readonly fields: readonly Field[];
  readonly comment?: string;
  readonly statement: CallStatement;
}

/** A rule that stays hand-written: what it is, where, and why. */
export interface Remaining {
  readonly kind: string;
  /** Undefined when it has no plain name. */
  readonly name?: string;
  readonly call: CallExpression;
  readonly code: DiagnosticCode;
  readonly args: DiagnosticArgs;
}

/** A BUILD file that was read. */
export interface BuildFile {
  /** From the root. */
  readonly path: string;
  readonly file: StarlarkFile;
  readonly region: Region | undefined;
}

/** What a symbol stands for: a kind, and why rules of it stay hand-written if they do. */
export interface KnownKind {
  readonly kind: string;
  /** It is a part of what other rules give, so nothing is said when it stays. */
  readonly isPart?: true;
  readonly problem?: { readonly code: DiagnosticCode; readonly args: DiagnosticArgs };
}

/** Says what a symbol from a file (in its absolute form; undefined from a prelude) stands for; undefined when it is none of ours. */
export type KindOf = (symbol: string, from: string | undefined) => KnownKind | undefined;

/** Kinds that need no load, and that are parts of what other rules give. */
const nativeKinds: ReadonlySet<string> = new Set(["filegroup"]);

/** What {@link findRules} found. */
export interface Found {
  readonly rules: readonly FoundRule[];
  readonly remaining: readonly Remaining[];
}

/** Finds the rules outside the region. */
export function findRules(build: BuildFile, kindOf: KindOf): Found {
  const { file, region } = build;
  const { look, context } = lookup(build, kindOf);
  const rules: FoundRule[] = [];
  const remaining: Remaining[] = [];
  const statements = new Set<number>();
  for (const statement of file.statements) {
    if (statement.kind !== "call" || isInside(region, statement)) continue;
    const { call } = statement;
    const known = look(call);
    if (!known) continue;
    statements.add(call.start);
    const problem = known.problem ?? problemOf(statement, file) ?? changedBelow(statement, file);
    const name = literalName(call);
    if (!problem && name !== undefined) rules.push({ ...known, ...readRule(statement, name, region, context) });
    else if (!known.isPart) remaining.push(remain(call, problem ?? noName));
  }
  for (const call of file.calls) {
    const known = look(call);
    if (statements.has(call.start) || isInside(region, call) || !known || known.isPart) continue;
    remaining.push(remain(call, { code: "import-nested", args: {} }));
  }
  return { rules, remaining: remaining.sort((a, b) => a.call.start - b.call.start) };
}

type Look = (call: CallExpression) => (KnownKind & { readonly load?: LoadedSymbol }) | undefined;

/** Says what the calls of a file stand for, by its loads. */
function lookup({ path, file }: BuildFile, kindOf: KindOf): { readonly look: Look; readonly context: ReadContext } {
  const bindings = new Map(bindingsOf(file, path).map((binding) => [binding.local, binding]));
  const defined = new Set(file.statements.flatMap((statement) => ("defines" in statement ? statement.defines : [])));
  const plain = [...bindings.values()].filter(({ local, symbol }) => local === symbol);
  const loads = new Map(plain.map(({ symbol, statement }) => [symbol, { symbol, from: statement.label }]));
  const look: Look = ({ callee }) => {
    const binding = bindings.get(callee);
    if (!binding && nativeKinds.has(callee)) return { kind: callee, isPart: true };
    if (!binding && defined.has(callee)) return undefined;
    const known = kindOf(binding?.symbol ?? callee, binding?.label);
    return known && binding ? { ...known, load: { symbol: binding.symbol, from: binding.label } } : known;
  };
  return { look, context: { file, loads } };
}

type Problem = NonNullable<KnownKind["problem"]>;

const noName: Problem = { code: "import-name", args: {} };

function remain(call: CallExpression, { code, args }: Problem): Remaining {
  const name = literalName(call);
  return { kind: call.callee, ...(name !== undefined && { name }), call, code, args };
}

/** Why a rule cannot be taken: macros take their name by position too; every other argument has a name. */
function problemOf(statement: CallStatement, file: StarlarkFile): Problem | undefined {
  const { args } = statement.call;
  const spread = args.find((argument) => argument.spread);
  if (spread) return { code: "import-spread", args: { spread: file.text.slice(spread.start, spread.end) } };
  const unnamed = args.filter(({ name }) => name === undefined);
  if (unnamed.length > 1 || (unnamed[0] && unnamed[0] !== args[0])) return { code: "import-positional", args: {} };
  return sharesLine(statement, file) ? { code: "import-line-shared", args: {} } : undefined;
}

/** A name that the rule reads changes below it, where the rule would go: another value, an addition, a method called on it. */
function changedBelow({ start, end }: CallStatement, file: StarlarkFile): Problem | undefined {
  const used = identifiersIn(file, { start, end });
  for (const statement of file.statements) {
    if (statement.start < end) continue;
    const called = statement.kind === "call" ? (/^([A-Za-z_]\w*)\./.exec(statement.call.callee)?.[1] ?? "") : "";
    const changed = "defines" in statement ? statement.defines : [called];
    const name = changed.find((one) => used.has(one));
    if (name !== undefined) return { code: "import-changed-below", args: { name } };
  }
  return undefined;
}

/** The name of a rule when it is a plain string, by position too. */
export function literalName(call: CallExpression): string | undefined {
  const named = argumentOf(call, "name");
  const value = named?.value ?? (call.args[0]?.name === undefined ? call.args[0]?.value : undefined);
  return value?.kind === "string" ? value.value : undefined;
}

/** Something else stands on its lines, as in `a(); b()`, so it cannot be taken out alone. */
function sharesLine(statement: CallStatement, { text }: StarlarkFile): boolean {
  const before = text.slice(text.lastIndexOf("\n", statement.start - 1) + 1, statement.start);
  const end = statement.suffix?.start ?? statement.end;
  const newline = text.indexOf("\n", end);
  const behind = text.slice(statement.end, statement.suffix ? end : newline < 0 ? text.length : newline);
  return before.replace("\ufeff", "").trim() !== "" || behind.trim() !== "";
}

function readRule(
  statement: CallStatement,
  name: string,
  region: Region | undefined,
  context: ReadContext,
): Pick<FoundRule, "name" | "fields" | "comment" | "statement"> {
  const { call } = statement;
  const attributes = call.args.filter((argument) => argument.name !== undefined && argument.name !== "name");
  const fields = attributes.map(
    (argument): Field => ({ name: argument.name ?? "", ...readAttribute(argument, context), path: [] }),
  );
  const owned = new Set(attributes.flatMap((argument) => [...argument.comments, ...remarksIn(context.file, argument)]));
  // Those at the name and behind the last argument have no property of their own.
  const loose = remarksIn(context.file, call).filter((remark) => !owned.has(remark));
  const comments = [...commentsAbove(statement, region), ...loose, ...(statement.suffix ? [statement.suffix] : [])];
  return {
    name,
    fields,
    ...(comments.length > 0 && { comment: comments.map(commentText).join("\n") }),
    statement,
  };
}
