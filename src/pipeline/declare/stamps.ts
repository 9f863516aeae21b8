import type { PropertyPath } from "../../diagnostics/index.ts";
import {
  commented,
  commentedOf,
  type Field,
  isPairs,
  type StampedItem,
  type StampNode,
  type StampText,
  stampedText,
  stampOf,
} from "../../model/index.ts";
import { lowerItem } from "./lower.ts";
import { isObject, type Reporter } from "./report.ts";

/** The properties that may hold stamps: what the rulesets take as a file. */
const stampable: ReadonlySet<string> = new Set(["remoteTags", "labels", "annotations", "created"]);

/** Reports whether a property may hold stamps. */
export function isStampable(key: string): boolean {
  return stampable.has(key);
}

/**
 * Lowers a value in which stamps may stand: the value itself, an item of a list or the value of a dictionary's key. What
 * comes out has the text of an unstamped build in their place. A stamp anywhere deeper is left to {@link lowerItem}, which
 * reports it.
 */
export function lowerStamped(
  declared: unknown,
  path: PropertyPath,
  reporter: Reporter,
): Pick<Field, "value" | "stamped" | "comments"> {
  const stamped: StampedItem[] = [];
  const replace = (value: unknown, index: number, at: PropertyPath): unknown => {
    const wrapped = commentedOf(value);
    const node = stampOf(wrapped ? wrapped.value : value);
    if (!node) return value;
    const stamp = declareStamp(node, at, reporter);
    stamped.push({ ...stamp, index, path: at });
    return rewrapped(stampedText(stamp, stamp.fallback), wrapped);
  };
  const outer = commentedOf(declared);
  const inner = replaceIn(outer ? outer.value : declared, path, replace);
  const lowered = lowerItem(rewrapped(inner, outer), path, reporter);
  return stamped.length === 0 ? lowered : { ...lowered, stamped };
}

function replaceIn(
  value: unknown,
  path: PropertyPath,
  replace: (value: unknown, index: number, at: PropertyPath) => unknown,
): unknown {
  if (Array.isArray(value) && isPairs(value))
    return value.map(([key, entry], index) => [key, replace(entry, index, [...path, index, 1])]);
  if (Array.isArray(value)) return value.map((item, index) => replace(item, index, [...path, index]));
  if (isObject(value)) {
    const entries = Object.entries(value).map(
      ([key, entry], index) => [key, replace(entry, index, [...path, key])] as const,
    );
    // The prototype stays, so that lowering still sees what is no plain object.
    return Object.setPrototypeOf(Object.fromEntries(entries), Object.getPrototypeOf(value));
  }
  return replace(value, 0, path);
}

function rewrapped(value: unknown, wrapped: ReturnType<typeof commentedOf>): unknown {
  if (!wrapped) return value;
  return wrapped.comments.reduceRight<unknown>((inner, { text, place }) => commented(inner, text, { place }), value);
}

/** Reports whether a text names a key of the workspace status. */
export function isStampKey(key: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key);
}

function declareStamp(node: StampNode, path: PropertyPath, reporter: Reporter): StampText {
  const { key, fallback, prefix = "", suffix = "" } = node;
  const shown = JSON.stringify(key) ?? String(key);
  if (typeof key !== "string" || !isStampKey(key)) reporter.report("stamp-key-invalid", { key: shown }, path);
  const problem = problemOf(fallback, prefix, suffix);
  if (problem !== undefined) reporter.report("stamp-fallback-invalid", { key: shown, problem }, path);
  return { key: textOf(key), fallback: textOf(fallback), prefix: textOf(prefix), suffix: textOf(suffix) };
}

function problemOf(fallback: unknown, prefix: unknown, suffix: unknown): string | undefined {
  if (typeof fallback !== "string" || fallback === "") return "no fallback";
  // What expand_template makes of `$` differs between versions of bazel-lib.
  if (/[$\r\n]/.test(fallback)) return "a fallback with `$` or a line break";
  const isText = (text: unknown) => typeof text === "string" && !/[\r\n]/.test(text);
  return isText(prefix) && isText(suffix) ? undefined : "a prefix or suffix that is no text in one line";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
