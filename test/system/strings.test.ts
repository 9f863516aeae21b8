/** Any well-formed JavaScript string comes out of a real Bazel as it went into a declaration. */
import { realpathSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Workspace as Monorepo, workspace as monorepo, type Ran } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";
import { type BazelTarget, judge, shutdown, type Verdict } from "./bazel.ts";
import { writeStubs } from "./stubs/index.ts";
import { renderWorkspace } from "./stubs/workspace.ts";

const versions = { oci: "2.3.2", pkg: "1.2.0", cst: "1.22.0" };

/** Strings that somebody has a name for. */
const named = [
  "",
  " ",
  "\r",
  "\r\n",
  "a\rb",
  "\n\n",
  "trailing newline\n",
  "trailing backslash\\",
  '"',
  "'",
  '"""',
  "'''",
  "\\",
  "\\\\",
  '\\"',
  "\\n",
  "\\x41",
  "\\u0041",
  "\\101",
  "\\0",
  "\u00000",
  "\u00007",
  "\u00018",
  "a\u0000b",
  "$HOME",
  "$$HOME",
  "$" + "{HOME}",
  "$(location :a)",
  "{0}",
  "%s",
  "%%",
  "# no comment",
  "# END gen-bazel-images",
  "# BEGIN gen-bazel-images",
  '", load("@x//:y.bzl", "z")',
  "select({})",
  "None",
  "70.70",
  "0755",
  "True",
  "é",
  "e\u0301",
  "ß",
  "☃",
  "日本語",
  "עברית",
  "مرحبا",
  "😀",
  "👩‍👩‍👧‍👦",
  "\u{10000}",
  "\u{10ffff}",
  "\ud7ff",
  "\ue000",
  "\ufffd",
  "\ufffe",
  "\uffff",
  "\ufeff",
  "\ufeffbegins with a BOM",
  "a\ufeffb",
  "\u2028",
  "\u2029",
  "a\u2028b\u2029c",
  "\u0085",
  "\u00a0",
  "\u200b",
  "\u202e",
  "\u00ad",
  "<>&'\"]]>",
  "a=b",
  "a,b",
  "x".repeat(5000),
  '\\"'.repeat(500),
];

/** Every control character by itself and before a digit, where an octal escape could run on; quotes among them. */
const controls = [...Array.from({ length: 33 }, (_, code) => code), 0x7f, 0x80, 0x9f].flatMap((code) => {
  const one = String.fromCodePoint(code);
  return [one, `a${one}7`, `"${one}\\`];
});

/** The same pseudo-random strings in every run, from code points of every length in UTF-8 and UTF-16. */
function randomStrings(count: number): readonly string[] {
  let state = 20261124;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const ranges = [0x20, 0x80, 0x800, 0xd800, 0x110000];
  const codePoint = (): number => {
    const code = below(ranges[below(ranges.length)] ?? 0x80);
    return code >= 0xd800 && code <= 0xdfff ? 0x5c : code;
  };
  const text = (): string => String.fromCodePoint(...Array.from({ length: 8 + below(40) }, codePoint));
  return Array.from({ length: count }, text);
}

const known = [...new Set([...named, ...controls])];
const strings = [...known, ...randomStrings(300 - known.length)];

/** A file of a service with all strings: values of a dictionary, keys of one, items of lists. */
function declaration(): string {
  const entries = JSON.stringify(strings.map((text, index) => [`KEY_${index}`, text]));
  // JSON knows U+2028 and U+2029 raw, and so does JavaScript since 2019.
  return `import { defineService } from "gen-bazel-images";
const entries = ${entries};
const texts = entries.map(([, text]) => text);
export default defineService({
  name: "strings",
  os: "linux",
  architecture: "amd64",
  env: entries,
  labels: entries,
  cmd: texts,
  layers: [
    { name: "tar", emptyFiles: texts, symlinks: entries, modes: texts.map((text) => [text, "0444"]) },
    ...entries.map(([key, text]) => ({ name: key, packageDir: text })),
  ],
});
`;
}

systemSuite("bazel-strings", { programs: ["bazel"] }, () => {
  let repo: Monorepo;
  let stubs: Monorepo;
  let ran: Ran;
  let verdict: Verdict;
  const attribute = (name: string, of: string): unknown =>
    verdict.targets.find((target: BazelTarget) => target.name === name)?.attributes.get(of);

  beforeAll(async () => {
    repo = monorepo({
      "bazel-images.config.ts": `export default { rulesets: { oci: "rules_oci@2.3.2", pkg: "rules_pkg@1.2.0" }, services: ["cmd/*/*.image.ts"] };\n`,
      "cmd/strings/strings.image.ts": declaration(),
      WORKSPACE: renderWorkspace(versions),
    });
    stubs = monorepo({});
    ran = await repo.run(["generate"]);
    verdict = await judge({ root: realpathSync(repo.root), repositories: writeStubs(stubs.root, versions) });
  });
  afterAll(async () => {
    await shutdown(repo.root);
    repo.remove();
    stubs.remove();
  });

  it("has 300 different ones, of every kind", () => {
    expect(new Set(strings).size).toBe(300);
    const all = strings.join("");
    for (const kind of ["\0", "\r", "\t", '"', "\\", "é", "日", "😀", "\u2028", "\ufeff"]) expect(all).toContain(kind);
    // Half a pair would not survive the way to UTF-8 and back.
    expect(strings.filter((text) => Buffer.from(text).toString() !== text)).toEqual([]);
  });

  it("is written without a complaint, and stays as it is", async () => {
    expect(ran.err).toBe("");
    expect(ran.code).toBe(0);
    expect(await repo.run(["check"])).toMatchObject({ code: 0, err: "" });
  });

  it("is loaded by Bazel", () => {
    expect(verdict.stderr).toBe("");
    expect(verdict.ok).toBe(true);
  });

  it("comes back from attributes that are strings", () => {
    expect(strings.map((_, index) => attribute(`KEY_${index}`, "package_dir"))).toEqual(strings);
  });

  it("comes back from items of lists", () => {
    expect(attribute("tar", "empty_files")).toEqual(strings);
  });

  it("comes back from values and keys of dictionaries, in their order", () => {
    expect(attribute("tar", "symlinks")).toEqual({ dict: strings.map((text, index) => [`KEY_${index}`, text]) });
    expect(attribute("tar", "modes")).toEqual({ dict: strings.map((text) => [text, "0444"]) });
  });

  it("comes back from env and labels, which the ruleset makes lines of", () => {
    const lines = strings.map((text, index) => `KEY_${index}=${text}`);
    expect(attribute("image_write_env", "content")).toEqual(lines);
    expect(attribute("image_write_labels", "content")).toEqual(lines);
  });
});
