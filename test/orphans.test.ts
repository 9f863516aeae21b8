/** Services that come and go: what nobody wants any more goes, and nothing else. */
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Tree, type Workspace, workspace } from "./support/run.ts";

const mainProgram = join(import.meta.dirname, "../dist/main.cjs");

const config = `export default {
  rulesets: { oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.7.0" },
  bases: { debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "sha256:${"1".repeat(64)}" } },
  repositoryPrefix: "us.gcr.io/example",
  services: ["cmd/**/*.image.ts"],
};
`;

function service(name: string, more = ""): string {
  return `export default {
  name: "${name}",
  image: { name: "${name}_image" },
  base: "debian",
  layers: [{ name: "tar_${name}", srcs: [":${name}"] }],
  ${more}
};
`;
}

const tested = `test: { name: "image_test", commandTests: [{ name: "runs", command: "/app" }] },`;

const byHand = `load("//:go.bzl", "go_binary")

# The program, with odd  spacing.
go_binary(name = "a",  srcs = ["a.go"])
`;

/** The config and packages with one service each: `cmd/a` has one by hand beside it, and a test. */
function tree(names: readonly string[]): Tree {
  const services = names.map((name) => [`cmd/${name}/${name}.image.ts`, service(name, name === "a" ? tested : "")]);
  return {
    "bazel-images.config.ts": config,
    "cmd/a/BUILD.bazel": byHand,
    "cmd/a/by_hand.yaml": "# By hand.\nschemaVersion: 2.0.0\n",
    ...Object.fromEntries(services),
  };
}

let place: Workspace | undefined;

/** A monorepo on which generate ran. */
async function generated(files: Tree): Promise<Workspace> {
  place = workspace(files);
  const ran = await place.run(["generate"]);
  expect(ran, ran.err).toMatchObject({ code: 0 });
  return place;
}

async function succeed(where: Workspace, ...argv: readonly string[]): Promise<{ out: string; tree: Tree }> {
  const ran = await where.run(argv);
  expect(ran, ran.err).toMatchObject({ code: 0 });
  expect((await where.run(["check"])).code).toBe(0);
  return ran;
}

/** The tree without declarations, as differences count. */
function differences(before: Tree, after: Tree): readonly string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path]).sort();
}

function remove(where: Workspace, ...paths: readonly string[]): void {
  for (const path of paths) rmSync(join(where.root, path), { recursive: true });
}

afterEach(() => {
  place?.remove();
  place = undefined;
});

describe("services that go", () => {
  test("the last one of a file by hand: the file is what it was, byte for byte; its test config goes, the one by hand stays", async () => {
    const where = await generated(tree(["a", "b", "c"]));
    expect(where.read()["cmd/a/image_test.yaml"]).toContain("commandTests");
    remove(where, "cmd/a/a.image.ts");
    const before = where.read();
    const { tree: after, out } = await succeed(where, "generate");
    expect(after["cmd/a/BUILD.bazel"]).toBe(byHand);
    expect(differences(before, after)).toEqual(["cmd/a/BUILD.bazel", "cmd/a/image_test.yaml"]);
    expect(after).not.toHaveProperty(["cmd/a/image_test.yaml"]);
    expect(out).toContain("cmd/a/image_test.yaml");
  });

  test("a file that was wholly ours is deleted", async () => {
    const where = await generated(tree(["a", "b", "c"]));
    expect(where.read()).toHaveProperty(["cmd/b/BUILD.bazel"]);
    remove(where, "cmd/b/b.image.ts");
    const before = where.read();
    const { tree: after } = await succeed(where, "generate");
    expect(differences(before, after)).toEqual(["cmd/b/BUILD.bazel"]);
    expect(after).not.toHaveProperty(["cmd/b/BUILD.bazel"]);
  });

  test.each([
    ["a rule below", (text: string) => `${text}\nfilegroup(name = "x")\n`, 'filegroup(name = "x")\n'],
    ["a comment above", (text: string) => `# Ask Ada first.\n\n${text}`, "# Ask Ada first.\n"],
    [
      "a rule between the borders",
      (text: string) => text.replace("\n# END", '\n# why\nfilegroup(name = "x")\n\n# END'),
      '# why\nfilegroup(name = "x")\n',
    ],
  ])("a file that was wholly ours, but got %s since, keeps it", async (_, edit, rest) => {
    const where = await generated(tree(["a", "b", "c"]));
    where.write({ "cmd/b/BUILD.bazel": edit(where.read()["cmd/b/BUILD.bazel"] ?? "") });
    remove(where, "cmd/b/b.image.ts");
    const { tree: after } = await succeed(where, "generate");
    expect(after["cmd/b/BUILD.bazel"]).toBe(rest);
  });

  test("one of two of a file: the other's rules stay as they were", async () => {
    const other = service("other");
    const alone = await generated({ ...tree(["a", "b"]) });
    const wanted = alone.read()["cmd/a/BUILD.bazel"];
    alone.remove();
    const where = await generated({ ...tree(["a", "b"]), "cmd/a/other.image.ts": other });
    expect(where.read()["cmd/a/BUILD.bazel"]).toContain("other_image");
    remove(where, "cmd/a/other.image.ts");
    const { tree: after, out } = await succeed(where, "generate");
    expect(after["cmd/a/BUILD.bazel"]).toBe(wanted);
    expect(out).toContain('removed: oci_image "other_image"');
  });

  test("renamed: its rules have the new names, the region stays in its place", async () => {
    const where = await generated(tree(["a", "b"]));
    const before = where.read()["cmd/b/BUILD.bazel"] ?? "";
    where.write({ "cmd/b/b.image.ts": service("renamed") });
    const { tree: after, out } = await succeed(where, "generate");
    expect(after["cmd/b/BUILD.bazel"]).toBe(
      before.replaceAll("tar_b", "tar_renamed").replace("b_image", "renamed_image").replace('":b"', '":renamed"'),
    );
    expect(out).toContain('removed: oci_image "b_image"');
  });

  test("moved to another package, together with its test config", async () => {
    const where = await generated(tree(["a", "b"]));
    mkdirSync(join(where.root, "cmd/deep/moved"), { recursive: true });
    renameSync(join(where.root, "cmd/a/a.image.ts"), join(where.root, "cmd/deep/moved/a.image.ts"));
    const before = where.read();
    const { tree: after } = await succeed(where, "generate");
    expect(differences(before, after)).toEqual([
      "cmd/a/BUILD.bazel",
      "cmd/a/image_test.yaml",
      "cmd/deep/moved/BUILD.bazel",
      "cmd/deep/moved/image_test.yaml",
    ]);
    expect(after["cmd/a/BUILD.bazel"]).toBe(byHand);
    expect(after["cmd/deep/moved/BUILD.bazel"]).toContain("# Source: cmd/deep/moved/a.image.ts;");
  });

  test("only its test goes: the test config goes, the one by hand stays", async () => {
    const where = await generated(tree(["a", "b"]));
    where.write({ "cmd/a/a.image.ts": service("a") });
    const before = where.read();
    const { tree: after } = await succeed(where, "generate");
    expect(differences(before, after)).toEqual(["cmd/a/BUILD.bazel", "cmd/a/image_test.yaml"]);
    expect(after["cmd/a/BUILD.bazel"]).not.toContain("structure_test");
  });

  test("back again: the same bytes as before", async () => {
    const where = await generated(tree(["a", "b", "c"]));
    const before = where.read();
    remove(where, "cmd/a/a.image.ts", "cmd/b/b.image.ts");
    await succeed(where, "generate", "--prune");
    where.write({ "cmd/a/a.image.ts": service("a", tested), "cmd/b/b.image.ts": service("b") });
    expect((await succeed(where, "generate")).tree).toEqual(before);
  });
});

describe("what a run leaves alone", () => {
  test("a narrowed run touches no other package", async () => {
    const where = await generated(tree(["a", "b", "c", "d"]));
    remove(where, "cmd/a/a.image.ts", "cmd/b/b.image.ts");
    where.write({ "cmd/c/c.image.ts": service("changed"), "cmd/d/d.image.ts": service("changed") });
    const before = where.read();
    for (const target of ["cmd/c", "changed"]) {
      const ran = await where.run(["generate", target]);
      expect(ran, ran.err).toMatchObject({ code: 0 });
      if (target === "cmd/c") expect(differences(before, ran.tree)).toEqual(["cmd/c/BUILD.bazel"]);
      else expect(differences(before, ran.tree)).toEqual(["cmd/c/BUILD.bazel", "cmd/d/BUILD.bazel"]);
    }
    const { tree: after } = await succeed(where, "generate");
    expect(differences(before, after)).toEqual([
      "cmd/a/BUILD.bazel",
      "cmd/a/image_test.yaml",
      "cmd/b/BUILD.bazel",
      "cmd/c/BUILD.bazel",
      "cmd/d/BUILD.bazel",
    ]);
  });

  test("node_modules, .git, bazel-* and ignored folders are not walked; other folders are", async () => {
    const where = await generated({
      ...tree(["a", "b", "c"]),
      ".bazelignore": "# not ours\nthird_party/ignored/\nold\n",
    });
    const { "cmd/b/BUILD.bazel": region = "", "cmd/a/image_test.yaml": yaml = "" } = where.read();
    const skipped = [
      "node_modules/x",
      "web/node_modules/x",
      ".git/x",
      "sub/.git",
      "bazel-out/x",
      "bazel-repo/cmd/b",
      "third_party/ignored",
      "third_party/ignored/deep/er",
      "old/x",
    ];
    const walked = ["third_party/other", "deep/bazel-out", "older", ".hidden/x"];
    const plant = (folders: readonly string[]) =>
      where.write(
        Object.fromEntries(
          folders.flatMap((folder) => [
            [`${folder}/BUILD.bazel`, region],
            [`${folder}/image_test.yaml`, yaml],
          ]),
        ),
      );
    plant(skipped);
    const before = where.read();
    expect((await succeed(where, "generate")).tree).toEqual(before);
    plant(walked);
    expect((await where.run(["generate"])).code).toBe(2);
    expect((await succeed(where, "generate", "--prune")).tree).toEqual(before);
  });

  test("a BUILD file with the word, and YAML of other generators", async () => {
    const where = await generated({
      ...tree(["a", "b"]),
      "docs/BUILD.bazel":
        'filegroup(name = "x", srcs = ["""\n# BEGIN gen-bazel-images\n# END gen-bazel-images\n"""])\n',
      "docs/BUILD": "# see # BEGIN gen-bazel-images\n",
      "docs/other.yaml": "# Code generated by something else; DO NOT EDIT.\n",
    });
    const before = where.read();
    expect((await succeed(where, "generate")).tree).toEqual(before);
  });
});

describe("a run that would remove most of what is there", () => {
  const names = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `s${String(index).padStart(2, "0")}`);

  test.each([
    { all: 50, gone: 20, refused: false },
    { all: 50, gone: 21, refused: true },
    { all: 4, gone: 2, refused: false },
    { all: 5, gone: 3, refused: true },
  ])("$gone of $all: refused is $refused", async ({ all, gone, refused }) => {
    const files = Object.fromEntries(names(all).map((name) => [`cmd/${name}/${name}.image.ts`, service(name)]));
    const where = await generated({ "bazel-images.config.ts": config, ...files });
    remove(where, ...names(gone).map((name) => `cmd/${name}/${name}.image.ts`));
    const before = where.read();
    const ran = await where.run(["generate"]);
    if (refused) {
      expect(ran.code).toBe(2);
      expect(ran.err).toContain("prune-refused");
      expect(ran.err).toContain(`${gone} of ${all}`);
      expect(ran.tree).toEqual(before);
      expect((await where.run(["check"])).code).toBe(2);
    } else expect(ran.code).toBe(0);
    const { tree: after } = await succeed(where, "generate", "--prune");
    for (const [index, name] of names(all).entries())
      expect(existsSync(join(where.root, `cmd/${name}/BUILD.bazel`)), name).toBe(index >= gone);
    expect(differences(before, after)).toHaveLength(gone);
  });
});

test("services count, not packages: most of one file go only with --prune", async () => {
  const files = Object.fromEntries([..."abcdefg"].map((name) => [`cmd/all/${name}.image.ts`, service(name)]));
  const where = await generated({ "bazel-images.config.ts": config, ...files, ...tree(["one"]) });
  remove(where, ...[..."abcd"].map((name) => `cmd/all/${name}.image.ts`));
  await succeed(where, "generate");
  where.write(files);
  await succeed(where, "generate");
  remove(where, ...[..."abcde"].map((name) => `cmd/all/${name}.image.ts`));
  const before = where.read();
  const ran = await where.run(["generate"]);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("5 of 8 services");
  expect(ran.tree).toEqual(before);
  const { tree: after } = await succeed(where, "generate", "--prune");
  expect(differences(before, after)).toEqual(["cmd/all/BUILD.bazel"]);
});

test("a tree of 100,000 files, with 256 descriptors", { timeout: 180_000 }, async () => {
  const where = await generated(tree(["a", "b", "c"]));
  for (let folder = 0; folder < 2000; folder++) {
    const path = join(where.root, `src/${folder % 40}/${folder}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "BUILD.bazel"), `filegroup(name = "f${folder}")\n`);
    writeFileSync(join(path, "values.yaml"), "a: 1\n");
    // Links are quicker to make than files, and files to a walk.
    writeFileSync(join(path, "0.go"), "");
    for (let file = 1; file < 48; file++) linkSync(join(path, "0.go"), join(path, `${file}.go`));
  }
  remove(where, "cmd/a/a.image.ts");
  const start = performance.now();
  const command = `ulimit -n 256; exec "${process.execPath}" "${mainProgram}" generate`;
  const ran = spawnSync("sh", ["-c", command], { cwd: where.root, encoding: "utf8" });
  const seconds = (performance.now() - start) / 1000;
  console.log(`whole run over 100,000 files in 2,000 packages: ${seconds.toFixed(2)} s`);
  expect(ran, ran.stderr).toMatchObject({ status: 0 });
  expect(existsSync(join(where.root, "cmd/a/image_test.yaml"))).toBe(false);
  expect(seconds).toBeLessThan(10);
});
