/** The direction of imports (docs: the layout of src) and who may touch the outside. Type-only imports count too. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");

interface Import {
  readonly from: string;
  /** A path from src, or the name of a package. */
  readonly to: string;
}

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)))
  .sort();

const texts = new Map(files.map((file) => [file, readFileSync(join(src, file), "utf8")]));

const imports: readonly Import[] = files.flatMap((from) =>
  [...(texts.get(from) ?? "").matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, to = ""]) => ({
    from,
    to: to.startsWith(".") ? relative(src, join(src, dirname(from), to)) : to,
  })),
);

/** The imports for which `isWrong` says so, as text. */
function wrong(isWrong: (one: Import) => boolean): readonly string[] {
  return imports.filter(isWrong).map(({ from, to }) => `${from} imports ${to}`);
}

function folder(path: string): string {
  return path.split("/")[0] ?? "";
}

/** `pipeline/merge` of `pipeline/merge/loads.ts`, undefined for `pipeline/index.ts`. */
function step(path: string, of: string): string | undefined {
  const [first, second, third] = path.split("/");
  return first === of && third !== undefined ? second : undefined;
}

test("the reader of imports sees them", () => {
  expect(imports.length).toBeGreaterThan(200);
  expect(imports).toContainEqual({ from: "main.ts", to: "commands/run.ts" });
  expect(imports).toContainEqual({ from: "commands/run.ts", to: "commands/generate.ts" });
});

test("only main.ts and index.ts stand loose, and nobody imports them", () => {
  expect(files.filter((file) => !file.includes("/"))).toEqual(["index.ts", "main.ts"]);
  expect(wrong(({ to }) => to === "main.ts" || to === "index.ts")).toEqual([]);
});

// Each folder with the folders that it may import besides itself. `index.ts` is the public API.
const below: Readonly<Record<string, readonly string[]>> = {
  diagnostics: [],
  starlark: ["diagnostics"],
  bazel: ["diagnostics", "starlark"],
  model: ["diagnostics", "starlark", "bazel"],
  rulesets: ["diagnostics", "starlark", "bazel", "model"],
  outputs: ["diagnostics", "starlark", "bazel", "model", "rulesets"],
  pipeline: ["diagnostics", "starlark", "bazel", "model", "rulesets", "outputs"],
  adopt: ["diagnostics", "starlark", "bazel", "model", "rulesets", "outputs", "pipeline"],
  // What `push` decides stands beside the pipeline: neither knows of the other.
  publish: ["diagnostics", "starlark", "bazel", "model"],
  report: ["diagnostics", "starlark", "bazel", "model", "rulesets", "outputs", "pipeline", "publish"],
  shell: ["diagnostics", "starlark", "bazel", "model", "rulesets", "outputs", "pipeline", "publish"],
  commands: [
    "diagnostics",
    "starlark",
    "bazel",
    "model",
    "rulesets",
    "outputs",
    "pipeline",
    "adopt",
    "publish",
    "report",
    "shell",
  ],
  "index.ts": ["diagnostics", "starlark", "bazel", "model", "rulesets", "outputs", "pipeline"],
  "main.ts": ["diagnostics", "commands", "shell"],
};

test("imports point one way", () => {
  expect([...new Set(files.map(folder))].filter((name) => !(name in below))).toEqual([]);
  const isOwn = (to: string) => /^[a-z]+\//.test(to) && texts.has(to);
  expect(
    wrong(({ from, to }) => isOwn(to) && folder(to) !== folder(from) && !below[folder(from)]?.includes(folder(to))),
  ).toEqual([]);
});

test("steps of the pipeline do not import each other", () => {
  const types = new Set(["pipeline/index.ts"]);
  expect(
    wrong(({ from, to }) => {
      const own = step(from, "pipeline");
      if (own === undefined || !to.startsWith("pipeline/") || types.has(to)) return false;
      return step(to, "pipeline") !== own;
    }),
  ).toEqual([]);
});

test("folders of rulesets do not import their siblings", () => {
  expect(
    wrong(({ from, to }) => {
      const [own, other] = [step(from, "rulesets"), step(to, "rulesets")];
      return own !== undefined && other !== undefined && other !== "facts" && own !== other;
    }),
  ).toEqual([]);
  const generation = (path: string) => /^rulesets\/rules_oci\/(v\d+)\//.exec(path)?.[1];
  expect(
    wrong(({ from, to }) => {
      const [own, other] = [generation(from), generation(to)];
      return own !== undefined && other !== undefined && own !== other;
    }),
  ).toEqual([]);
});

/** Who may touch what; everything else is pure. */
const outside: readonly { readonly what: RegExp; readonly who: RegExp }[] = [
  {
    what: /^node:(?:fs|fs\/promises)$/,
    who: /^(?:shell\/|main\.ts$|commands\/(?:workspace|narrow|import-gather|init)\.ts$)/,
  },
  { what: /^(?:node:(?:child_process|http|https|net|tls|dns|os|vm|worker_threads|crypto)|undici)$/, who: /^shell\// },
  { what: /^(?:esbuild|@bazel\/buildifier|ts-morph|handlebars)$/, who: /^(?:shell|adopt)\// },
  // Given the bytes of its WASM, the parser touches nothing.
  { what: /^web-tree-sitter$/, who: /^(?:shell|starlark\/read)\// },
  { what: /^(?:yargs|yargs\/.*)$/, who: /^commands\/cli\.ts$/ },
];

test("only the shell touches the outside", () => {
  expect(wrong(({ from, to }) => outside.some(({ what, who }) => what.test(to) && !who.test(from)))).toEqual([]);
});

/** Code without comments and the contents of strings, roughly. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "").replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, '""');
}

function using(what: RegExp, who: RegExp): readonly string[] {
  return files.filter((file) => !who.test(file) && what.test(code(texts.get(file) ?? "")));
}

test("clock, environment, console and network stay in the shell", () => {
  expect(using(/\bprocess\./, /^(?:main\.ts$|shell\/)/)).toEqual([]);
  expect(using(/\bconsole\./, /^$/)).toEqual([]);
  expect(using(/\bfetch\(/, /^shell\//)).toEqual([]);
  expect(using(/\bnew Date\(|\bDate\.now\(|\bMath\.random\(|\bperformance\./, /^(?:shell|commands)\//)).toEqual([]);
  expect(using(/\bprocess\.exit\(/, /^$/)).toEqual([]);
});

test("there is no any, no default export, no folder for leftovers", () => {
  expect(using(/: any\b|\bas any\b|<any>/, /^$/)).toEqual([]);
  expect(using(/^export default/m, /^shell\/hbs\.d\.ts$/)).toEqual([]);
  expect(files.filter((file) => /(?:^|\/)(?:utils?|helpers?|common|shared|types)(?:\/|\.ts$)/.test(file))).toEqual([]);
});

test("commands load what is heavy only when they run", () => {
  const heavy = ["esbuild", "ts-morph", "yaml", "undici", "web-tree-sitter"];
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file) || !texts.has(file)) return;
    reached.add(file);
    const text = texts.get(file) ?? "";
    for (const [, to = ""] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from "([^"]+)"/gm)) {
      if (to.startsWith(".")) visit(relative(src, join(src, dirname(file), to)));
      else reached.add(to);
    }
  };
  visit("main.ts");
  expect(heavy.filter((name) => reached.has(name))).toEqual([]);
  visit("commands/check.ts");
  // The parser's JavaScript is small; its WASM is loaded when a file has to be parsed.
  expect(heavy.filter((name) => reached.has(name) && name !== "web-tree-sitter")).toEqual([]);
});
