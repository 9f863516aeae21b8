// Of web-tree-sitter's types, what is used: its own need a global type of Emscripten, which users do not have.
interface TreeCursor {
  readonly nodeType: string;
  readonly currentFieldName: string | null;
  readonly currentNode: { readonly hasError: boolean };
  readonly nodeIsMissing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
  delete(): void;
}
interface Tree {
  readonly rootNode: { readonly hasError: boolean };
  walk(): TreeCursor;
}

/** A node of the grammar's tree as plain data; comments and punctuation are among the children. */
export interface SyntaxNode {
  readonly type: string;
  /** The field of the parent that it fills. */
  readonly field: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly children: readonly SyntaxNode[];
}

/** How deep a text may nest before it counts as not understood; real files stay below 30. */
const deepest = 400;

/** The tree as plain data, or the offset of the first thing that the grammar does not understand. */
export function copyTree(tree: Tree): SyntaxNode | number {
  const cursor = tree.walk();
  try {
    return tree.rootNode.hasError ? firstProblem(cursor) : copyNodes(cursor);
  } finally {
    cursor.delete();
  }
}

interface Growing extends SyntaxNode {
  readonly children: Growing[];
}

function copyNodes(cursor: TreeCursor): SyntaxNode | number {
  const root = copyNode(cursor);
  const stack = [root];
  let here = root;
  for (;;) {
    if (here.type !== "string" && cursor.gotoFirstChild()) {
      if (stack.length > deepest) return here.start;
      here = copyNode(cursor);
      stack.at(-1)?.children.push(here);
      stack.push(here);
      continue;
    }
    for (;;) {
      stack.pop();
      const parent = stack.at(-1);
      if (!parent) return root;
      if (cursor.gotoNextSibling()) {
        here = copyNode(cursor);
        parent.children.push(here);
        stack.push(here);
        break;
      }
      cursor.gotoParent();
    }
  }
}

function copyNode(cursor: TreeCursor): Growing {
  return {
    type: cursor.nodeType,
    field: cursor.currentFieldName ?? undefined,
    start: cursor.startIndex,
    end: cursor.endIndex,
    children: [],
  };
}

function firstProblem(cursor: TreeCursor): number {
  for (;;) {
    if (cursor.nodeType === "ERROR" || cursor.nodeIsMissing) return cursor.startIndex;
    if (cursor.currentNode.hasError && cursor.gotoFirstChild()) continue;
    while (!cursor.gotoNextSibling()) if (!cursor.gotoParent()) return 0;
  }
}
