/** Packages that an earlier run found settled are not planned again; whatever changes around them is still seen. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalText, commented, select, stamp } from "../src/model/index.ts";
import { openCache } from "../src/shell/cache.ts";
import { type Tree, workspaces } from "./support/run.ts";

const config = (extra = "", services = '"cmd/**/*.image.ts"') => `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0" },
  bases: { debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "sha256:${"1".repeat(64)}" } },
  services: [${services}],${extra}
});
`;
const prefix = ' repositoryPrefix: "us.gcr.io/example",';

const service = (name: string, extra = "") => `import { defineService } from "gen-bazel-images";
export default defineService({ name: "${name}", base: "debian", layers: [{ name: "tar", srcs: [":x"] }], ${extra} });
`;
const push = (repository: string, tag: string) => `push: { repository: "${repository}", remoteTags: ["${tag}"] },`;
const typed = (name: string) => `test: { name: "${name}", commandTests: [{ name: "runs", command: "/x" }] },`;

const start: Tree = {
  "bazel-images.config.ts": config(prefix),
  "cmd/api/api.image.ts": service("api", push("api", "one")),
  "cmd/web/web.image.ts": service("web", push("web", "one")),
};

const place = workspaces();

/** A monorepo that three runs have brought to rest, and what its later runs give with and without what they remember. */
async function atRest(files: Tree) {
  const [made, caches] = [place(files), place({})];
  const env = { GEN_BAZEL_IMAGES_CACHE: join(caches.root, "cache") };
  for (let turn = 0; turn < 3; turn++) await made.run(["generate"], env);
  const said = (argv: readonly string[], variables = {}) =>
    made.run(argv, variables).then(({ code, out, err }) => ({ code, out, err }));
  return {
    ...made,
    /** What `check` gives, which is the same with and without a memory. */
    check: async (argv = ["check"]) => {
      const [remembering, forgetful] = [await said(argv, env), await said(argv)];
      expect(remembering).toEqual(forgetful);
      return remembering;
    },
    settle: async () => {
      await made.run(["generate"], env);
      await made.run(["generate"], env);
    },
    /** The packages that are remembered, or undefined when there is no record. */
    remembered: () => {
      const [facts] = openCache(made.root, env).load("settled") ?? [];
      return facts && (JSON.parse(facts.toString()) as readonly unknown[]);
    },
  };
}

describe("what changes around a settled package", () => {
  test("nothing: all are settled, and counted", async () => {
    const made = await atRest(start);
    expect(made.remembered()).toHaveLength(2);
    expect((await made.check()).out).toContain("4 files up to date, 2 packages");
  });

  test("another package pushes what it pushes", async () => {
    const made = await atRest(start);
    made.write({ "cmd/web/web.image.ts": service("web", push("api", "one")) });
    expect((await made.check()).err).toContain("push-overlap");
  });

  test("two packages that were settled one without the other push the same", async () => {
    const { "cmd/web/web.image.ts": _, ...alone } = start;
    const made = await atRest(alone);
    const shared = service("web", push("api", "one"));
    made.write({ "cmd/web/web.image.ts": shared, "cmd/api/api.image.ts": service("api") });
    await made.settle();
    made.write({ "cmd/api/api.image.ts": start["cmd/api/api.image.ts"] ?? "" });
    expect((await made.check()).err).toContain("push-overlap");
  });

  test("the team's own image_repository goes", async () => {
    const own = "def image_repository(name):\n    return name\n";
    const made = await atRest({ ...start, "bazel-images.config.ts": config(), "dev/oci_defs.bzl": own });
    expect((await made.check()).code).toBe(0);
    made.write({ "dev/oci_defs.bzl": "X = 1\n" });
    expect((await made.check()).err).toContain("repository-prefix-missing");
  });

  test("a package above stops to write a test config into it", async () => {
    const made = await atRest({
      ...start,
      "cmd/cmd.image.ts": service("cmd", typed("api/deep")),
    });
    made.write({ "cmd/cmd.image.ts": service("cmd") });
    expect((await made.check()).out).toContain("left over cmd/api/deep.yaml");
  });

  test("a package above begins to write a test config where people's own stands", async () => {
    const made = await atRest({ ...start, "cmd/api/deep.yaml": "by: hand\n" });
    made.write({ "cmd/cmd.image.ts": service("cmd", typed("api/deep")) });
    expect((await made.check()).err).toContain("file-not-ours");
  });

  test("an inline service shares its package", async () => {
    const inline =
      '"cmd/*/*.image.ts", { name: "inline", package: "cmd/web", image: { name: "other" }, base: "debian" }';
    const made = await atRest({ ...start, "bazel-images.config.ts": config(prefix, inline) });
    expect(await made.check()).toMatchObject({ code: 0, err: "" });
  });

  test("an inline service shares the root, which it calls a dot", async () => {
    const inline = '"*.image.ts", { name: "inline", package: ".", image: { name: "other" }, base: "debian" }';
    const made = await atRest({ "bazel-images.config.ts": config(prefix, inline), "top.image.ts": service("top") });
    expect(await made.check()).toMatchObject({ code: 0, err: "" });
    expect(await made.check(["check", "top.image.ts"])).toMatchObject({ code: 0, err: "" });
  });

  const empty = "export default [];\n";
  const images = [0, 1, 2].map((index) => `oci_image(\n    name = "i${index}",\n)\n`).join("\n");
  const swap = '{ from: "//x:y.bzl", symbol: "m" }';
  test.each<readonly [string, Tree, Tree]>([
    [
      "a BUILD beside the BUILD.bazel",
      {
        ...start,
        "cmd/api/BUILD.bazel": "",
        "cmd/api/BUILD": `# BEGIN gen-bazel-images\n\n${images}\n# END gen-bazel-images\n`,
        "cmd/c/c.image.ts": service("c"),
        "cmd/d/d.image.ts": service("d"),
      },
      { "cmd/c/c.image.ts": empty, "cmd/d/d.image.ts": empty },
    ],
    [
      "a border in a string of a package without rules",
      {
        ...start,
        "cmd/doc/doc.image.ts": 'export default { name: "doc" };\n',
        "cmd/doc/BUILD.bazel": '"""\n# BEGIN gen-bazel-images\n"""\n',
      },
      { "cmd/web/web.image.ts": empty },
    ],
    [
      "images and tars by one macro",
      {
        "bazel-images.config.ts": config(`${prefix} loads: { oci_image: ${swap}, pkg_tar: ${swap} },`),
        ...Object.fromEntries([..."abcde"].map((name) => [`cmd/${name}/${name}.image.ts`, service(name)])),
      },
      { "cmd/a/a.image.ts": empty },
    ],
  ])("what the guard counts as going from it is counted in every run: %s", async (_, files, edit) => {
    const made = await atRest(files);
    made.write(edit);
    expect((await made.check()).err).toContain("prune-refused");
  });

  test("a file of it that exports no service declares nothing", async () => {
    const made = await atRest({ ...start, "cmd/api/none.image.ts": empty });
    const text = made.read()["cmd/web/BUILD.bazel"] ?? "";
    made.write({ "cmd/web/BUILD.bazel": text.replace("cmd/web/web.image.ts", "cmd/api/none.image.ts") });
    expect((await made.check()).out).toContain("stale     cmd/web/BUILD.bazel");
  });

  const listed = (between: string) => `import { defineService } from "gen-bazel-images";
const other = { name: "b", base: "debian", image: { name: "b" }, layers: [{ name: "b_tar" }] } as const;
export default [defineService({ name: "api", base: "debian" }), ${between}, defineService(other)];
`;
  const hidden = (base: string) => `const service = { name: "api", image: {} };
Object.defineProperty(service, "base", { value: "${base}" });
export default service;
`;
  test.each([
    ["a hole in an array", listed(""), listed("undefined"), 2],
    ["a property that is not enumerable", hidden("debian"), hidden("//x:y"), 1],
  ])("%s", async (_, before, after, code) => {
    const made = await atRest({ ...start, "cmd/api/api.image.ts": before });
    made.write({ "cmd/api/api.image.ts": after });
    expect((await made.check()).code).toBe(code);
  });

  test("what a config inherits", async () => {
    const inheriting = (user: string) =>
      config(` user: "${user}",`)
        .replace("defineConfig({", `Object.assign(Object.create({ defaults: { user: "${user}" } }), {`)
        .replace(` user: "${user}",`, prefix)
        .replace(/import .*\n/, "");
    const made = await atRest({ ...start, "bazel-images.config.ts": inheriting("a") });
    expect((await made.check()).code).toBe(0);
    made.write({ "bazel-images.config.ts": inheriting("b") });
    expect((await made.check()).code).toBe(1);
  });

  test("a table of buildifier's, which its configuration names", async () => {
    const table = (last: boolean) => `{ "NamePriority": { "name": ${last ? 99 : -99} } }\n`;
    const made = await atRest({
      ...start,
      ".buildifier.json": '{ "tables": "tables.json" }\n',
      "tables.json": table(false),
    });
    expect((await made.check()).code).toBe(0);
    made.write({ "tables.json": table(true) });
    expect((await made.check()).code).toBe(1);
  });

  test("another package has an expression that is none, and it has one that is none by itself", async () => {
    const user = (name: string, text: string) => `import { defineService, starlark } from "gen-bazel-images";
export default defineService({ name: "${name}", base: "debian", user: starlark\`${text}\` });
`;
    const made = await atRest({ ...start, "cmd/api/api.image.ts": user("api", '"a", os = "linux"') });
    made.write({ "cmd/web/web.image.ts": user("web", "(") });
    const { err } = await made.check();
    expect(err.match(/^\S+: error/gm)).toEqual(["cmd/web/web.image.ts:2:61: error"]);
  });

  test("its text closes a string that another one opened", async () => {
    const made = await atRest({ ...start, "cmd/api/BUILD.bazel": 'x = """a\n', "cmd/web/BUILD.bazel": '"""\n' });
    expect((await made.check()).err.match(/build-file-syntax/g)).toHaveLength(2);
    made.write({ "cmd/web/BUILD.bazel": "" });
    expect((await made.check()).err.match(/build-file-syntax/g)).toHaveLength(1);
  });

  test("two packages have the same region, and buildifier is not there", async () => {
    const made = place({ ...start, "bazel-images.config.ts": config(`${prefix} buildifier: "no/such",`) });
    expect(await made.run(["check"])).toMatchObject({ code: 3, err: expect.stringContaining("program-failed") });
  });

  test("its BUILD file is a link, and what that leads to changes", async () => {
    const made = place(start);
    await made.run(["generate"]);
    const text = made.read()["cmd/api/BUILD.bazel"] ?? "";
    const { "cmd/api/BUILD.bazel": _, ...rest } = made.read();
    const linked = place({ ...rest, "elsewhere/text": text });
    symlinkSync("../../elsewhere/text", join(linked.root, "cmd/api/BUILD.bazel"));
    const env = { GEN_BAZEL_IMAGES_CACHE: join(place({}).root, "cache") };
    for (let turn = 0; turn < 3; turn++) await linked.run(["generate"], env);
    expect((await linked.run(["check"], env)).code).toBe(0);
    linked.write({ "elsewhere/text": "" });
    expect((await linked.run(["check"], env)).code).toBe(1);
  });

  test.each([
    ["a line of its region", { "cmd/api/BUILD.bazel": "" }, 1],
    ["its test config", { "cmd/api/image_test.yaml": "by: hand\n" }, 2],
    [".bazelignore names it", { ".bazelignore": "cmd/api\n" }, 0],
    ["the shared file", { "dev/oci_deps.bzl": "" }, 2],
  ])("%s", async (_, edit, code) => {
    const made = await atRest({
      ...start,
      "cmd/api/api.image.ts": service("api", typed("image_test")),
    });
    made.write(edit as Tree);
    expect((await made.check()).code).toBe(code);
  });

  test("a warning of its own is said each time; that of another does not unsettle it", async () => {
    const digest = { "cmd/api/api.image.ts": service("api", 'load: { attributes: { bogus: "x" } },') };
    const made = await atRest({
      ...start,
      ...digest,
      "bazel-images.config.ts": config(`${prefix} loads: { oci_tarball: { from: "//x:y.bzl", symbol: "z" } },`),
    });
    const { err } = await made.check();
    expect(err).toContain("attribute-unknown-swapped");
    expect(made.remembered()).toHaveLength(1);
    expect((await made.check()).err).toBe(err);
  });

  test("a warning that stays is said at its line, wherever that moves", async () => {
    const newer = config(prefix).replace("rules_oci@1.8.0", "rules_oci@1.99.0");
    const made = await atRest({ ...start, "bazel-images.config.ts": newer });
    expect((await made.check()).err).toMatch(/^bazel-images\.config\.ts:3:15: warning\[ruleset-newer\]/);
    made.write({ "bazel-images.config.ts": `\n${newer}` });
    expect((await made.check()).err).toMatch(/^bazel-images\.config\.ts:4:15: warning\[ruleset-newer\]/);
  });

  test("defaults that are a function are asked each time", async () => {
    const made = await atRest({
      ...start,
      "bazel-images.config.ts": config(
        `${prefix} defaults: () => ({ user: process.env["HOME"] === undefined ? "a" : "b" }),`,
      ),
    });
    expect(made.remembered()).toBeUndefined();
    expect((await made.check()).code).toBe(0);
  });
});

describe("the text of a declared value", () => {
  const values = [
    {},
    [],
    null,
    undefined,
    { a: 1 },
    { a: "1" },
    { a: null },
    { a: undefined },
    { a: [null] },
    { a: [undefined] },
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    [["a", 1]],
    { a: select({ x: "1" }) },
    { a: { branded: { kind: "select", branches: { x: "1" } } } },
    { a: select({ x: "2" }) },
    { a: commented("x", "why") },
    { a: commented("x", "why", { place: "after" }) },
    { a: stamp("K", { fallback: "x" }) },
    { a: "x" },
  ];
  test("is another for each", () => {
    const texts = values.map(canonicalText);
    expect(texts).not.toContain(undefined);
    expect(new Set(texts).size).toBe(values.length);
  });

  test("is the same for what is made anew", () => {
    const make = () => ({ a: [select({ x: commented(["1"], "why") })], b: undefined });
    expect(canonicalText(make())).toBe(canonicalText(make()));
  });

  const itself: { self?: unknown } = {};
  itself.self = itself;
  test.each([
    ["a function", () => 1],
    ["an instance", new Date(0)],
    ["a map", new Map()],
    ["a symbol", Symbol.for("x")],
    ["somebody's brand", { [Symbol("x")]: 1 }],
    ["a big number", 1n],
    ["no number", Number.NaN],
    ["minus nothing", -0],
    ["what contains itself", itself],
    ["what stands for something else", { toJSON: () => "x" }],
    ["no prototype", Object.create(null)],
    [
      "a getter that throws",
      Object.defineProperty({}, "a", {
        enumerable: true,
        get: () => {
          throw new Error("no");
        },
      }),
    ],
  ])("there is none for %s", (_, value) => {
    expect(canonicalText({ deep: [value] })).toBeUndefined();
  });
});
