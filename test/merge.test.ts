import { describe, expect, test } from "vitest";
import { isUnchanged } from "../src/pipeline/merge/index.ts";
import { loads, merge, oci, pkg, region, remove, requestFor } from "./merge/fixture.ts";

const goLibrary = `go_library(
    name = "worker_lib",
    srcs = ["main.go"],  # the only one
)
`;
const goLoad = `load("@io_bazel_rules_go//go:def.bzl", "go_library")\n`;

const alreadyLoaded = "the symbols are loaded already, one from an alternative";

interface Case {
  readonly why: string;
  readonly before: string | undefined;
  readonly after: string;
}

const cases: readonly Case[] = [
  { why: "there is no file", before: undefined, after: `${loads}\n\n${region}\n` },
  { why: "the file is empty", before: "", after: `${loads}\n\n${region}\n` },
  {
    why: "there is a rule without a load",
    before: goLibrary,
    after: `${loads}\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: "there are other loads",
    before: `${goLoad}load("//:z.bzl", "z")\n\n${goLibrary}`,
    after: `${goLoad}${loads}\nload("//:z.bzl", "z")\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: "there are a licence, a docstring and package()",
    before: `# Copyright\n\n"""doc"""\n\npackage(default_visibility = [])\n\n${goLibrary}`,
    after: `# Copyright\n\n"""doc"""\n\n${loads}\n\npackage(default_visibility = [])\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: "a comment is glued to the first rule",
    before: `# about the library\n${goLibrary}`,
    after: `${loads}\n\n# about the library\n${goLibrary}\n${region}\n`,
  },
  {
    why: "there are only comments",
    before: "# gazelle:ignore\n",
    after: `# gazelle:ignore\n\n${loads}\n\n${region}\n`,
  },
  {
    why: "the first load has a comment",
    before: `# z is ours\nload("//:z.bzl", "z")\n\n${goLibrary}`,
    after: `${loads}\n\n# z is ours\nload("//:z.bzl", "z")\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: "a load of the same file is on one line",
    before: `load("${oci}", "oci_layout", x = "oci_image_index")\nload("${pkg}", "pkg_zip")\n\n${goLibrary}`,
    after: `load("${oci}", "oci_image", "oci_layout", x = "oci_image_index")\nload("${pkg}", "pkg_tar", "pkg_zip")\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: "a load of the same file is on many lines",
    before: `load(\n    "${oci}",\n    # lays out\n    "oci_layout",  # for tests\n)\nload(\n    "${pkg}",\n    "pkg_files",\n)\n\n${goLibrary}`,
    after: `load(\n    "${oci}",\n    "oci_image",\n    # lays out\n    "oci_layout",  # for tests\n)\nload(\n    "${pkg}",\n    "pkg_files",\n    "pkg_tar",\n)\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: alreadyLoaded,
    before: `load("@contrib_rules_oci//oci:defs.bzl", "oci_image")\nload("${pkg}", "pkg_tar")\n\n${goLibrary}`,
    after: `load("@contrib_rules_oci//oci:defs.bzl", "oci_image")\nload("${pkg}", "pkg_tar")\n\n${goLibrary}\n${region}\n`,
  },
  {
    why: "strings hold the borders",
    before: `x = """\n# BEGIN gen-bazel-images\n"""\ny = "# END gen-bazel-images"\n`,
    after: `${loads}\n\nx = """\n# BEGIN gen-bazel-images\n"""\ny = "# END gen-bazel-images"\n\n${region}\n`,
  },
  { why: "there is no line end at the end", before: "x()", after: `${loads}\n\nx()\n\n${region}` },
  { why: "there are blank lines at the end", before: "x()\n\n \n", after: `${loads}\n\nx()\n\n${region}\n\n \n` },
  { why: "there is a byte order mark", before: "\ufeffx()\n", after: `\ufeff${loads}\n\nx()\n\n${region}\n` },
  { why: "there are tabs", before: "x(\n\ta = 1,\n)\n", after: `${loads}\n\nx(\n\ta = 1,\n)\n\n${region}\n` },
];

describe("a region is added when", () => {
  test.each(cases)("$why", ({ why, before, after }) => {
    const result = merge(before);
    expect(result).toEqual({ text: after, moved: [], removed: [], ignored: false, diagnostics: [] });
    expect(merge(after).text).toBe(after);
    expect(isUnchanged(requestFor(before))).toBe(false);
    if (why !== alreadyLoaded) expect(remove(after).text).toBe(before?.trim() ? before : undefined);
  });

  test.each(cases)("$why, with carriage returns", ({ before, after }) => {
    if (!before?.includes("\n")) return;
    expect(merge(before.replaceAll("\n", "\r\n")).text).toBe(after.replaceAll("\n", "\r\n"));
  });
});

test("a very long line survives", () => {
  const text = `x(a = "${"y".repeat(1_000_000)}")\n`;
  const added = merge(text).text;
  expect(added === `${loads}\n\n${text}\n${region}\n`).toBe(true);
  expect(remove(added).text === text).toBe(true);
});
