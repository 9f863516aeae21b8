/** Whole files, byte for byte: what a declaration gives beside what people wrote. Every output is a fixed point of buildifier. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { config, declaration, seedRules, worker } from "./golden/seed.ts";
import { type Ran, type Tree, type Workspace, workspaces } from "./support/run.ts";

const require = createRequire(import.meta.url);
const arch = process.arch === "arm64" ? "arm64" : "amd64";
const buildifier = join(
  dirname(require.resolve("@bazel/buildifier/package.json")),
  `buildifier-${process.platform}_${arch}`,
);

const place = workspaces();

/** Generates, and holds what is true of every run: it says what it wrote, buildifier agrees, a second run changes nothing. */
async function generate(where: Workspace, argv: readonly string[] = []): Promise<Ran> {
  const before = where.read();
  const ran = await where.run(argv);
  expect(ran.err).toBe("");
  expect(ran.code).toBe(0);
  for (const [path, text] of Object.entries(ran.tree)) {
    if (text !== before[path]) expect(ran.out, path).toContain(path);
    if (/(?:BUILD(?:\.bazel)?|\.bzl|MODULE\.bazel)$/.test(path) && !text.includes("\r"))
      expect(complaint(path, text)).toBe("");
  }
  const again = await where.run(argv);
  expect(again.code).toBe(0);
  expect(again.tree).toEqual(ran.tree);
  expect((await where.run(["check", ...argv])).code).toBe(0);
  return ran;
}

/** What buildifier would change. */
function complaint(path: string, text: string): string {
  const argv = ["-mode=fix", "-config=off", `-path=${path}`, `-type=${typeOf(path)}`];
  const { status, stdout, stderr } = spawnSync(buildifier, argv, { input: text, encoding: "utf8" });
  return status === 0 && stdout === text ? "" : `${path}: ${stderr}${stdout === text ? "" : stdout}`;
}

function typeOf(path: string): string {
  return path.endsWith(".bzl") ? "bzl" : basename(path).endsWith("MODULE.bazel") ? "module" : "build";
}

const goRules = `load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_library")

go_library(
    name = "worker_lib",
    srcs = ["main.go"],
    importpath = "github.com/sourcegraph/sourcegraph/cmd/worker",
    visibility = ["//visibility:private"],
)

go_binary(
    name = "worker",
    embed = [":worker_lib"],
    visibility = ["//visibility:public"],
)
`;

const seed = (load = `{ repoTags: ["worker:candidate"], manual: false }`, oci = "rules_oci@1.8.0") => ({
  "bazel-images.config.ts": config("", oci),
  "cmd/worker/worker.image.ts": worker(load),
  "cmd/worker/BUILD.bazel": goRules,
});

/** What stands between the borders, without the line that says where to edit. */
function region(text: string | undefined): string {
  const match = /^# BEGIN gen-bazel-images\n# Source: [^\n]*\n\n([\s\S]*)\n\n# END gen-bazel-images$/m.exec(text ?? "");
  return match?.[1] ?? `no region in: ${text}`;
}

/** The text without loads and region. */
function rest(text: string | undefined): string {
  return (text ?? "")
    .replace(/^load\([^)]*\)\n/gm, "")
    .replace(/# BEGIN gen-bazel-images[\s\S]*# END gen-bazel-images\n/, "");
}

async function regionOf(body: string, more = "", oci = "rules_oci@1.8.0"): Promise<string> {
  const where = place({ "bazel-images.config.ts": config(more, oci), "cmd/app/app.image.ts": declaration(body) });
  return region((await generate(where)).tree["cmd/app/BUILD.bazel"]);
}

describe("the seed's worker", () => {
  test("gives the five rules of the seed beside hand-written rules that stay", async () => {
    const { tree } = await generate(place(seed()));
    const build = tree["cmd/worker/BUILD.bazel"];
    expect(region(build)).toBe(seedRules);
    expect(rest(build).trim()).toBe(rest(goRules).trim());
    expect(build).toContain(goRules.slice(goRules.indexOf("go_library(")));
    expect(build).toMatchSnapshot();
    expect(tree["cmd/worker/image_test.yaml"]).toMatchSnapshot();
    expect(tree["dev/oci_deps.bzl"]).toMatchSnapshot();
    expect(tree["dev/oci_defs.bzl"]).toMatchSnapshot();
    expect(Object.keys(tree).filter((path) => path.startsWith("dev/"))).toEqual([
      "dev/BUILD.bazel",
      "dev/oci_defs.bzl",
      "dev/oci_deps.bzl",
    ]);
  });

  test("without `manual: false` differs in one line", async () => {
    const { tree } = await generate(place(seed(`{ repoTags: ["worker:candidate"] }`)));
    const line = `    repo_tags = ["worker:candidate"],\n`;
    expect(region(tree["cmd/worker/BUILD.bazel"])).toBe(seedRules.replace(line, `${line}    tags = ["manual"],\n`));
  });

  test("with rules_oci 2 differs in the load", async () => {
    const { tree } = await generate(place(seed(undefined, "rules_oci@2")));
    expect(region(tree["cmd/worker/BUILD.bazel"])).toBe(seedRules.replace("oci_tarball(", "oci_load("));
    expect(tree["cmd/worker/BUILD.bazel"]).toContain(
      `load("@rules_oci//oci:defs.bzl", "oci_image", "oci_load", "oci_push")`,
    );
  });

  test("moves from rules_oci 1 to 2 and back", async () => {
    const where = place(seed());
    const first = await generate(where);
    where.write({ "bazel-images.config.ts": config("", "rules_oci@2") });
    expect((await generate(where)).tree["cmd/worker/BUILD.bazel"]).toBe(
      (await generate(place(seed(undefined, "rules_oci@2")))).tree["cmd/worker/BUILD.bazel"],
    );
    where.write({ "bazel-images.config.ts": config() });
    expect((await generate(where)).tree).toEqual(first.tree);
  });

  test("in a file with CRLF keeps CRLF", async () => {
    const where = place({ ...seed(), "cmd/worker/BUILD.bazel": goRules.replaceAll("\n", "\r\n") });
    const { tree } = await generate(where);
    const build = tree["cmd/worker/BUILD.bazel"] ?? "";
    expect(build.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(region(build.replaceAll("\r\n", "\n"))).toBe(seedRules);
  });

  test("in a BUILD file, and in a package without one", async () => {
    const { "cmd/worker/BUILD.bazel": _, ...without } = seed();
    const plain = await generate(place({ ...without, "cmd/worker/BUILD": goRules }));
    expect(Object.keys(plain.tree)).not.toContain("cmd/worker/BUILD.bazel");
    expect(region(plain.tree["cmd/worker/BUILD"])).toBe(seedRules);
    expect(region((await generate(place(without))).tree["cmd/worker/BUILD.bazel"])).toBe(seedRules);
  });
});

describe("rules", () => {
  const tarTest = `{ name: "app", base: "wolfi_base", load: { repoTags: ["a:b"] }, test: { driver: "tar", fileExistenceTests: [{ name: "a", path: "/a" }] } }`;

  test("a test with the tar driver reads the tarball of rules_oci 1", async () => {
    const text = await regionOf(tarTest);
    expect(text).toContain(`    image = ":image_tarball",\n`);
    expect(text).not.toContain("filegroup");
  });

  test("a test with the tar driver reads the tarball of rules_oci 2 through a filegroup", async () => {
    expect(await regionOf(tarTest, "", "rules_oci@2")).toMatchSnapshot();
  });

  test("loads swap and rename a rule", async () => {
    const loads = `loads: { pkg_tar: "//dev:rules.bzl", oci_load: { from: "//dev:rules.bzl", symbol: "oci_tarball" } },`;
    const body = `{ name: "app", base: "wolfi_base", layers: [{ name: "tar" }], load: { repoTags: ["a:b"] } }`;
    const where = place({
      "bazel-images.config.ts": config(loads, "rules_oci@2"),
      "cmd/app/app.image.ts": declaration(body),
    });
    const build = (await generate(where)).tree["cmd/app/BUILD.bazel"] ?? "";
    expect(build).toContain(`load("//dev:rules.bzl", "oci_tarball", "pkg_tar")`);
    expect(region(build)).toContain(
      `oci_tarball(\n    name = "image_tarball",\n    image = ":image",\n    repo_tags = ["a:b"],\n)`,
    );
    expect(build).not.toContain("rules_pkg");
  });

  test("defaults come first, append goes behind, false takes away", async () => {
    const defaults = `defaults: { env: { A: "1", B: "2" }, user: "nobody", entrypoint: ["/tini", "--"], test: { driver: "docker", tags: ["x"] }, push: { repository: "x" } },`;
    const body = `{ name: "app", base: "wolfi_base", env: { C: "3", A: "0" }, entrypoint: append(["/app"]), test: { configs: ["a.yaml"] }, push: false }`;
    expect(await regionOf(body, defaults)).toMatchSnapshot();
  });

  test("defaults are a function of the service", async () => {
    const defaults = `defaults: (service) => ({ labels: { "org.example.name": service.name } }),`;
    expect(await regionOf(`{ name: "app", base: "wolfi_base" }`, defaults)).toContain(`"org.example.name": "app",`);
  });

  test("several images in one package, one of them the base of the other", async () => {
    const body = `[
      { name: "b", base: ":image", image: { name: "debug_image" }, user: "root", load: { repoTags: ["b:1"] }, push: { repository: "b" } },
      { name: "a", base: "wolfi_base", push: { repository: "a" } },
    ]`;
    const text = await regionOf(body);
    expect(names(text)).toEqual([
      "image",
      "candidate_push",
      "debug_image",
      "debug_image_tarball",
      "debug_candidate_push",
    ]);
    expect(text).toContain(`    base = ":image",\n`);
  });

  test("cmd: none, inherit and a list", async () => {
    expect(await regionOf(`{ name: "a", base: "wolfi_base", cmd: "none" }`)).toContain("    cmd = [],\n");
    expect(await regionOf(`{ name: "a", base: "wolfi_base", cmd: "inherit" }`)).not.toContain("cmd");
    expect(await regionOf(`{ name: "a", base: "wolfi_base", cmd: ["-v"] }`)).toContain(`    cmd = ["-v"],\n`);
  });

  test("dictionaries keep their order, as pairs also keys like numbers", async () => {
    const text = await regionOf(
      `{ name: "a", base: "wolfi_base", env: [["10", "a"], ["2", "b"], ["1", "c"]], labels: { z: "1", a: "2" }, annotations: {} }`,
    );
    expect(text).toContain(`        "10": "a",\n        "2": "b",\n        "1": "c",\n`);
    expect(text).toContain(`        "z": "1",\n        "a": "2",\n`);
    expect(text).toContain("    annotations = {},\n");
  });

  test("strings that look like numbers and booleans stay strings", async () => {
    const text = await regionOf(
      `{ name: "a", layers: [{ name: "t", owner: "70.70", mode: "0644", ownername: "true" }] }`,
    );
    expect(text).toBe(
      `pkg_tar(\n    name = "t",\n    mode = "0644",\n    owner = "70.70",\n    ownername = "true",\n)`,
    );
  });

  test("comments on rules, attributes and items", async () => {
    const body = `{ name: "a", base: commented("wolfi_base", "the base"), image: { comment: "the image\\nin two lines" },
      entrypoint: [commented("/a", "the program"), commented("-v", "loud", { place: "after" })],
      layers: [commented({ name: "t", comment: "the layer", srcs: commented([":x"], "sources") }, "first")], env: { A: commented("1", "why") } }`;
    expect(await regionOf(body)).toMatchSnapshot();
  });

  test("expressions with their loads", async () => {
    const body = `{ name: "a", layers: [{ name: "t", srcs: concat(glob(["static/**"], { exclude: ["*.map"] }), select({ "//conditions:default": [":a"] })),
      attributes: { target_compatible_with: ident("PLATFORMS", { from: "//dev:platforms.bzl" }) }, tags: starlark\`[t for t in \${ident("TAGS")}]\` }] }`;
    const where = place({ "bazel-images.config.ts": config(), "cmd/app/app.image.ts": declaration(body) });
    const build = (await generate(where)).tree["cmd/app/BUILD.bazel"];
    expect(build).toMatchSnapshot();
  });

  test("layers alone, a base alone, a test of another package's image", async () => {
    expect(names(await regionOf(`{ name: "a", layers: [{ name: "t", srcs: [":x"] }] }`))).toEqual(["t"]);
    expect(await regionOf(`{ name: "a", base: "@distroless//img" }`)).toBe(
      `oci_image(\n    name = "image",\n    base = "@distroless//img",\n)`,
    );
    const text = await regionOf(`{ name: "a", test: { image: "//cmd/b:image", configs: ["a.yaml"] } }`);
    expect(text).toBe(
      `container_structure_test(\n    name = "image_test",\n    configs = ["a.yaml"],\n    image = "//cmd/b:image",\n)`,
    );
  });

  test("a service in the root and one inline in the config", async () => {
    const inline = `[{ name: "a", package: "", base: "wolfi_base" }, { name: "b", package: "x/y", base: "wolfi_base" }]`;
    const { tree } = await generate(place({ "bazel-images.config.ts": config("", "rules_oci@1.8.0", inline) }));
    expect(names(region(tree["BUILD.bazel"]))).toEqual(["image"]);
    expect(names(region(tree["x/y/BUILD.bazel"]))).toEqual(["image"]);
  });
});

describe("bzlmod", () => {
  test("bases go to a MODULE file, to both when asked", async () => {
    const where = place({
      ...seed(undefined, "rules_oci@2"),
      "bazel-images.config.ts": config(`externalDeps: "bzlmod",`, "rules_oci@2"),
    });
    const { tree } = await generate(where);
    expect(tree["dev/oci.MODULE.bazel"]).toMatchSnapshot();
    expect(Object.keys(tree)).not.toContain("dev/oci_deps.bzl");
    where.write({ "bazel-images.config.ts": config(`externalDeps: "both",`, "rules_oci@2") });
    expect(Object.keys((await generate(where)).tree)).toEqual(
      expect.arrayContaining(["dev/oci.MODULE.bazel", "dev/oci_deps.bzl"]),
    );
  });
});

describe("what is there already", () => {
  const one = (name: string, image: string) =>
    declaration(
      `{ name: "${name}", base: "wolfi_base", image: { name: "${image}" }, test: { fileExistenceTests: [{ name: "a", path: "/a" }] } }`,
    );

  test("two declaration files in one package, one of which goes", async () => {
    const where = place({
      "bazel-images.config.ts": config(),
      "cmd/app/b.image.ts": one("b", "b_image"),
      "cmd/app/a.image.ts": one("a", "a_image"),
    });
    const both = await generate(where);
    expect(names(region(both.tree["cmd/app/BUILD.bazel"]))).toEqual([
      "a_image",
      "a_image_test",
      "b_image",
      "b_image_test",
    ]);
    expect(both.tree["cmd/app/BUILD.bazel"]).toContain("# Source: cmd/app/a.image.ts, cmd/app/b.image.ts;");
    const fewer = place(without(both.tree, "cmd/app/b.image.ts"));
    const { tree } = await generate(fewer);
    expect(names(region(tree["cmd/app/BUILD.bazel"]))).toEqual(["a_image", "a_image_test"]);
    expect(Object.keys(tree)).not.toContain("cmd/app/b_image_test.yaml");
  });

  test("a service that goes takes region, config and an otherwise empty file with it", async () => {
    const where = place({
      "bazel-images.config.ts": config(),
      ...Object.fromEntries(
        ["a", "b", "c", "d", "e"].map((name) => [`cmd/${name}/${name}.image.ts`, one(name, "image")]),
      ),
      "cmd/b/BUILD.bazel": goRules,
    });
    const all = await generate(where);
    const fewer = place(without(all.tree, "cmd/a/a.image.ts", "cmd/b/b.image.ts"));
    const { tree } = await generate(fewer);
    expect(Object.keys(tree).filter((path) => /^cmd\/[ab]\//.test(path))).toEqual(["cmd/b/BUILD.bazel"]);
    expect(tree["cmd/b/BUILD.bazel"]).toBe(goRules);
    expect(tree["cmd/c/BUILD.bazel"]).toBe(all.tree["cmd/c/BUILD.bazel"]);
  });

  test.each([
    ["a service", ["a"]],
    ["a folder", ["cmd/a"]],
    ["a package", ["//cmd/a"]],
    ["a file", ["cmd/a/a.image.ts"]],
  ])("a run narrowed to %s touches nothing else", async (_, argv) => {
    const where = place({
      "bazel-images.config.ts": config(),
      "cmd/a/a.image.ts": one("a", "image"),
      "cmd/b/b.image.ts": one("b", "image"),
    });
    const { tree, out } = await generate(where, argv);
    expect(Object.keys(tree)).toEqual(
      expect.arrayContaining(["cmd/a/BUILD.bazel", "cmd/a/image_test.yaml", "dev/oci_deps.bzl"]),
    );
    expect(Object.keys(tree)).not.toContain("cmd/b/BUILD.bazel");
    expect(out).toContain("1 of 2 packages");
  });

  test("eject leaves plain rules", async () => {
    const where = place(seed());
    await generate(where);
    const { tree, code } = await where.run(["eject", "cmd/worker"]);
    expect(code).toBe(0);
    const build = tree["cmd/worker/BUILD.bazel"] ?? "";
    expect(build).not.toContain("gen-bazel-images");
    expect(build).toContain(seedRules);
    expect(complaint("cmd/worker/BUILD.bazel", build)).toBe("");
    expect((await where.run(["check"])).err).toContain("error[target-outside-region]");
  });

  test("check and diff write nothing, name the file and the command", async () => {
    const where = place({ ...seed(), "bazel-images.config.ts": config(`mend: "make images",`) });
    const before = where.read();
    const check = await where.run(["check"]);
    expect(check.code).toBe(1);
    expect(check.out).toContain("stale     cmd/worker/BUILD.bazel");
    expect(check.out).toContain("to mend it, run: make images");
    const diff = await where.run(["diff"]);
    expect(diff.code).toBe(1);
    expect(diff.out).toContain("+++ ");
    expect(diff.out).toContain("+# BEGIN gen-bazel-images");
    const print = await where.run(["print"]);
    expect(print.code).toBe(0);
    expect(print.out).toContain("# ==> cmd/worker/BUILD.bazel\n");
    expect(where.read()).toEqual(before);
  });

  test("the order of declaration changes nothing", async () => {
    const bodies = ["a", "b", "c"].map(
      (name) => `{ name: "${name}", base: "wolfi_base", image: { name: "${name}_image" } }`,
    );
    const forth = await regionOf(`[${bodies.join(", ")}]`);
    expect(await regionOf(`[${bodies.reverse().join(", ")}]`)).toBe(forth);
  });
});

function names(text: string): readonly string[] {
  return [...text.matchAll(/^ {4}name = "([^"]*)",$/gm)].map(([, name = ""]) => name);
}

function without(tree: Tree, ...paths: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !paths.includes(path)));
}
