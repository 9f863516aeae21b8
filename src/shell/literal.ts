/**
 * Declarations that need no compiler: literals, and calls of what they import. TypeScript and JavaScript mean the same by
 * such a text, so V8 takes it as it stands; test/properties/literal.test.ts holds it against esbuild.
 */
import { compileFunction } from "node:vm";

/** A declaration of literals alone. */
export interface Literal {
  readonly imports: readonly Import[];
  /** The body of a function that takes what each import gives, `$0` and so on, and returns what is exported by default. */
  readonly body: string;
}

/** An import statement. */
export interface Import {
  /** What it names: this package, or a file by a relative path with its ending. */
  readonly from: string;
  readonly names: readonly string[];
}

// Comments end where JavaScript says that lines do; one that begins with # or @ may be an order to V8.
const line = /\/\/(?![#@])[^\n\r\u2028\u2029]*/;
const block = /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//;
const double = /"(?:[^"\\\n\r]|\\[^\n\r])*"/;
const single = /'(?:[^'\\\n\r]|\\[^\n\r])*'/;
const template = /`(?:[^`\\$]|\$\{[\w$]+\})*`/;
// What opens none of these ends the scan, or every quote in the rest of the text would be looked at to its end.
const other = /(["'`/])[\s\S]*/;
const quiet = new RegExp([line, block, double, single, template, other].map(({ source }) => source).join("|"), "g");
const lineEnd = /[\n\r\u2028\u2029]/;
const list = /\{\s*((?:[\w$]+\s*,\s*)*(?:[\w$]+\s*)?)\}/;
const source = /(["'])(gen-bazel-images|\.\.?\/[^"'\\\n\r]*\.m?[jt]s)\2(?=[ \t]*(?:[;\r\n]|\/\/))[ \t]*;?/;
const importing = new RegExp(
  // With the end of its line a comment can be read in one way only, so that this takes no time.
  `(?:\\s|${line.source}${lineEnd.source}|${block.source})*import\\s*${list.source}\\s*from\\s*${source.source}`,
  "y",
);
const exporting = /\bexport\s+default\b/;
// `<` is what TypeScript and JavaScript both know, and read differently; `/` and quotes could hide anything from this scan.
const beyond = /[^\s\w${}[\](),:;.=+-]|--|\+\+/;
const word = /(?<![\w$])[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g;
const keywords = new Set(["const", "export", "default", "true", "false", "null", "undefined"]);

/**
 * Reads a declaration of literals; undefined for any other, and whenever in doubt.
 *
 * - imports by name, of this package and of files, before everything else
 * - then strings, numbers, brackets and a few signs
 * - every word that is no key is imported, a constant of the file, or one of the keywords above
 *
 * What is left of TypeScript in such a text (annotations, casts with `as`) is no JavaScript, so V8 refuses it.
 */
export function readLiteral(text: string): Literal | undefined {
  const { imports, end } = readImports(text);
  const rest = text.slice(end);
  const code = withoutLiterals(rest);
  if (beyond.test(code) || text.includes("\ufffd")) return undefined;
  const constants = [...code.matchAll(/\bconst\s+([\w$]+)\s*=/g)].map(([, name = ""]) => name);
  const known = new Set([...keywords, ...constants, ...imports.flatMap(({ names }) => names)]);
  const used = new Set(code.match(word));
  if (
    [...used].some((one) => !known.has(one)) ||
    imports.some((one) => !isNeeded(one, used)) ||
    // Nothing is assigned: esbuild says so even of code that never runs.
    code.split("=").length > constants.length + 1 ||
    // `await` is no name in a module; `declare` at the end confuses esbuild; the third is ours.
    /\b(?:await|declare)\b|\$exported/.test(code)
  )
    return undefined;
  // V8 judges the names in a pattern. A constant is exported, because no comma can follow its value, as none can follow an
  // exported one; another one ends the text, because no label can stand before it.
  const opened = imports.map(({ names }, index) => `const{${names.join(",")}}=$${index};`).join("");
  const body = rest.replace(exporting, "const $exported =");
  return { imports, body: `"use strict";${opened}${body}\nconst $returned = $exported;\nreturn $returned;` };
}

/** Reports whether an import loads its file also when it is compiled: of a name without a use, nobody knows that it is no type. */
function isNeeded({ from, names }: Import, used: ReadonlySet<string>): boolean {
  return isPackage(from) || (names.length > 0 && names.every((name) => used.has(name)));
}

/** Reports whether an import names this package, and no file. */
export function isPackage(from: string): boolean {
  return !from.startsWith(".");
}

function readImports(text: string): { readonly imports: readonly Import[]; readonly end: number } {
  const imports: Import[] = [];
  let end = 0;
  for (;;) {
    importing.lastIndex = end;
    const [all, list = "", , from = ""] = importing.exec(text) ?? [];
    if (all === undefined) return { imports, end };
    imports.push({ from, names: list.split(",").flatMap((name) => name.trim() || []) });
    end += all.length;
  }
}

/** The code with a literal for each string, of templates also the names in them; a quote that opens none is left. */
function withoutLiterals(code: string): string {
  if (!code.includes("${")) return code.replace(quiet, " 0 $1");
  return code.replace(quiet, (found, rest: string | undefined) => {
    const values = found.startsWith("`") ? found.matchAll(/\$\{([^}]*)\}/g) : [];
    return ` 0 ${rest ?? ""}${[...values].map(([, name]) => name).join(" ")} `;
  });
}

/**
 * What the declaration exports by default, where `load` gives what a file or this package exports. Throws when the text
 * does not parse, when a name is not exported or has another value at the end, or whatever it throws itself.
 */
export function evaluateLiteral(
  { imports, body }: Literal,
  load: (from: string) => Readonly<Record<string, unknown>>,
): unknown {
  const modules = imports.map(({ from }) => load(from));
  const values = imports.map(({ names }, index) => {
    const module = modules[index] ?? {};
    const isExported = (name: string) => Object.prototype.propertyIsEnumerable.call(module, name);
    if (!names.every(isExported)) throw new SyntaxError("a name is not exported");
    return Object.fromEntries(names.map((name) => [name, module[name]]));
  });
  const run = compileFunction(
    body,
    imports.map((_, index) => `$${index}`),
  ) as (...args: unknown[]) => unknown;
  const exported = run(...values);
  // A module sees what becomes of the variables that it imports; here each has one value.
  const isSame = imports.every(({ names }, index) =>
    names.every((name) => Object.is(values[index]?.[name], modules[index]?.[name])),
  );
  if (!isSame) throw new TypeError("an imported variable changed");
  return exported;
}
