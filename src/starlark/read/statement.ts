import { fieldOf, type Source, toCall } from "./expression.ts";
import type { CallExpression, LoadStatement, LoadSymbol, Remark, Span, Statement } from "./file.ts";
import type { SyntaxNode } from "./node.ts";

/** The place of a statement and the comments around it. */
export interface Surroundings extends Span {
  readonly line: number;
  readonly before: readonly Remark[];
  readonly suffix?: Remark;
}

/** Turns a node at top level into a statement. */
export function toStatement(node: SyntaxNode, source: Source, around: Surroundings): Statement {
  const inner = node.type === "expression_statement" && node.children.length === 1 ? node.children[0] : undefined;
  switch (inner?.type ?? node.type) {
    case "call": {
      const call = toCall(inner ?? node, source);
      return toLoad(call, around) ?? { ...around, kind: "call", call };
    }
    case "assignment":
    case "augmented_assignment":
      return { ...around, kind: "assignment", defines: boundNames(inner ?? node, source) };
    case "string":
      return { ...around, kind: "string" };
    case "function_definition": {
      const name = fieldOf(node, "name");
      return { ...around, kind: "def", defines: name ? [source.text.slice(name.start, name.end)] : [] };
    }
    default:
      return { ...around, kind: "other" };
  }
}

function toLoad(call: CallExpression, around: Surroundings): LoadStatement | undefined {
  const [first, ...rest] = call.args;
  if (call.callee !== "load" || first?.value.kind !== "string" || first.name !== undefined || rest.length === 0) {
    return undefined;
  }
  const keepAll = [...around.before, ...(around.suffix ? [around.suffix] : []), ...first.comments].some(isKeep);
  const symbols: LoadSymbol[] = [];
  for (const { name, value, comments, start, end } of rest) {
    if (value.kind !== "string") return undefined;
    const keep = keepAll || comments.some(isKeep);
    symbols.push({ start, end, symbol: value.value, local: name ?? value.value, comments, keep });
  }
  return { ...around, kind: "load", label: first.value.value, symbols };
}

// As Gazelle reads it: `# keep`, or `# keep: why`.
function isKeep(remark: Remark): boolean {
  return /^#\s*keep(?:\s*:.*)?$/.test(remark.text);
}

/** Names on the left of an assignment, `a = b = 1` included; `a.b = 1` and `a[0] = 1` bind none. */
function boundNames(node: SyntaxNode, source: Source): readonly string[] {
  const left = fieldOf(node, "left");
  const right = fieldOf(node, "right");
  const more = right?.type === "assignment" ? boundNames(right, source) : [];
  return left ? [...patternNames(left, source), ...more] : more;
}

function patternNames(node: SyntaxNode, source: Source): readonly string[] {
  if (node.type === "identifier") return [source.text.slice(node.start, node.end)];
  if (!/^(?:pattern_list|tuple_pattern|list_pattern|list_splat_pattern)$/.test(node.type)) return [];
  return node.children.flatMap((child) => patternNames(child, source));
}
