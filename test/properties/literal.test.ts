/** A declaration that is taken as it stands means what esbuild makes of it. */
import { buildSync } from "esbuild";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as library from "../../src/model/library.ts";
import { evaluateLiteral, readLiteral } from "../../src/shell/literal.ts";

const helper = { ...library, service: (one: unknown) => ({ one }), this: 1, count: 0, next: () => ++helper.count };

function load(from: string): Readonly<Record<string, unknown>> {
  if (from === "gen-bazel-images") return library;
  if (from === "./helper.ts" || from === "../up/helper.mjs") return helper;
  throw new Error(from);
}

/** What a text exports according to esbuild; undefined when it does not compile or throws. */
function compiled(text: string): { readonly value: unknown } | undefined {
  const module: { exports: { default?: unknown } } = { exports: {} };
  try {
    const result = buildSync({
      stdin: { contents: text, loader: "ts" },
      external: ["*"],
      bundle: true,
      write: false,
      format: "cjs",
      platform: "node",
      target: "node20",
      logLevel: "silent",
    });
    new Function("module", "exports", "require", result.outputFiles[0]?.text ?? "")(module, module.exports, load);
  } catch {
    return undefined;
  }
  return { value: module.exports.default };
}

/** What a text exports when it is taken as it stands; undefined when it is not. */
function taken(text: string): { readonly value: unknown } | undefined {
  const literal = readLiteral(text);
  try {
    return literal && { value: evaluateLiteral(literal, load) };
  } catch {
    return undefined;
  }
}

/** The text behind the imports that it needs. */
function withImports(text: string): string {
  const ours = 'import { defineService, glob, select, stamp } from "gen-bazel-images";\n';
  return `${ours}${/\bservice\(/.test(text) ? 'import { service } from "./helper.ts";\n' : ""}${text}`;
}

const string = fc
  .array(
    fc.constantFrom(
      "a",
      "β",
      "//",
      "/*",
      "*/",
      "\\n",
      "\\u0041",
      "\\x41",
      "'",
      '\\"',
      "\x24{a}",
      "`",
      "export default",
      "\\\\",
      "#",
      "<b>",
      "=>",
      "\t",
      "\u2028",
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(""));
const quoted = fc.oneof(
  string.map((text) => `"${text}"`),
  string.map((text) => `'${text.replaceAll("'", '"').replaceAll('\\"', "")}'`),
  string.map((text) => `\`${text.replaceAll(/[`$\\]/g, "\n")}\``),
);
const gap = fc.constantFrom("", " ", "\n", "\r\n", " /* a = b */ ", " // it's <T>\n", "\u00a0");
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    quoted,
    fc.constantFrom(
      "`a\x24{one}`",
      "0",
      "12",
      "-3",
      "1e3",
      "true",
      "false",
      "null",
      "undefined",
      "one",
      "...two",
      '"a" + "b"',
      "- -1",
    ),
    fc
      .array(fc.tuple(gap, tie("value")), { maxLength: 3 })
      .map((items) => `[${items.map(([a, b]) => a + b).join(",")}]`),
    fc
      .array(fc.tuple(fc.constantFrom("a", '"b c"', "default", "type", "[one]", "__proto__"), gap, tie("value")), {
        maxLength: 3,
      })
      .map((entries) => `{${entries.map(([key, space, one]) => `${space}${key}:${space}${one}`).join(",")}}`),
    fc
      .tuple(fc.constantFrom("defineService", "glob", "select", "service", "one"), tie("value"))
      .map(([name, one]) => `${name}(${one})`),
  ),
}));
const module = fc
  .tuple(value, gap, value, gap, fc.constantFrom("", ";", ";\n", "\n", "// end"))
  .map(([one, a, exported, b, end]) =>
    withImports(`${a}const one = ${one};${b}const two = [one];\nexport default ${exported}${end}`),
  );

test("on random declarations of literals, of which most are taken", () => {
  let all = 0;
  let some = 0;
  fc.assert(
    fc.property(module, (text) => {
      const found = taken(text);
      all++;
      if (!found) return;
      some++;
      expect(found).toStrictEqual(compiled(text));
    }),
    { numRuns: 600 },
  );
  expect(some / all).toBeGreaterThan(0.3);
});

const tokens = [
  ..."()[]{},:;.=+-<>!?/\\\"'`&|*@#$~",
  ..."\n\r\u2028\ufeff\ufffd\u0000",
  ...[
    "...",
    "..",
    "++",
    "--",
    "=>",
    "${",
    "//",
    "/*",
    "*/",
    "<!--",
    "-->",
    "//#",
    "\\1",
    "0755",
    "0x1f",
    "1_0",
    "1n",
    "1.5",
    ".5",
  ],
  ...[
    "as",
    "as const",
    "satisfies",
    "const",
    "let",
    "type",
    "interface",
    "enum",
    "export",
    "default",
    "export default",
    "import",
  ],
  ...[
    "async",
    "await",
    "yield",
    "function",
    "class",
    "get",
    "set",
    "new",
    "this",
    "arguments",
    "eval",
    "undefined",
    "namespace",
  ],
  ...[
    "one",
    "two",
    "glob",
    "other",
    "a: 1",
    "const one = 1;",
    "export default 1;",
    "const await = 1;",
    ": string",
    "<string>",
    "return",
    "const yield = 1;",
    "const let = 1;",
    "const static = 1;",
    "glob<one>(two)",
    '/"/, other, /"/',
    "0.5",
    "one.two",
    "[one] = two;",
    "{ export default 1 }",
  ],
  ...[
    'import { glob } from "gen-bazel-images";',
    '"a"',
    "'b'",
    "`c`",
    "`\x24{one}`",
    "{}",
    "[]",
    "label: {}",
    "$exported",
    "exports",
  ],
];

test("on declarations into which anything was put, or from which something was taken", () => {
  const edit = fc.tuple(fc.nat(), fc.constantFrom(...tokens), fc.nat(3));
  let some = 0;
  fc.assert(
    fc.property(module, fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
      let changed = text;
      for (const [at, token, cut] of edits) {
        // At the border of a word, or anywhere.
        const borders = [...changed.matchAll(/\b|$/g)].map(({ index }) => index);
        const position = at % 2 ? (borders[at % borders.length] ?? 0) : at % (changed.length + 1);
        changed = changed.slice(0, position) + (cut ? token : "") + changed.slice(position + (cut > 1 ? 0 : 1 + cut));
      }
      const found = taken(changed);
      if (!found) return;
      some++;
      expect(found).toStrictEqual(compiled(changed));
    }),
    { numRuns: 6_000 },
  );
  expect(some).toBeGreaterThan(200);
});

const imports = 'import { glob } from "gen-bazel-images"';

test.each([
  ["a type", "export default glob<string>([]);"],
  ["a cast", "export default {} as object;"],
  ["a constant with a type", 'const one: string = "a"; export default one;'],
  ["a comma behind the value", "export default 1, 2;"],
  ["a word that a module may not use", "const await = 1; export default await;"],
  ["an octal number", "export default 0755;"],
  ["an octal escape", 'export default "\\1";'],
  ["a template with an expression", "const one = 1; export default `\x24{one + one}`;"],
  ["a template with a name of nowhere", "export default `\x24{process}`;"],
  ["a dollar in a template", "export default `\x24`;"],
  ["an order in a comment", "//# sourceURL=x\nexport default 1;"],
  ["two exports", "export default 1; export default 2;"],
  ["an export that is not the default", "export const one = 1; export default one;"],
  ["a function", "export default () => 1;"],
  ["a method", "export default [].toString();"],
  ["a comparison that is a type", "const one = 1; const two = 2; export default glob<one>(two);"],
  ["a constant that is counted up", "const one = 1; export default { glob() { one++; } };"],
  ["a constant that changes", "const one = 1; export default { glob() { one = 2; } };"],
  ["a quote in quotes", 'export default ["\\"", process, "\\""];'],
  ["an expression that hides the rest", 'export default [/"/, process, /"/];'],
  ["a name of nowhere", "export default process;"],
  ["an import that is also a constant", "const glob = 1; export default glob;"],
  ["an import twice", `${imports}; export default 1;`],
])("%s is the compiler's", (_, text) => {
  expect(taken(`${imports};\n${text}`)).toBeUndefined();
});

test.each([
  ["a type among the imports", 'import { service, type One } from "./helper.ts"; export default service([]);'],
  ["a file by no ending", 'import { service } from "./helper"; export default service([]);'],
  ["a file from the top", 'import { service } from "/helper.ts"; export default service([]);'],
  ["a default that is imported", 'import service from "./helper.ts"; export default service([]);'],
  ["all that is exported", 'import * as all from "./helper.ts"; export default all;'],
  ["an import that only runs", 'import "./helper.ts"; export default 1;'],
  ["a file of which nothing is used", 'import { service } from "./helper.ts"; export default 1;'],
  ["a file of which nothing is imported", 'import {} from "./helper.ts"; export default 1;'],
  ["a name that no variable may have", 'import { this } from "./helper.ts"; export default [this];'],
  ["a variable that changes", 'import { count, next } from "./helper.ts"; export default [next(), count];'],
  ["a label at the end", "export default 1;\na:"],
  ["a label that is no name", "await: 1; export default 2;"],
  ["what esbuild reads on from", "const declare = 1; export default 2; declare"],
  ["our own name", "const $exported = 1;"],
  ["our own name, and an export in a block", "const $exported = 1; { export default 2 }"],
  ["something behind the import", `${imports} + 1; export default 1;`],
  ["something in front of the import", `// \u2028 one();\n${imports}; export default 1;`],
  ["another package", 'import { glob } from "glob"; export default glob([]);'],
  ["a name that we do not export", 'import { globs } from "gen-bazel-images"; export default 1;'],
  ["an import under another name", 'import { glob as g } from "gen-bazel-images"; export default g([]);'],
  ["bytes that are no UTF-8", 'export default "\ufffd";'],
])("%s is the compiler's", (_, text) => {
  expect(taken(text)).toBeUndefined();
});

test.each([
  ["nothing imported", "export default { a: 1 };", { a: 1 }],
  [
    "two imports",
    `${imports} // ours\nimport { service } from './helper.ts'\n/* ** */ import {append} from "../up/helper.mjs";export default service([append, "a"])`,
    { one: [library.append, "a"] },
  ],
  ["a template with a value", "const one = 'a';\nexport default [`b\x24{one}\x24{one}`];", ["baa"]],
  ["comments first", '// it\'s ours\n/* ** */\nimport { glob } from "gen-bazel-images"\nexport default [1]', [1]],
  ["a line end that only JavaScript knows", "// \u2028 export default 1;", 1],
  ["constants, spread", "const one = { a: [-1] };\nexport default { ...one, b: 'b' + \"c\" };", { a: [-1], b: "bc" }],
  ["a key like a keyword", "export default { default: 1, type: 2, async: 3 };", { default: 1, type: 2, async: 3 }],
])("%s is taken", (_, text, value) => {
  expect(taken(text)).toEqual({ value });
});

test.each([
  ["a bar of slashes", "/".repeat(100_000)],
  ["comments", "/* */ ".repeat(20_000)],
  ["comments that are not closed", "/* ".repeat(30_000)],
  ["a string that is not closed", `export default "${'\\"'.repeat(30_000)}`],
  ["a long key", `export default {${"k".repeat(30_000)}: 1}`],
  ["quotes in a template that is not taken", `export default \`\\\`${'{"a": 1} '.repeat(10_000)}\``],
  ["a long list", `export default [${'"a", '.repeat(100_000)}];`],
])("%s take no time", (_, text) => {
  const started = performance.now();
  readLiteral(text);
  expect(performance.now() - started).toBeLessThan(500);
});
