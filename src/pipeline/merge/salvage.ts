import { at, type Diagnostic, diagnostic } from "../../diagnostics/index.ts";
import {
  type CallStatement,
  identifiersIn,
  nameOf,
  type Remark,
  type StarlarkFile,
  type Statement,
} from "../../starlark/read/index.ts";
import { extraRemarks } from "./comments.ts";
import { commentsAbove, isInside, type Region } from "./region.ts";

/** What of an old region outlives it. */
export interface Salvage {
  /** Definitions that the new body uses, to stand above the region. */
  readonly above: readonly string[];
  /** Everything else that is not ours, to stand below it. */
  readonly below: readonly string[];
  readonly moved: readonly string[];
  readonly removed: readonly string[];
}

/** What salvaging goes by. */
export interface SalvageOrder {
  readonly file: StarlarkFile;
  readonly region: Region;
  /** The wanted body, read; undefined when the region goes. */
  readonly body: StarlarkFile | undefined;
  readonly kinds: ReadonlySet<string>;
}

interface Piece {
  readonly start: number;
  readonly text: string;
  readonly words: string;
  readonly isAbove?: boolean;
}

/**
 * Takes from an old region what is not ours.
 *
 * - a rule of a kind of ours: replaced when its name is wanted, else removed and named; without a plain name it is moved
 * - any other statement: moved with the comments above and behind it; a definition that the new body uses goes above
 *   the region together with the other definitions, everything else below
 * - a comment that belongs to no statement: moved, unless the wanted body has it
 * - a comment at a rule that stays: see `extraRemarks`; at a rule that is removed it goes with the rule
 * - loads are not handled here: they were moved to the loads before
 */
export function salvageRegion(order: SalvageOrder): Salvage {
  const { file, region, body } = order;
  const inside = file.statements.filter((statement) => isInside(region, statement));
  const kinds = kindsOf(order);
  const wanted = wantedRules(body);
  const ours = inside.flatMap((statement) => ourRule(statement, kinds) ?? []);
  const theirs = inside.filter((statement) => !ourRule(statement, kinds));
  const staying = ours.flatMap((rule) => {
    const next = wanted.get(nameOf(rule.call) ?? "");
    return next && body ? [{ rule, next, body }] : [];
  });
  const removed = ours.filter((rule) => !wanted.has(nameOf(rule.call) ?? ""));
  const pieces = [
    ...movedStatements(theirs, order),
    ...freeComments(inside, order),
    ...staying.flatMap(({ rule, next, body: wantedFile }) =>
      toPieces(extraRemarks(file, { rule, before: commentsAbove(rule, region) }, wantedFile, next), file),
    ),
  ].sort((a, b) => a.start - b.start);
  return {
    above: pieces.filter((piece) => piece.isAbove).map((piece) => piece.text),
    below: pieces.filter((piece) => !piece.isAbove).map((piece) => piece.text),
    moved: pieces.map((piece) => piece.words),
    removed: removed.map((rule) => inWords(rule)),
  };
}

/** Rules that stand in the region, are of no kind of ours, and have a name that the region wants. */
export function checkTaken(order: SalvageOrder, path: string): readonly Diagnostic[] {
  const wanted = wantedRules(order.body);
  const kinds = kindsOf(order);
  return order.file.statements.flatMap((statement) => {
    if (statement.kind !== "call" || !isInside(order.region, statement) || ourRule(statement, kinds)) return [];
    const name = nameOf(statement.call);
    if (name === undefined || !wanted.has(name)) return [];
    const args = { file: path, kind: statement.call.callee, name };
    return [diagnostic("region-target-taken", args, at(path, statement.line))];
  });
}

function kindsOf({ kinds, body }: SalvageOrder): ReadonlySet<string> {
  return new Set([...kinds, ...[...wantedRules(body).values()].map((rule) => rule.call.callee)]);
}

function wantedRules(body: StarlarkFile | undefined): ReadonlyMap<string, CallStatement> {
  const rules = (body?.statements ?? []).filter((statement) => statement.kind === "call");
  return new Map(rules.flatMap((rule) => [[nameOf(rule.call) ?? "", rule] as const]).filter(([name]) => name !== ""));
}

function ourRule(statement: Statement, kinds: ReadonlySet<string>): CallStatement | undefined {
  if (statement.kind !== "call" || !kinds.has(statement.call.callee)) return undefined;
  return nameOf(statement.call) === undefined ? undefined : statement;
}

function movedStatements(statements: readonly Statement[], { file, region, body }: SalvageOrder): readonly Piece[] {
  const used = body ? identifiersIn(body) : new Set<string>();
  const definitions = statements.filter((statement) => statement.kind === "assignment" || statement.kind === "def");
  const isUsed = definitions.some((definition) => definition.defines.some((name) => used.has(name)));
  return statements.map((statement) => {
    const start = commentsAbove(statement, region)[0]?.start ?? statement.start;
    const text = file.text.slice(start, statement.suffix?.end ?? statement.end);
    const isAbove = isUsed && (statement.kind === "assignment" || statement.kind === "def");
    return { start, text, words: inWords(statement, file.text), isAbove };
  });
}

function freeComments(inside: readonly Statement[], { file, region, body }: SalvageOrder): readonly Piece[] {
  const bound = new Set(
    inside.flatMap((statement) => [
      ...commentsAbove(statement, region),
      ...(statement.suffix ? [statement.suffix] : []),
    ]),
  );
  const printed = new Set(body?.comments.map((remark) => remark.text));
  const free = file.comments.filter(
    (remark) => remark.topLevel && isInside(region, remark) && !isOurComment(remark, region) && !bound.has(remark),
  );
  return toPieces(
    free.filter((remark) => !printed.has(remark.text)),
    file,
  );
}

function isOurComment(remark: Remark, region: Region): boolean {
  return remark === region.begin || remark === region.close || remark === region.source;
}

/** Comments on consecutive lines stay together. */
function toPieces(remarks: readonly Remark[], file: StarlarkFile): readonly Piece[] {
  const blocks: Remark[][] = [];
  for (const remark of remarks) {
    const block = blocks.at(-1);
    if (block?.at(-1)?.line === remark.line - 1) block.push(remark);
    else blocks.push([remark]);
  }
  const newline = file.text.includes("\r\n") ? "\r\n" : "\n";
  return blocks.map((block) => {
    const lines = block.map((remark) => remark.text);
    return { start: block[0]?.start ?? 0, text: lines.join(newline), words: lines[0] ?? "" };
  });
}

function inWords(statement: Statement, text = ""): string {
  if (statement.kind === "call") {
    const name = nameOf(statement.call);
    return name === undefined ? statement.call.callee : `${statement.call.callee} "${name}"`;
  }
  return text.slice(statement.start, statement.end).split("\n")[0]?.trimEnd() ?? "";
}
