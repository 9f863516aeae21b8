import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { searchRegion } from "../../src/pipeline/merge/index.ts";
import { isFaithful } from "../../src/pipeline/merge/verify.ts";
import { loads, merge, oci, pkg, region } from "./fixture.ts";
import { reader } from "./reader.ts";

const full = `${loads}\n\nx()\n\n${region}\n`;

describe("wounds of other merging tools", () => {
  test("an element's comment is not lost (rules_go#489)", () => {
    const outside =
      'go_library(\n    name = "lib",\n    srcs = [\n        "a.go",  # first\n        # second\n        "b.go",\n    ],\n)\n';
    expect(merge(`${full}\n${outside}`).text).toBe(`${full}\n${outside}`);
    const inside = full.replace('["/worker"]', '[\n        "/worker",  # the binary\n    ]');
    expect(merge(inside)).toMatchObject({ text: `${full}\n# the binary\n`, moved: ["# the binary"] });
  });

  test("a generated attribute is updated, and one that is not wanted goes (rules_go#525)", () => {
    const edited = full.replace('base = "@wolfi_base"', 'base = "@old",\n    user = "root"');
    expect(merge(edited).text).toBe(full);
  });

  test("a load on one line stays on one line, one on many stays on many (rules_go#689)", () => {
    const one = `load("${oci}", "oci_layout")\nload("${pkg}", "pkg_tar")\n\noci_layout(pkg_tar)\n`;
    expect(merge(one).text).toMatch(`load("${oci}", "oci_image", "oci_layout")\n`);
    const many = one.replace(`"${oci}", "oci_layout"`, `\n    "${oci}",\n    "oci_layout",\n`);
    expect(merge(many).text).toMatch(`load(\n    "${oci}",\n    "oci_image",\n    "oci_layout",\n)\n`);
  });

  test("comments of a load that loses symbols are not lost (buildtools#645)", () => {
    const load = `# images\nload(\n    "${oci}",\n    # above image\n    "oci_image",\n    # above push\n    "oci_push",  # behind push\n    # at the end\n)  # behind\n`;
    const text = full.replace(`load("${oci}", "oci_image")\n`, load);
    expect(merge(text).text).toBe(text.replace('"oci_push",  # behind', "# behind"));
    const last = `# images\nload("//dev:oci_defs.bzl", "image_repository")  # behind\n`;
    expect(merge(`${loads}\n\n${last}\n${full.slice(loads.length + 2)}`).text).toBe(
      `${loads}\n\n# images\n# behind\n\n${full.slice(loads.length + 2)}`,
    );
  });
});

test.each([
  ["a statement is gone", full.replace("x()", "")],
  ["a comment is gone", full.replace("# c\n", "")],
  ["the region differs", full.replace("@wolfi_base", "@x")],
  ["a name is bound twice", `${full}load("//:x.bzl", "oci_image")\n`],
  ["it does not parse", `${full})\n`],
])("the last look refuses a result when %s", (_, text) => {
  const look = (result: string) => {
    const [before, after] = [`# c\n${full}`, result].map((one) => {
      const file = reader.read(one);
      return { file, region: searchRegion(file, "BUILD").region };
    });
    return before && after && isFaithful({ before, after, path: "BUILD", region });
  };
  expect(look(`# c\n${full}`)).toBe(true);
  expect(look(text)).toBe(false);
});

describe("buildozer", () => {
  const folder = mkdtempSync(join(tmpdir(), "buildozer-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const buildozer = join(
    dirname(createRequire(import.meta.url).resolve("@bazel/buildozer/package.json")),
    `buildozer-${process.platform === "win32" ? "windows" : process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`,
  );

  function edit(text: string, ...commands: readonly (readonly [command: string, target: string])[]): string {
    const file = join(folder, "cmd/worker/BUILD.bazel");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(join(folder, "WORKSPACE"), "");
    writeFileSync(file, text);
    for (const [command, target] of commands) {
      execFileSync(buildozer, ["-root_dir", folder, command, target], { cwd: folder, stdio: "ignore" });
    }
    return readFileSync(file, "utf8");
  }

  test("a rule that it adds stands outside the region after the next run", () => {
    const edited = edit(full, ["new go_test x", "//cmd/worker:__pkg__"], ["comment why", "//cmd/worker:x"]);
    const result = merge(edited);
    expect(result.moved).toEqual(['go_test "x"']);
    expect(result.text).toBe(`${full}\n# why\ngo_test(name = "x")\n`);
  });

  test("a rule of ours that it deletes is back, borders intact", () => {
    for (const name of ["tar_worker", "image"]) {
      const edited = edit(full, ["delete", `//cmd/worker:${name}`]);
      expect(edited).not.toContain(`"${name}",\n`);
      expect(merge(edited).text).toBe(full);
    }
  });

  test("a load that it adds to a file without loads stands outside the region after the next run", () => {
    const native = { ...bare, body: 'filegroup(\n    name = "f",\n)' };
    const text = merge(undefined, { wanted: native }).text ?? "";
    const edited = edit(text, ["new_load //:a.bzl a", "//cmd/worker:__pkg__"]);
    const result = merge(edited, { wanted: native }).text;
    expect(result).toBe(`load("//:a.bzl", "a")\n\n${text}`);
    expect(merge(result, { wanted: native }).text).toBe(result);
  });
});

const bare = { sources: ["a.image.ts"], loads: [], names: ["f"] };
