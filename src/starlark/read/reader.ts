import { Language, Parser } from "web-tree-sitter";
import { type Source, toCall } from "./expression.ts";
import type { CallExpression, Identifier, Remark, StarlarkFile, Statement, StringLiteral } from "./file.ts";
import { copyTree, type SyntaxNode } from "./node.ts";
import { type Places, placesOf } from "./place.ts";
import { toStatement } from "./statement.ts";
import { decodeString } from "./string.ts";

/** Reads Starlark text. */
export interface StarlarkReader {
  /** Reads a text; never throws, and gives up on a text that takes out of all proportion. */
  readonly read: (text: string) => StarlarkFile;
}

/** Makes a reader from the bytes of web-tree-sitter's WASM and of the grammar's. */
export async function createStarlarkReader(wasm: {
  readonly runtime: Uint8Array;
  readonly grammar: Uint8Array;
}): Promise<StarlarkReader> {
  await Parser.init({ wasmBinary: wasm.runtime });
  const language = await Language.load(wasm.grammar);
  return { read: (text) => readText(text, language) };
}

/** A text is given up when the parser has called back this often for each of its characters, and a floor for short ones. */
const patience = { floor: 2_000, perCharacter: 1 };

function readText(text: string, language: Language): StarlarkFile {
  const places = placesOf(text);
  const root = parse(text, language);
  return typeof root === "number" ? brokenFile(text, places, root) : toFile(text, places, root);
}

/** A new parser each time: one that gave up or ran out of memory is not used again. */
function parse(text: string, language: Language): SyntaxNode | number {
  let parser: Parser | undefined;
  try {
    parser = new Parser();
    parser.setLanguage(language);
    const limit = patience.floor + text.length * patience.perCharacter;
    let calls = 0;
    const tree = parser.parse(text, null, { progressCallback: () => ++calls > limit });
    if (!tree) return 0;
    try {
      return copyTree(tree);
    } finally {
      tree.delete();
    }
  } catch {
    return 0;
  } finally {
    parser?.delete();
  }
}

function brokenFile(text: string, places: Places, offset: number): StarlarkFile {
  const problem = { line: places.line(offset), column: places.column(offset) };
  return { text, problem, statements: [], comments: [], identifiers: [], calls: [], strings: [] };
}

function toFile(text: string, places: Places, root: SyntaxNode): StarlarkFile {
  const comments: Remark[] = [];
  const identifiers: Identifier[] = [];
  const callNodes: SyntaxNode[] = [];
  const strings: StringLiteral[] = [];
  const visit = (node: SyntaxNode, depth: number) => {
    if (node.type === "comment") comments.push(toRemark(node, text, places, depth === 1));
    if (node.type === "call") callNodes.push(node);
    if (node.type === "string")
      strings.push({ start: node.start, end: node.end, value: decodeString(text.slice(node.start, node.end)) });
    if (node.type === "identifier")
      identifiers.push({ start: node.start, end: node.end, name: text.slice(node.start, node.end) });
    for (const child of node.children) {
      const isLabel = child.type === "identifier" && labelFields.has(`${node.type}.${child.field}`);
      if (!isLabel) visit(child, depth + 1);
    }
  };
  visit(root, 0);
  const source: Source = { text, remarks: new Map(comments.map((remark) => [remark.start, remark])) };
  const calls: CallExpression[] = callNodes.map((node) => toCall(node, source));
  return { text, statements: toStatements(root, source, comments, places), comments, identifiers, calls, strings };
}

const labelFields = new Set(["keyword_argument.name", "attribute.attribute"]);

function toRemark(node: SyntaxNode, text: string, places: Places, topLevel: boolean): Remark {
  const trimmed = text.slice(node.start, node.end).trimEnd();
  const lineStart = places.lineStart(node.start);
  return {
    start: node.start,
    end: node.start + trimmed.length,
    text: trimmed,
    line: places.line(node.start),
    column: node.start - lineStart + 1,
    ownLine: text.slice(lineStart, node.start).trim() === "",
    topLevel,
  };
}

function toStatements(root: SyntaxNode, source: Source, comments: readonly Remark[], places: Places): Statement[] {
  const top = comments.filter((remark) => remark.topLevel);
  const ownLine = new Map(top.filter((remark) => remark.ownLine).map((remark) => [remark.line, remark]));
  const behind = new Map(top.filter((remark) => !remark.ownLine).map((remark) => [remark.line, remark]));
  const nodes = root.children.filter((child) => child.type !== "comment" && child.type !== ";");
  const lastLines = nodes.map((node) => places.line(Math.max(node.start, node.end - 1)));
  return nodes.map((node, index) => {
    const line = places.line(node.start);
    const lastLine = lastLines[index] ?? line;
    const next = nodes[index + 1];
    const isLastOnLine = !next || places.line(next.start) !== lastLine;
    const suffix = isLastOnLine ? behind.get(lastLine) : undefined;
    const isFirstOnLine = lastLines[index - 1] !== line;
    const before = isFirstOnLine ? gluedAbove(ownLine, line) : [];
    return toStatement(node, source, { start: node.start, end: node.end, line, before, ...(suffix && { suffix }) });
  });
}

function gluedAbove(ownLine: ReadonlyMap<number, Remark>, line: number): readonly Remark[] {
  const found: Remark[] = [];
  for (let above = ownLine.get(line - 1); above; above = ownLine.get(above.line - 1)) found.unshift(above);
  return found;
}
