import type { Comment } from "../starlark/index.ts";

/*
 * What a declaration may hold besides plain strings, numbers, booleans, arrays and objects. The brands are
 * registered symbols, so that two copies of this package in one monorepo understand each other.
 */
const expressionBrand = Symbol.for("gen-bazel-images.expression");
const commentedBrand = Symbol.for("gen-bazel-images.commented");
const appendBrand = Symbol.for("gen-bazel-images.append");
const stampBrand = Symbol.for("gen-bazel-images.stamp");

/** A Starlark expression: what {@link glob}, {@link select}, {@link ident}, {@link call} and {@link starlark} return. */
export interface Expression {
  readonly [expressionBrand]: ExpressionNode;
}

/** A value with a comment that is printed with it; see {@link commented}. */
export interface Commented<T> {
  readonly [commentedBrand]: { readonly value: T; readonly comments: readonly Comment[] };
}

/** A list that is put behind that of the defaults; see {@link append}. */
export interface Append<T> {
  readonly [appendBrand]: readonly T[];
}

/** A text that a stamped build fills in; see {@link stamp}. */
export interface Stamp {
  readonly [stampBrand]: StampNode;
}

/** A stamp as written: nobody has checked it yet. */
export interface StampNode {
  readonly key: unknown;
  readonly fallback: unknown;
  readonly prefix?: unknown;
  readonly suffix?: unknown;
}

/** An expression before its operands are lowered. */
export type ExpressionNode =
  | { readonly kind: "identifier"; readonly name: string; readonly from?: string }
  | {
      readonly kind: "call";
      readonly callee: string;
      readonly from?: string;
      readonly args: readonly unknown[];
      readonly named: readonly (readonly [string, unknown])[];
    }
  | { readonly kind: "select"; readonly branches: unknown; readonly noMatchError?: string }
  | { readonly kind: "sum"; readonly operands: readonly unknown[] }
  | { readonly kind: "expression"; readonly texts: readonly string[]; readonly values: readonly unknown[] };

/** An item of a list: a plain value, an expression, or either with a comment. */
export type Item<T> = T | Expression | Commented<T | Expression>;
/** The value of an attribute: plain, an expression, or either with a comment. */
export type Value<T> = T | Expression | Commented<T | Expression>;
/** A list whose order comes out as declared. */
export type List<T> = Value<readonly Item<T>[]>;
/** A list of which items may be stamps. */
export type StampedList = Value<readonly (Item<string> | Stamp | Commented<Stamp>)[]>;
/** Like {@link List}; in a service also `append([...])`, which goes behind the defaults' list. */
export type ServiceList<T> = List<T> | Append<Item<T>>;
/**
 * A dictionary whose keys come out in the order declared. JavaScript moves keys like `"10"` to the front of an object,
 * so a dictionary with such keys is written as pairs: `[["10", "a"], ["2", "b"]]`.
 */
export type Dict<T> = Value<PlainDict<T>>;
/** A dictionary of which values may be stamps. */
export type StampedDict = Dict<string | Stamp>;
type PlainDict<T> = PlainObject<T> | readonly (readonly [string, Item<T>])[];
type PlainObject<T> = {
  readonly [key: string]: Item<T>;
} & {
  /** Keys that look like numbers lose their order in an object: write the dictionary as pairs, `[["10", "a"]]`. */
  readonly [key: `${number}`]: never;
  /** The same without quotes. */
  readonly [key: number]: never;
  readonly __proto__?: never;
};

/** Options of a symbol that lives in another file. */
export interface FromOptions {
  /** Label of the `.bzl` file that defines it, e.g. `"//dev:tags.bzl"`. Without it, the BUILD file or a prelude does. */
  readonly from?: string;
}

/**
 * The files of the package that match. `glob(["static/**"], { exclude: ["static/*.map"] })`
 */
export function glob(
  include: readonly string[],
  options: { readonly exclude?: readonly string[]; readonly allowEmpty?: boolean } = {},
): Expression {
  const named: [string, unknown][] = [];
  if (options.exclude) named.push(["exclude", options.exclude]);
  if (options.allowEmpty !== undefined) named.push(["allow_empty", options.allowEmpty]);
  return expression({ kind: "call", callee: "glob", args: [include], named });
}

/**
 * A choice by configuration. `select({ "//conditions:default": [":a"], "@platforms//os:macos": [":b"] })`; the order of
 * branches comes out as declared. Attributes that are turned into files by the ruleset (`env`, `entrypoint`, …) take
 * labels only in a branch.
 */
export function select(
  branches: Readonly<Record<string, unknown>> | readonly (readonly [string, unknown])[],
  options: { readonly noMatchError?: string } = {},
): Expression {
  return expression({ kind: "select", branches, ...options });
}

/** A constant by name. `ident("TAG_X", { from: "//dev:tags.bzl" })` also loads it. */
export function ident(name: string, options: FromOptions = {}): Expression {
  return expression({ kind: "identifier", name, ...options });
}

/**
 * A call. `call("pkg_attributes", [], { mode: "0555", uid: 65532 }, { from: "@rules_pkg//pkg:mappings.bzl" })`
 */
export function call(
  callee: string,
  args: readonly unknown[] = [],
  named: Readonly<Record<string, unknown>> = {},
  options: FromOptions = {},
): Expression {
  return expression({ kind: "call", callee, args, named: Object.entries(named), ...options });
}

/** The sum of lists, `[":a"] + select({...})` in Starlark: `concat([":a"], select({...}))`. */
export function concat(...operands: readonly unknown[]): Expression {
  return expression({ kind: "sum", operands });
}

/**
 * Any expression, as it stands: ``starlark`[x for x in ${ident("NAMES")}]` ``. Values in `${}` are printed as Starlark,
 * so a string among them is quoted.
 */
export function starlark(texts: TemplateStringsArray, ...values: readonly unknown[]): Expression {
  return expression({ kind: "expression", texts: [...texts.raw], values });
}

/** Where a comment goes: on lines of its own before the value (the default), or behind it. */
export interface CommentOptions {
  readonly place?: "above" | "after";
}

/**
 * A value or item with a comment, printed above it or, with `place: "after"`, behind it.
 * `srcs: [commented(":worker", "the binary")]`
 */
export function commented<T>(value: Commented<T>, text: string, options?: CommentOptions): Commented<T>;
export function commented<T>(value: T, text: string, options?: CommentOptions): Commented<T>;
export function commented(value: unknown, text: string, options: CommentOptions = {}): Commented<unknown> {
  const inner = commentedOf(value);
  const comment: Comment = { text, place: options.place ?? "above" };
  const content = inner
    ? { value: inner.value, comments: [comment, ...inner.comments] }
    : { value, comments: [comment] };
  return Object.freeze({ [commentedBrand]: content });
}

/**
 * The value of a key of Bazel's workspace status (`STABLE_VERSION`, `BUILD_EMBED_LABEL`), between a prefix and a suffix.
 * A build without `--stamp` has the fallback in its place and stays cacheable. For the tags of a push, the values of
 * `labels` and `annotations`, and `created`. `stamp("STABLE_VERSION", { fallback: "dev", prefix: "v" })`
 */
export function stamp(
  key: string,
  options: {
    /** What an unstamped build has in place of the key's value. */
    readonly fallback: string;
    readonly prefix?: string;
    readonly suffix?: string;
  },
): Stamp {
  return Object.freeze({ [stampBrand]: { key, ...options } });
}

/** A list that goes behind the one of the defaults instead of replacing it. */
export function append<T>(items: readonly T[]): Append<T> {
  return Object.freeze({ [appendBrand]: items });
}

function expression(node: ExpressionNode): Expression {
  return Object.freeze({ [expressionBrand]: node });
}

/** The node of an expression, undefined for anything else. */
export function expressionOf(value: unknown): ExpressionNode | undefined {
  return brandOf<ExpressionNode>(value, expressionBrand);
}

/** What stands inside {@link commented}, undefined for anything else. */
export function commentedOf(
  value: unknown,
): { readonly value: unknown; readonly comments: readonly Comment[] } | undefined {
  return brandOf(value, commentedBrand);
}

/** What {@link stamp} was given, undefined for anything else. */
export function stampOf(value: unknown): StampNode | undefined {
  return brandOf<StampNode>(value, stampBrand);
}

/** The items inside {@link append}, undefined for anything else. */
export function appendOf(value: unknown): readonly unknown[] | undefined {
  return brandOf(value, appendBrand);
}

function brandOf<T>(value: unknown, brand: symbol): T | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<symbol, T | undefined>)[brand];
}

/** Reports whether an array is a dictionary written as pairs, `[["10", "a"], ["2", "b"]]`. */
export function isPairs(values: readonly unknown[]): values is readonly (readonly [string, unknown])[] {
  return (
    values.length > 0 && values.every((pair) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string")
  );
}

/** Reports whether JavaScript moves a key to the front of an object (ECMA-262, OrdinaryOwnPropertyKeys: array indices). */
export function isArrayIndex(key: string): boolean {
  return /^(?:0|[1-9][0-9]{0,9})$/.test(key);
}

/** Reports whether a dictionary with these keys has to be written as pairs: {@link Dict} refuses them in an object. */
export function needsPairs(keys: readonly string[]): boolean {
  return keys.some((key) => key === "__proto__" || (key.trim() !== "" && !Number.isNaN(Number(key))));
}
