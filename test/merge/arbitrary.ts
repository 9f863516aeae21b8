import fc from "fast-check";
import type { WantedRegion } from "../../src/pipeline/merge/index.ts";
import { oci, pkg } from "./fixture.ts";

const heads = [
  "# Copyright 2020 Acme.\n# All rights reserved.",
  '"""What this package is for.\n\n# BEGIN gen-bazel-images\n"""',
  "# gazelle:prefix github.com/acme/worker",
];

const loads = [
  'load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_library", "go_test")',
  'load(\n    "@io_bazel_rules_go//go:def.bzl",\n    "go_binary",\n    "go_library",\n    "go_test",\n)',
  `load("${oci}", "oci_layout")`,
  `load("${oci}", "oci_push")`,
  `load(\n    "${oci}",\n    "oci_push",\n)`,
  `load(\n    "${pkg}",\n    # for the docs\n    "pkg_files",  # needed\n    "pkg_zip",\n    strip = "strip_prefix",\n)`,
  `load("${pkg}", "pkg_files")`,
  `load("${pkg}", "pkg_zip", strip = "strip_prefix")`,
  'load("//dev:macros.bzl", "go_service", "TAGS")',
  '# macros of ours\nload("//dev:macros.bzl", "go_service", service = "go_service")  # keep',
  'load(":local.bzl", "local")',
  'load("@aspect_bazel_lib//lib:tar.bzl", "mtree_spec")',
  `load("${pkg}", 'pkg_files',"pkg_zip"   , )`,
  `load("${oci}",\n  "oci_layout")`,
];

const statements = [
  'package(default_visibility = ["//visibility:public"])',
  'licenses(["notice"])',
  'exports_files(["LICENSE"])',
  'go_library(\n    name = "worker_lib",\n    srcs = [\n        "main.go",\n        "util.go",  # keep\n    ],\n    importpath = "github.com/acme/worker",\n    visibility = ["//visibility:private"],\n    deps = ["//lib"],\n)',
  '# The binary.\ngo_binary(\n    name = "worker",\n    embed = [":worker_lib"],\n)',
  'go_test(\n    name = "worker_test",\n    # small\n    size = "small",\n    srcs = glob(["*_test.go"]),\n)',
  'go_service(name = "svc", tags = TAGS)',
  'oci_push(\n    name = "mine",\n    image = ":image",\n)',
  '[local(name = "n_" + n) for n in ["a", "b"]]',
  'pkg_zip(name = "z", srcs = strip(["a"]))',
  "# A comment that stands alone.\n# END gen-bazel-images, not",
  "# gazelle:resolve go x //y",
  'X = """\n# BEGIN gen-bazel-images\n# END gen-bazel-images\n"""',
  "Y = '# BEGIN gen-bazel-images'",
  'genrule(\n\tname = "g",\n\touts = ["o"],\n\tcmd = "echo \\\\\\" # END > $@",\n)',
  'filegroup(name = "f", srcs = ["\u00e9\u{1f600}.txt"]) # unicode',
  'a(name = "a"); b(name = "b")  # two',
  "# glued below nothing\nfoo()\n# glued behind foo",
];

function joined(parts: readonly string[], gaps: readonly number[]): string {
  return parts.map((part, index) => part + "\n".repeat(1 + (gaps[index % gaps.length] ?? 1))).join("");
}

/** Loads of which no two bind a name or come from one file. */
const loadBlock = fc.shuffledSubarray(loads, { maxLength: 6 }).map((some) => {
  const seen = new Set<string>();
  return some.filter((load) => {
    const label = /load\(\s*"([^"]*)"/.exec(load)?.[1] ?? "";
    return seen.size < seen.add(label).size;
  });
});

/** A BUILD file of real shapes; the symbols that we might take for ours are used in it. */
export const buildFile = fc
  .record({
    head: fc.subarray(heads),
    loads: loadBlock,
    statements: fc.shuffledSubarray(statements, { maxLength: 8 }),
    gaps: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
    tidy: fc.boolean(),
    end: fc.constantFrom("\n", "", "\n\n\n", "\n  \n", " "),
    lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
    mark: fc.constantFrom("", "", "", "\ufeff"),
  })
  .map(({ head, loads: some, statements: rest, gaps, tidy, end, lineEnd, mark }) => {
    const isPushLoaded = some.some((load) => load.includes('"oci_push"'));
    const used = isPushLoaded ? ["x(oci_push)"] : [];
    const parts = [...head, ...some, ...rest.filter((one) => isPushLoaded || !one.startsWith("oci_push")), ...used];
    const text = joined(parts, tidy ? [1] : gaps).trimEnd();
    return text === "" ? "" : mark + `${text}${end}`.replaceAll("\n", lineEnd);
  });

const rules: readonly (readonly [name: string, load: readonly [string, string], text: string])[] = [
  ["tar_worker", [pkg, "pkg_tar"], 'pkg_tar(\n    name = "tar_worker",\n    srcs = [":worker"],\n)'],
  [
    "image",
    [oci, "oci_image"],
    '# What runs.\noci_image(\n    name = "image",\n    base = "@wolfi_base",  # pinned\n)',
  ],
  [
    "image_tarball",
    [oci, "oci_tarball"],
    'oci_tarball(\n    name = "image_tarball",\n    image = ":image",\n    repo_tags = ["worker:candidate"],\n)',
  ],
  [
    "candidate_push",
    ["//dev:oci_defs.bzl", "image_repository"],
    'oci_push(\n    name = "candidate_push",\n    image = ":image",\n    repository = image_repository("worker"),\n)',
  ],
];

/** What a service may want of a file. */
export const wantedRegion: fc.Arbitrary<WantedRegion> = fc
  .record({ rules: fc.subarray([...rules], { minLength: 1 }), source: fc.constantFrom("a/a.image.ts", "b.image.ts") })
  .map(({ rules: some, source }) => {
    const push = some.some(([name]) => name === "candidate_push") ? [[oci, "oci_push"] as const] : [];
    return {
      body: some.map(([, , text]) => text).join("\n\n"),
      sources: [source],
      names: some.map(([name]) => name),
      loads: [...some.map(([, load]) => load), ...push].map(([from, symbol]) => ({ from, symbol, alternatives: [] })),
    };
  });
