/**
 * Declarations that need no compiler: literals, and calls of what they import from this package. TypeScript and JavaScript
 * mean the same by such a text, so V8 takes it as it stands; test/properties/literal.test.ts holds it against esbuild.
 */
import { compileFunction } from "node:vm";
import * as library from "../model/library.ts";

/** A declaration of literals alone. */
export interface Literal {
  /** What it imports from this package. */
  readonly names: readonly string[];
  /** The body of a function of these names, which returns what is exported by default. */
  readonly body: string;
}

const functions: Readonly<Record<string, unknown>> = library;

// Comments end where JavaScript says that lines do; one that begins with # or @ may be an order to V8.
const line = /\/\/(?![#@])[^\n\r\u2028\u2029]*/;
const block = /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//;
const double = /"(?:[^"\\\n\r]|\\[^\n\r])*"/;
const single = /'(?:[^'\\\n\r]|\\[^\n\r])*'/;
const template = /`[^`\\$]*`/;
const quiet = new RegExp([line, block, double, single, template].map(({ source }) => source).join("|"), "g");
const lineEnd = /[\n\r\u2028\u2029]/;
const list = /\{\s*((?:[\w$]+\s*,\s*)*(?:[\w$]+\s*)?)\}/;
const opening = new RegExp(
  // With the end of its line a comment can be read in one way only, so that this takes no time.
  `^(?:\\s|${line.source}${lineEnd.source}|${block.source})*import\\s*${list.source}\\s*from\\s*(["'])gen-bazel-images\\2(?=[ \\t]*(?:[;\\r\\n]|//))`,
);
const exporting = /\bexport\s+default\b/;
// `<` is what TypeScript and JavaScript both know, and read differently; `/` and quotes could hide anything from this scan.
const beyond = /[^\s\w${}[\](),:;.=+-]|--|\+\+/;
const word = /[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g;
const keywords = new Set(["const", "export", "default", "true", "false", "null", "undefined"]);

/**
 * Reads a declaration of literals; undefined for any other, and whenever in doubt.
 *
 * - at most one import, of names that this package exports, before everything else
 * - then strings, numbers, brackets and a few signs
 * - every word that is no key is imported, a constant of the file, or one of the keywords above
 *
 * What is left of TypeScript in such a text (annotations, casts with `as`) is no JavaScript, so V8 refuses it.
 */
export function readLiteral(text: string): Literal | undefined {
  const [head = "", inside = ""] = opening.exec(text) ?? [];
  const imported = inside.split(",").flatMap((name) => name.trim() || []);
  const rest = text.slice(head.length);
  // A literal stands for a literal; nothing of the code can be mistaken for it, since quotes that are left are beyond.
  const code = rest.replace(quiet, " 0 ");
  if (beyond.test(code) || text.includes("\ufffd")) return undefined;
  const constants = [...code.matchAll(/\bconst\s+([\w$]+)\s*=/g)].map(([, name = ""]) => name);
  const known = new Set([...keywords, ...imported, ...constants]);
  if (
    imported.some((name) => !Object.hasOwn(functions, name)) ||
    (code.match(word) ?? []).some((one) => !known.has(one)) ||
    // Nothing is assigned, and in a module `await` is no name: esbuild says so even of code that never runs.
    code.split("=").length > constants.length + 1 ||
    constants.includes("await")
  )
    return undefined;
  // A constant, because no comma can follow its value, as none can follow an exported one.
  const body = rest.replace(exporting, "const $exported =");
  return { names: imported, body: `"use strict";${body}\nreturn $exported;` };
}

/** What the declaration exports by default. Throws when it does not parse, or whatever it throws itself. */
export function evaluateLiteral({ names, body }: Literal): unknown {
  const run = compileFunction(body, names) as (...args: unknown[]) => unknown;
  return run(...names.map((name) => functions[name]));
}
