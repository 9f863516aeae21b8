/** Declarations of literals and those that are compiled, beside each other: they share what they import. */
import { existsSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noCache, openCache } from "../src/shell/cache.ts";
import { evaluateFiles, importsOf } from "../src/shell/declarations.ts";
import { type Tree, workspaces } from "./support/run.ts";

const place = workspaces();

/** What the files export, in their order, and what is said of those that do not. */
async function evaluate(tree: Tree, files = Object.keys(tree).filter((path) => path.endsWith(".image.ts"))) {
  const { root } = place(tree);
  const { files: evaluated, diagnostics } = await evaluateFiles({ root, files, cache: noCache, name: "declarations" });
  return {
    exported: evaluated.map(({ exported }) => exported),
    messages: diagnostics.map(({ args }) => String(Object.values(args).at(-1))),
  };
}

/** Runs that remember: each gives what `a.image.ts` exports. */
function remembering(root: string): () => Promise<unknown> {
  const cache = openCache(root, { GEN_BAZEL_IMAGES_CACHE: join(root, "cache") });
  return async () => {
    const { files } = await evaluateFiles({ root, files: ["a.image.ts"], cache, name: "declarations" });
    return files[0]?.exported;
  };
}

const counter = "let n = 0;\nexport const next = () => ++n;\nexport type Text = string;\n";

describe("what declarations share", () => {
  it("is evaluated once, whoever is compiled", async () => {
    const { exported } = await evaluate({
      "h.ts": counter,
      "a.image.ts": 'import { next } from "./h.ts";\nexport default [next()];\n',
      "b.image.ts": 'import { next } from "./h.ts";\nexport default [next() as number];\n',
      "c.image.ts": 'import { next } from "./h.ts";\nexport default [next()];\n',
    });
    expect(exported).toEqual([[1], [2], [3]]);
  });

  it("is as in a run that compiles, when a literal turns out to be none", async () => {
    const { exported, messages } = await evaluate({
      "h.ts": counter,
      "a.image.ts": 'import { next } from "./h.ts";\nexport default [next()];\n',
      "b.image.ts":
        'import { next, Text } from "./h.ts";\nexport default { next() {}, [next()]: 1, Text: [{ Text() {} }] };\n',
      "c.image.ts": 'import { next } from "./h.ts";\nexport default [next()];\n',
    });
    expect(messages).toEqual([]);
    expect(exported).toMatchObject([[1], { 2: 1 }, [3]]);
  });

  it("may refuse: it is asked once", async () => {
    const { messages } = await evaluate({
      "h.ts": `const seen = new Set<string>();
export function once(name: string): string {
  if (seen.has(name)) throw new Error(\`twice: \${name}\`);
  seen.add(name);
  return name;
}
`,
      "a.image.ts": 'import { once } from "./h.ts";\nexport default once("x");\n',
      "b.image.ts": 'import { once } from "./h.ts";\nexport default once("x");\n',
    });
    expect(messages).toEqual([expect.stringContaining("twice: x")]);
  });

  it("may be a literal", async () => {
    const { exported } = await evaluate({
      "h.ts": counter,
      "a.image.ts": 'import { next } from "./h.ts";\nexport default { number: next() };\n',
      "b.image.ts": 'import a from "./a.image.ts";\nexport default [a].map((one) => one);\n',
    });
    expect(exported).toEqual([{ number: 1 }, [{ number: 1 }]]);
    expect((exported[1] as unknown[])[0]).toBe(exported[0]);
  });

  it("may be imported in a circle", async () => {
    const { exported } = await evaluate({
      "h.ts": 'import a from "./a.image.ts";\nexport const other = String(a);\n',
      "a.image.ts": 'import { other } from "./h.ts";\nexport default [other];\n',
    });
    expect(exported).toEqual([["undefined"]]);
  });

  it("is not looked at when nothing of it is used", async () => {
    const { exported, messages } = await evaluate({
      "h.ts": "export const broken = ;\n",
      "a.image.ts": 'import { broken } from "./h.ts";\nexport default 1;\n',
    });
    expect({ exported, messages }).toEqual({ exported: [1], messages: [] });
  });
});

describe("what is wrong", () => {
  it("is told of literals and others at once", async () => {
    const { messages } = await evaluate({
      "a.image.ts": "export default [1 2];\n",
      "b.image.ts": "export default [1 as];\n",
      "c.image.ts": "export default 3;\n",
    });
    expect(messages).toHaveLength(2);
  });

  it("with what a helper exports is told at the import", async () => {
    const { messages } = await evaluate({
      "h.ts": "export const one = 1;\n",
      "a.image.ts": 'import { two } from "./h.ts";\nexport default [two];\n',
    });
    expect(messages).toEqual([expect.stringContaining('No matching export in "h.ts" for import "two"')]);
  });
});

describe("what a file imports", () => {
  it("counts, literals among those that import and are imported", async () => {
    const tree = {
      "h.ts": 'import { one } from "./one.ts";\nexport const two = one;\n',
      "one.ts": "export const one = 1;\n",
      "a.image.ts": 'import { two } from "./h.ts";\nexport default [two];\n',
      "b.image.ts": 'import a from "./a.image.ts";\nexport default a;\n',
      "c.image.ts": "export default 1;\n",
    };
    const files = ["a.image.ts", "b.image.ts", "c.image.ts"];
    const found = await importsOf({ root: place(tree).root, files, cache: noCache, name: "declarations" });
    expect(Object.fromEntries([...(found ?? [])].map(([file, inputs]) => [file, [...inputs].sort()]))).toEqual({
      "a.image.ts": ["a.image.ts", "h.ts", "one.ts"],
      "b.image.ts": ["a.image.ts", "b.image.ts", "h.ts", "one.ts"],
      "c.image.ts": ["c.image.ts"],
    });
  });

  it("through a linked folder is never remembered", async () => {
    const { root } = place({
      "one/h.ts": "export const n = 1;\n",
      "two/h.ts": "export const n = 2;\n",
      "a.image.ts": 'import { n } from "./link/h.ts";\nexport default [n];\n',
    });
    const run = remembering(root);
    symlinkSync("one", join(root, "link"));
    for (let turn = 0; turn < 3; turn++) expect(await run()).toEqual([1]);
    rmSync(join(root, "link"));
    symlinkSync("two", join(root, "link"));
    expect(await run()).toEqual([2]);
  });

  it("and is there by another name is found by the compiler", async () => {
    const { root } = place({
      "h.ts": "export const n = 1;\n",
      "a.image.ts": 'import { n } from "./h.js";\nexport default [n];\n',
    });
    const run = remembering(root);
    for (let turn = 0; turn < 3; turn++) expect(await run()).toEqual([1]);
    expect(existsSync(join(root, "cache/declarations"))).toBe(true);
    renameSync(join(root, "h.ts"), join(root, "h.js"));
    expect(await run()).toEqual([1]);
  });
});
