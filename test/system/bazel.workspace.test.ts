/** Whole workspaces: set-up macros, pulled bases, hand-made stubs, and values that Bazel gives back. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemSuite } from "../support/system.ts";
import { checkWorkspace, judge, shutdown, type Verdict, type Workspace } from "./bazel.ts";
import { readFacts, type StubAttribute, writeFiles, writeStubs } from "./stubs/index.ts";
import { literal } from "./stubs/starlark.ts";
import { renderWorkspace } from "./stubs/workspace.ts";

const v1 = { oci: "1.8.0", pkg: "0.7.0", cst: "1.22.0" };
const v2 = { oci: "2.3.2", pkg: "1.2.0", cst: "1.22.0" };

const digest = `sha256:${"0".repeat(64)}`;

const worker = `
load("@container_structure_test//:defs.bzl", "container_structure_test")
load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_cross_binary", "go_library", "go_test")
load("@rules_oci//oci:defs.bzl", "oci_image", "oci_push")
load("@rules_pkg//:mappings.bzl", other_files = "pkg_files")
load("@rules_pkg//:pkg.bzl", "pkg_tar")
load("@rules_pkg//pkg:mappings.bzl", "pkg_attributes", "pkg_filegroup", "pkg_files", "pkg_mkdirs", "pkg_mklink", "strip_prefix")

go_library(name = "lib", srcs = ["main.go"], importpath = "example.com/worker")
go_binary(name = "worker", embed = [":lib"])
go_cross_binary(name = "worker_amd64", target = ":worker", platform = "@io_bazel_rules_go//:BUILD.bazel")
go_test(name = "lib_test", srcs = ["main.go"], embed = [":lib"])
pkg_files(name = "files", srcs = ["main.go"], attributes = pkg_attributes(mode = "0755", user = "a", group = "b"), strip_prefix = strip_prefix.from_pkg())
other_files(name = "others", srcs = ["main.go"])
pkg_mkdirs(name = "dirs", dirs = ["/tmp"])
pkg_mklink(name = "link", link_name = "a", target = "b")
pkg_filegroup(name = "group", srcs = [":files", ":dirs", ":link"])
pkg_tar(name = "tar_worker", srcs = [":worker", ":group"])
oci_image(name = "image", base = "@base", env = {"10": "a", "2": "b"}, tars = [":tar_worker", ":tar_worker.tar"])
oci_image(name = "one", base = "@base_linux_amd64", env = ":image.digest", tars = select({"@platforms//cpu:arm64": [], "//conditions:default": [":tar_worker"]}) + ["@base//:digest"])
oci_push(name = "push", image = ":image", repository = "a/b", remote_tags = ["c"])
container_structure_test(name = "image_test", configs = ["image_test.yaml"], image = ":image", size = "small")
`;

/** Strings that are hard to say: all control characters, quotes, backslashes, non-ASCII, astral. */
const hard = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
  "\u007f",
  '"',
  "\\",
  "'",
  "é",
  "☃",
  "😀",
  "$A",
  "$(A)",
  "\\n",
];

function hardBuild(): string {
  const quoted = hard.map(
    (text) =>
      `"${[...text].map((one) => (one < " " ? `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}` : one.replace(/["\\]/, "\\$&"))).join("")}"`,
  );
  return `load("@rules_pkg//pkg:tar.bzl", "pkg_tar")\npkg_tar(name = "hard", empty_files = [${quoted.join(", ")}])\n`;
}

const pull = (args: string): string => `oci_pull(name = "base", image = "index.docker.io/library/base", ${args})\n`;
const good = pull(`digest = "${digest}", platforms = ["linux/amd64", "linux/arm64/v8"]`);

systemSuite("bazel-workspace", { programs: ["bazel"] }, () => {
  for (const versions of [v1, v2])
    describe(`rules_oci ${versions.oci}`, () => {
      const dir = join(realpathSync(tmpdir()), `workspace-${process.pid}-${versions.oci}`);
      const root = join(dir, "ws");
      let workspace: Workspace;
      const judgeWith = (text: string, files: Readonly<Record<string, string>> = {}): Promise<Verdict> => {
        writeFiles(root, { "extra/BUILD.bazel": "", ...files, WORKSPACE: text });
        return judge(workspace);
      };
      beforeAll(() => {
        workspace = { root, repositories: writeStubs(join(dir, "stubs"), versions) };
        const sources = { "BUILD.bazel": worker, "main.go": "", "image_test.yaml": "" };
        writeFiles(join(root, "cmd/worker"), sources);
        writeFiles(root, { "hard/BUILD.bazel": hardBuild() });
      });
      afterAll(async () => {
        await shutdown(root);
        rmSync(dir, { recursive: true, force: true });
      });

      it("loads a worker with all that is hand-made, and gives back its values", async () => {
        const { ok, stderr, targets } = await judgeWith(renderWorkspace(versions) + good);
        expect(stderr).toBe("");
        expect(ok).toBe(true);
        const given = (name: string, attribute: string) =>
          targets.find((target) => target.name === name)?.attributes.get(attribute);
        expect(given("hard", "empty_files")).toEqual(hard);
        expect(given("files", "attributes")).toBe('{"group":"b","mode":"0755","user":"a"}');
        expect(given(versions === v1 ? "_image_write_env" : "image_write_env", "content")).toEqual(["10=a", "2=b"]);
        expect(given("one", "tars")).toEqual({
          sum: [
            {
              select: [
                ["@platforms//cpu:arm64", []],
                ["//conditions:default", ["//cmd/worker:tar_worker"]],
              ],
            },
            ["@base//:digest"],
          ],
        });
      });

      it("takes every attribute of oci_pull", async () => {
        const attributes = Object.entries(readFacts("rules_oci", versions.oci).rules.oci_pull?.attributes ?? {});
        const used = attributes.filter(([name]) => !["registry", "repository", "name"].includes(name));
        const args = used.map(([name, one]) => `${name} = ${pullValue(name, one)}`);
        const text = `oci_pull(name = "other", ${args.join(", ")})\noci_pull(name = "third", registry = "a", repository = "b", tag = "c")\n`;
        expect((await judgeWith(renderWorkspace(versions) + good + text)).stderr).toBe("");
      });

      const faults: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
        "an attribute that oci_pull lacks": [pull(`digest = "${digest}", platform = "a"`), /unexpected keyword/],
        "a wrong type in oci_pull": [pull(`digest = "${digest}", platforms = "linux/amd64"`), /platforms is a string/],
        "a wrong type in a list": [pull(`digest = "${digest}", platforms = [1]`), /holds a int/],
        "no digest and no tag": [pull(""), /neither digest nor tag/],
        "no known platform": [pull(`digest = "${digest}", platforms = ["windows/amd64"]`), /none of the platforms/],
        "a platform that is not pulled": [
          pull(`digest = "${digest}", platforms = ["linux/arm64"]`),
          /base_linux_amd64/,
        ],
        "a wrong argument of a set-up macro": [
          `${good}oci_register_toolchains(name = "oci", crane = "a")`,
          /unexpected keyword/,
        ],
        "a base that nobody pulls": ["", /@base/],
      };
      // Once is enough: the macro is the same text in both.
      it.each(versions === v1 ? [] : Object.entries(faults))("notices %s", async (_, [text, says]) => {
        const { ok, stderr } = await judgeWith(renderWorkspace(versions) + text);
        expect(ok).toBe(false);
        expect(stderr).toMatch(says);
      });

      it("notices a ruleset that the WORKSPACE does not declare", async () => {
        const text = renderWorkspace(versions).replace(/^.*io_bazel_rules_go.*$/m, "");
        const { ok, stderr } = await judgeWith(text + good);
        expect(ok).toBe(false);
        expect(stderr).toBe("ERROR: the WORKSPACE does not declare @io_bazel_rules_go");
      });

      it("notices a source file that is not there", async () => {
        const build = `load("@rules_pkg//pkg:tar.bzl", "pkg_tar")\npkg_tar(name = "a", srcs = ["b c.txt"])\n`;
        const { ok, stderr } = await judgeWith(renderWorkspace(versions) + good, { "extra/BUILD.bazel": build });
        expect(ok).toBe(false);
        expect(stderr).toBe("ERROR: no such source file: //extra:b c.txt");
      });
    });

  it("does not call a workspace fine that has no targets", async () => {
    const root = mkdtempSync(join(realpathSync(tmpdir()), "empty-"));
    writeFiles(root, { WORKSPACE: renderWorkspace(v2) });
    const verdict = await checkWorkspace(root, v2);
    rmSync(root, { recursive: true, force: true });
    expect(verdict.ok).toBe(false);
    expect(verdict.stderr).toContain("no targets found");
  });

  it("checks a workspace from beginning to end, whatever its rc and version files say", async () => {
    const root = mkdtempSync(join(realpathSync(tmpdir()), "whole-"));
    writeFiles(root, {
      WORKSPACE: renderWorkspace(v2, ["alpine"]),
      ".bazelrc": "common --enable_bzlmod\n",
      ".bazelversion": "8.4.2\n",
      "BUILD.bazel": 'load("@rules_oci//oci:defs.bzl", "oci_image")\noci_image(name = "image", base = "@alpine")\n',
    });
    const verdict = await checkWorkspace(root, v2);
    rmSync(root, { recursive: true, force: true });
    expect(verdict).toMatchObject({ ok: true, stderr: "" });
    expect(verdict.targets.map(({ name }) => name)).toContain("image");
  });
});

function pullValue(name: string, one: StubAttribute): string {
  if (name === "platforms") return '["linux/amd64"]';
  if (name === "digest") return literal(digest);
  const values: Readonly<Record<string, unknown>> = {
    string: "text",
    bool: true,
    string_list: ["a"],
    string_dict: { a: "b" },
    label: "//:config.json",
  };
  return literal(values[one.type]);
}
