/** Every shape of the corpus: import, then everything that should be as it was, is. The comparison is text by text, not ours. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBuildifier } from "../../src/shell/buildifier.ts";
import { type Ran, type Tree, type Workspace, workspace } from "../support/run.ts";
import { buildOf, repositories } from "./corpus.ts";

/** What stays hand-written, by shape: the code and what it is about. Everything else moves into the region. */
const stays: Readonly<Record<string, readonly string[]>> = {
  comments_on_attributes: ["import-test-config image_test"],
  comprehension_rules: ["import-nested a pkg_tar", "import-nested an oci_push"],
  computed_names: ["import-name a pkg_tar"],
  config_that_loses: [
    "import-test-config image_test",
    "import-test-config anchors_test",
    "import-test-config unknown_test",
  ],
  config_under_another_name: ["import-test-config image_test"],
  config_with_comments: ["import-test-config image_test"],
  from_the_ruleset: ["import-load image"],
  glob_catches_all: ["import-glob this glob"],
  indexes: ["import-kind index"],
  kwargs: ["import-spread tar_svc", "import-spread other_image"],
  names_that_change: ["import-changed-below tar_one", "import-changed-below tar_files"],
  refused_values: ["import-refused host_test", "import-refused candidate_push"],
  statements_on_one_line: ["import-line-shared image", "import-line-shared other_image"],
  tar_driver: ["import-test-config run_test"],
};

/** Rules of one package that are not as they were, because of what a person would call the same. */
const differences: Readonly<Record<string, (text: string) => string>> = {
  grouping_brackets: (text) =>
    text.replace('(["main.go"] + EXTRA)', '["main.go"] + EXTRA').replace('("@wolfi_base")', '"@wolfi_base"'),
  // The values are compared by Bazel, in test/system/import.test.ts.
  odd_strings: (text) =>
    text
      .replace(`'say "hello"'`, '"say \\"hello\\""')
      .replace('r"raw\\d+"', '"raw\\\\d+"')
      .replace('"""three\nlines\n"""', '"three\\nlines\\n"'),
  quotes_in_expressions: (text) => text.replace("'x\"'", '"x\\""'),
  positional_names: (text) => text.replace(/\(\n {4}"/g, '(\n    name = "'),
  own_macros_again: (text) => text.replace(/\(\n {4}"/g, '(\n    name = "'),
  aliased_loads: (text) => text.replace("image_rule(", "oci_image(").replace("tarball(", "oci_tarball("),
};

/** The rules of formatted BUILD text without comments, as a set: one text a call at the start of a line. */
function rulesOf(text: string): readonly string[] {
  const plain = text
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .map((line) => line.replace(/ {2}# .*$/, ""))
    .join("\n");
  return [...plain.matchAll(/^(?!load\()[a-z_]+\((?:[^\n]*\)|[\s\S]*?\n\))$/gm)]
    .map(([rule]) => layoutAside(rule))
    .sort();
}

function layoutAside(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/,? ?([)\]}])/g, "$1")
    .replace(/([([{]) /g, "$1");
}

/** The comments of a BUILD text, without the borders. */
function commentsOf(text: string): readonly string[] {
  const code = text.replace(/"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
  const all = [...code.matchAll(/#([^\n\r]*)/g)].map(([, comment = ""]) => comment.trim());
  return all.filter((comment) => !/^(?:BEGIN|END) gen-bazel-images$|^Source: .*\.image\.ts/.test(comment)).sort();
}

/** One by one: of a batch, buildifier puts all loads in front. */
function format(texts: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    texts.map(async (text) => {
      const [answer] = await runBuildifier([{ file: "BUILD", type: "build", text }], { root: import.meta.dirname });
      return answer && "text" in answer ? answer.text : `does not parse: ${answer?.problem}`;
    }),
  );
}

interface Report {
  readonly packages: readonly { readonly package: string; readonly attributes: { all: number; text: number } }[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly file?: string }[];
}

let total = { all: 0, text: 0 };

describe.each(repositories)("$name", ({ shapes, files }) => {
  let place: Workspace;
  let imported: Ran;
  let report: Report;
  let before: ReadonlyMap<string, string>;
  let after: ReadonlyMap<string, string>;

  beforeAll(async () => {
    place = workspace(files);
    imported = await place.run(["import", "--format", "json"]);
    report = JSON.parse(imported.out);
    const read = async (tree: Tree) => {
      const texts = await format(shapes.map((shape) => tree[buildOf(shape)] ?? ""));
      return new Map(shapes.map((shape, index) => [shape, texts[index] ?? ""]));
    };
    [before, after] = [await read(files), await read(imported.tree)];
  });
  afterAll(() => place.remove());

  it("ends well", () => {
    expect(imported.err).toBe("");
    expect(imported.code).toBe(0);
  });

  it.each(shapes)("%s: the rules are as they were", (shape) => {
    const normal = differences[shape] ?? ((text: string) => text);
    const was = rulesOf(normal(before.get(shape) ?? ""));
    expect(was.length).toBeGreaterThan(0);
    expect(rulesOf(after.get(shape) ?? "")).toEqual(was);
  });

  it.each(shapes)("%s: every comment is there", (shape) => {
    expect(commentsOf(imported.tree[buildOf(shape)] ?? "")).toEqual(commentsOf(files[buildOf(shape)] ?? ""));
  });

  it.each(shapes)("%s: the report says exactly what stayed", (shape) => {
    const said = report.diagnostics
      .filter(({ file }) => file !== undefined && dirname(file) === `corpus/${shape}`)
      .map(({ code, message }) => {
        const [, what = ""] = /(?:container_structure_test|[a-z_]+) "([^"]+)"/.exec(message) ?? [];
        return `${code} ${what || message.split(" ").slice(0, 2).join(" ")}`;
      });
    expect([...said].sort()).toEqual([...(stays[shape] ?? [])].sort());
  });

  it("a second import has nothing to do", async () => {
    const again = await place.run(["import"]);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/^nothing to import/);
    expect(again.tree).toEqual(imported.tree);
  });

  it("check is clean", async () => {
    const checked = await place.run(["check"]);
    expect(checked.err.replaceAll(/^.*attribute-unknown-swapped.*\n(?: .*\n)*/gm, "")).toBe("");
    expect(checked.code).toBe(0);
  });

  it("the declarations compile, and the compiler really looks", () => {
    expect(compile(imported.tree)).toBe("");
    const seed =
      Object.keys(imported.tree).find(
        (path) => path.endsWith("/seed.image.ts") || path.endsWith("/own_macros.image.ts"),
      ) ?? "";
    const wrong = { ...imported.tree, [seed]: imported.tree[seed]?.replace("base:", "bass:") ?? "" };
    expect(compile(wrong)).toContain("'bass'");
  });

  it("attributes are typed, by and large", () => {
    const sum = (key: "all" | "text") => report.packages.reduce((all, { attributes }) => all + attributes[key], 0);
    total = { all: total.all + sum("all"), text: total.text + sum("text") };
    console.info(`typed attributes so far: ${total.all - total.text} of ${total.all}`);
    // The corpus is made of awkward shapes; more than one in ten would say that the model lacks something.
    expect(sum("text") / sum("all")).toBeLessThan(0.1);
  });
});

it("no literal stands in a template", async () => {
  for (const { files } of repositories) {
    const place = workspace(files);
    const { tree } = await place.run(["import"]);
    place.remove();
    const sources = Object.entries(tree).filter(([path]) => path.endsWith(".image.ts"));
    for (const [, text] of sources)
      for (const [, template = ""] of text.matchAll(/starlark`([^`]*)`/g))
        expect(template.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "")).not.toMatch(/["']/);
  }
});

/** What the compiler says against the declarations of a tree. */
function compile(tree: Tree): string {
  const folder = mkdtempSync(join(import.meta.dirname, "compiled-"));
  try {
    const sources = Object.entries(tree).filter(([path]) => path.endsWith(".ts"));
    for (const [path, text] of sources) writeFileSync(join(folder, path.replaceAll("/", "__")), text);
    const paths = { "gen-bazel-images": [join(import.meta.dirname, "../../src/index.ts")] };
    const config = { extends: "../../types/tsconfig.json", compilerOptions: { paths }, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    return spawnSync(process.execPath, [tsc, "--noEmit", "-p", folder], { encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
