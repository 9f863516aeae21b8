/** A stretch of the text, in UTF-16 offsets; `end` is the first offset behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A comment of the text. */
export interface Remark extends Span {
  /** With the `#`, without blanks at the end. */
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1; a byte order mark does not count. */
  readonly column: number;
  /** Nothing but blanks stands before it on its line. */
  readonly ownLine: boolean;
  /** It stands outside every statement. */
  readonly topLevel: boolean;
}

/** A name that is read or bound; keyword names of arguments and attribute names behind a dot are none. */
export interface Identifier extends Span {
  readonly name: string;
}

/** What was read from a text. With a `problem` everything else is empty: no value is read from a broken text. */
export interface StarlarkFile {
  readonly text: string;
  /** The first thing that the grammar does not understand. */
  readonly problem?: { readonly line: number; readonly column: number };
  /** The statements at top level, in order. */
  readonly statements: readonly Statement[];
  /** Every comment, in order. */
  readonly comments: readonly Remark[];
  /** Every identifier, in order, function bodies included. */
  readonly identifiers: readonly Identifier[];
  /** Every call, in order of its start, nested ones and those in function bodies included. */
  readonly calls: readonly CallExpression[];
  /** Every string literal, in order. */
  readonly strings: readonly StringLiteral[];
}

/** A string literal as it stands; `value` is undefined when Bazel would refuse it. */
export interface StringLiteral extends Span {
  readonly value: string | undefined;
}

interface StatementBase extends Span {
  /** Line of its first character, from 1. */
  readonly line: number;
  /** The comments on the lines right above it, without a blank line between. */
  readonly before: readonly Remark[];
  /** The comment behind it on its last line. */
  readonly suffix?: Remark;
}

/** A load statement. */
export interface LoadStatement extends StatementBase {
  readonly kind: "load";
  readonly label: string;
  readonly symbols: readonly LoadSymbol[];
}

/** One symbol of a load statement; the span covers `"symbol"` or `local = "symbol"`. */
export interface LoadSymbol extends Span {
  /** Its name in the file that it comes from. */
  readonly symbol: string;
  /** Its name here. */
  readonly local: string;
  /** Comments above and behind it. */
  readonly comments: readonly Remark[];
  /** It or its statement carries `# keep`. */
  readonly keep: boolean;
}

/** A call that stands as a statement. */
export interface CallStatement extends StatementBase {
  readonly kind: "call";
  readonly call: CallExpression;
}

/** An assignment, augmented ones too. */
export interface Assignment extends StatementBase {
  readonly kind: "assignment";
  /** The names that it binds. */
  readonly defines: readonly string[];
}

/** A statement at top level. */
export type Statement =
  | LoadStatement
  | CallStatement
  | Assignment
  | (StatementBase & { readonly kind: "def"; readonly defines: readonly string[] })
  | (StatementBase & { readonly kind: "string" | "other" });

/** An argument of a call; the span covers its name too. */
export interface Argument extends Span {
  readonly name?: string;
  /** It is `*value` or `**value`. */
  readonly spread: boolean;
  readonly value: Expression;
  /** Comments above and behind it. */
  readonly comments: readonly Remark[];
}

/** A key and its value. */
export interface DictEntry extends Span {
  readonly key: Expression;
  readonly value: Expression;
  readonly comments: readonly Remark[];
}

/** A call, with the dotted text of what is called. */
export interface CallExpression extends Span {
  readonly kind: "call";
  /** `oci_image`, `oci.pull`; the text as it stands when it is anything else. */
  readonly callee: string;
  readonly args: readonly Argument[];
  /** Comments behind the last argument. */
  readonly trailing: readonly Remark[];
  readonly comments: readonly Remark[];
}

/** An expression; `comments` are those above and behind it when it is an element of a list or tuple. */
export type Expression =
  | CallExpression
  | (Span & { readonly comments: readonly Remark[] } & (
        | { readonly kind: "string"; readonly value: string }
        | { readonly kind: "number"; readonly value: number }
        | { readonly kind: "boolean"; readonly value: boolean }
        | { readonly kind: "none" }
        | { readonly kind: "identifier"; readonly name: string }
        | {
            readonly kind: "list" | "tuple";
            readonly items: readonly Expression[];
            readonly trailing: readonly Remark[];
          }
        | { readonly kind: "dict"; readonly entries: readonly DictEntry[]; readonly trailing: readonly Remark[] }
        | { readonly kind: "dot"; readonly object: Expression; readonly name: string }
        | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
        /** Anything else: comprehensions, conditions, strings that Bazel would refuse. */
        | { readonly kind: "other" }
      ));
