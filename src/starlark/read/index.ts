/**
 * Reading Starlark: text in, plain data with spans out (statements, loads, calls, expressions, comments). Stands on
 * tree-sitter-starlark, whose WASM bytes the caller gives; nothing of tree-sitter escapes. Reading never throws. It does
 * not judge whether Bazel would take the text (that is buildifier's verdict, the grammar here is wider), it changes
 * nothing, and from a text with an error in it nothing is read but the place of the error.
 */
export { booleanOf, calleeOf, numberOf, stringOf, stringsOf } from "./expression.ts";
export type {
  Argument,
  Assignment,
  CallExpression,
  CallStatement,
  DictEntry,
  Expression,
  Identifier,
  LoadStatement,
  LoadSymbol,
  Remark,
  Span,
  StarlarkFile,
  Statement,
  StringLiteral,
} from "./file.ts";
export { argumentOf, callsIn, identifiersIn, nameOf } from "./query.ts";
export type { StarlarkReader } from "./reader.ts";
export { decodeString } from "./string.ts";
