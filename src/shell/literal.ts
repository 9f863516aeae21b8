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
  /** The text behind the import, which assigns to `exports` instead of exporting. */
  readonly body: string;
}

const functions: Readonly<Record<string, unknown>> = library;

// Comments end where JavaScript says that lines do; one that begins with # or @ may be an order to V8.
const comment = /\/\/(?![#@])[^\n\r\u2028\u2029]*|\/\*(?:[^*]|\*(?!\/))*\*\//;
// An octal escape means something else, or nothing, in a module.
const double = /"(?:[^"\\\n\r]|\\[^\d\n\r])*"/;
const single = /'(?:[^'\\\n\r]|\\[^\d\n\r])*'/;
const template = /`[^`\\$]*`/;
const quiet = new RegExp([comment, double, single, template].map(({ source }) => source).join("|"), "g");
const opening = new RegExp(
  `^(?:\\s|${comment.source})*import\\s*\\{([\\w$,\\s]*)\\}\\s*from\\s*(["'])gen-bazel-images\\2`,
);
const exporting = /\bexport\s+default\b/;
const words = /[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g;
const keywords = new Set(["const", "export", "default", "true", "false", "null", "undefined"]);

/**
 * Reads a declaration of literals; undefined for any other, and whenever in doubt.
 *
 * - at most one import, of names that this package exports, before everything else
 * - then constants and one default export, out of strings, numbers, brackets, `:`, `,`, `...`, `+` and `-`
 * - every word that is no key is imported, or a constant of the file, or `true`, `false`, `null`, `undefined`
 *
 * Types, casts, arrows, operators that TypeScript uses otherwise, and anything that V8 and esbuild may read differently
 * (octal numbers and escapes, templates with values) are beyond that. Whether it parses, V8 says when it is evaluated.
 */
export function readLiteral(text: string): Literal | undefined {
  const [head = "", list = ""] = opening.exec(text) ?? [];
  const names = list.split(",").flatMap((name) => name.trim() || []);
  const rest = text.slice(head.length);
  const code = rest.replace(quiet, " 0 ");
  if (/[^\s\w${}[\](),:;.=+-]|\b0\w|--|\+\+|(?<!\.)\.{1,2}(?!\.)|\.{4}/.test(code) || text.includes("\ufffd"))
    return undefined;
  const constants = [...code.matchAll(/\bconst\s+([\w$]+)\s*=/g)].map(([, name = ""]) => name);
  const known = new Set([...names, ...constants]);
  const used = code.match(words) ?? [];
  const count = (word: string) => used.filter((one) => one === word).length;
  if (
    names.some((name) => !Object.hasOwn(functions, name)) ||
    used.some((word) => !keywords.has(word) && !known.has(word)) ||
    code.split("=").length - 1 !== constants.length ||
    count("const") !== constants.length ||
    count("export") !== 1 ||
    count("default") !== 1 ||
    !exporting.test(code)
  )
    return undefined;
  return { names, body: rest.replace(exporting, "exports.default =") };
}

/** What the declaration exports by default. Throws when it does not parse, or whatever it throws itself. */
export function evaluateLiteral({ names, body }: Literal): unknown {
  const exports: { default?: unknown } = {};
  const run = compileFunction(body, ["exports", ...names]) as (...args: unknown[]) => void;
  run(exports, ...names.map((name) => functions[name]));
  return exports.default;
}
