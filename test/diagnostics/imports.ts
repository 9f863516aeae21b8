import type { Tree } from "../support/run.ts";
import { type BadInput, config, configWith, digest } from "./bad-input.ts";

const loads =
  'load("@container_structure_test//:defs.bzl", "container_structure_test")\nload("@rules_oci//oci:defs.bzl", "oci_image", "oci_image_index", "oci_load", "oci_push")\nload("@rules_pkg//pkg:tar.bzl", "pkg_tar")\n';
const image = 'oci_image(\n    name = "image",\n    base = "@x//:y",\n)\n';

/** A repository of Bazel without a config of ours, with one BUILD file. */
function build(text: string, more: Tree = {}): Tree {
  return { WORKSPACE: "", "web/BUILD.bazel": `${loads}\n${text}`, ...more };
}

/** A warning about one rule, beside an image that is imported. */
function remains(code: string, text: string, more: Partial<BadInput> = {}): BadInput {
  return { code, severity: "warning", argv: ["import", "--dry-run"], files: build(`${image}\n${text}`), ...more };
}

const test = (configs: string) =>
  `container_structure_test(\n    name = "image_test",\n    configs = ["${configs}"],\n    image = ":image",\n)\n`;
const pull = (fields: string) =>
  `load("@rules_oci//oci:pull.bzl", "oci_pull")\n\n‸oci_pull(\n    name = "x",\n${fields})\n`;
const imageOf = (base: string) => `oci_image(\n    name = "image",\n    base = "${base}",\n)\n`;
const pullOf = (digit: string) =>
  `load("@rules_oci//oci:pull.bzl", "oci_pull")\n\ndef oci_deps():\n‸    oci_pull(\n        name = "x",\n        image = "a.b/c",\n        digest = "sha256:${digit.repeat(64)}",\n    )\n`;

/** What `import` cannot take, each at its place. */
export const importCases: readonly BadInput[] = [
  {
    code: "import-no-workspace",
    argv: ["import", "--dry-run"],
    files: { "web/BUILD.bazel": `${loads}\n${image}` },
    placeless: 1,
    says: "--cwd DIR",
  },
  remains("import-spread", '‸pkg_tar(\n    name = "tar",\n    **COMMON\n)\n', { says: "`**COMMON`" }),
  remains("import-positional", '‸pkg_tar(\n    "tar",\n    [":x"],\n)\n'),
  remains("import-name", '‸pkg_tar(\n    name = "tar" + X,\n)\n'),
  remains("import-nested", '[\n    ‸pkg_tar(name = "t" + x)\n    for x in ["a"]\n]\n', { says: "a pkg_tar" }),
  remains("import-nested", 'def make():\n    ‸oci_push(name = "push")\n', {
    why: "in a function",
    says: 'oci_push "push"',
  }),
  remains("import-line-shared", '‸pkg_tar(name = "a"); x()\n', { says: "buildifier" }),
  remains("import-changed-below", 'X = "0555"\n\n‸pkg_tar(\n    name = "tar",\n    mode = X,\n)\n\nX = "0444"\n', {
    says: "`X`, which it reads, changes below it",
  }),
  {
    code: "import-link",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: { WORKSPACE: "", "tools/real.BUILD": `${loads}\n${image}`, "web/README": "" },
    links: { "web/BUILD.bazel": "../tools/real.BUILD" },
    elsewhere: ["web/BUILD.bazel:1:1"],
  },
  {
    code: "import-setup-syntax",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: build(image, {
      WORKSPACE:
        'workspace(name = "w")\n\n‸http_archive(\n    name = "rules_oci",\n    strip_prefix = "rules_oci-2.2.0",\n',
    }),
  },
  remains("import-kind", '‸oci_image_index(\n    name = "index",\n    images = [":image"],\n)\n'),
  {
    code: "import-kind-version",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: {
      ...config({}),
      "web/BUILD.bazel": `${loads}\n‸oci_load(\n    name = "load",\n    image = ":image",\n    repo_tags = [],\n)\n`,
    },
    says: "rules_oci@2",
  },
  {
    code: "import-load",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: build(image, {
      "a/BUILD.bazel": 'load("//dev:rules.bzl", "oci_image")\n\n‸oci_image(name = "image", base = "@x//:y")\n',
      "b/BUILD.bazel": `${loads}\n${image}`,
    }),
    says: "@rules_oci//oci:defs.bzl",
  },
  {
    code: "import-declared",
    argv: ["import", "--dry-run"],
    files: {
      ...config({}),
      "app/BUILD.bazel": `${loads}\n‸oci_image(\n    name = "image",\n    base = "@other//:it",\n)\n`,
    },
    says: "another `base`",
  },
  remains(
    "import-refused",
    '‸oci_push(\n    name = "push",\n    image = ":image",\n    remote_tags = ["no tag"],\n    repository = "a.b/c",\n)\n',
  ),
  remains("import-test-config", test("image_test.yaml"), {
    files: build(`${image}\n${test("image_test.yaml")}`, {
      "web/image_test.yaml": '‸schemaVersion: "1.0.0"\n',
    }),
    says: "schemaVersion is 1.0.0",
  }),
  remains("import-test-config", test("other.yaml"), {
    why: "another name",
    files: build(`${image}\n${test("other.yaml")}`, {
      "web/other.yaml": '‸schemaVersion: "2.0.0"\nmetadataTest: {user: x}\n',
    }),
    says: "image_test.yaml",
  }),
  remains("import-glob", 'filegroup(\n    name = "all",\n    srcs = ‸glob(["**"]),\n)\n', { says: "web/web.image.ts" }),
  {
    code: "import-base",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: build('oci_image(\n    name = "image",\n    base = "@x",\n)\n', {
      WORKSPACE: pull('    image = "a.b/c",\n    tag = "v1",\n'),
    }),
    says: "pin gives it one",
  },
  {
    code: "import-base-twice",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: build('oci_image(\n    name = "image",\n    base = "@x",\n)\n', {
      WORKSPACE: pull(`    image = "a.b/c",\n    digest = "${digest}",\n`),
    }),
    says: 'load("//dev:oci_deps.bzl", "oci_deps")',
  },
  {
    code: "import-base-twice",
    why: "in MODULE.bazel",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: {
      "MODULE.bazel": `oci = use_extension("@rules_oci//oci:extensions.bzl", "oci")\n‸oci.pull(\n    name = "x",\n    image = "a.b/c",\n    digest = "${digest}",\n)\nuse_repo(oci, "x")\n`,
      "web/BUILD.bazel": `${loads}\noci_image(\n    name = "image",\n    base = "@x",\n)\n`,
    },
    says: 'include("//dev:oci.MODULE.bazel")',
  },
  {
    code: "import-config",
    argv: ["import", "--dry-run"],
    files: {
      "bazel-images.config.ts": `‸const services = () => ["app/*.image.ts"];\nexport default { rulesets: { oci: "rules_oci@2" } as const, services: services() };\n`,
      "app/app.image.ts": 'export default { name: "app", base: "@x//:y" };\n',
      "web/BUILD.bazel": `${loads}\n${image}`,
    },
    says: "web/**/*.image.ts",
  },
  {
    code: "argument-unknown",
    why: "import of a package that is not there",
    argv: ["import", "//nowhere"],
    files: build(image),
    placeless: 1,
    says: "import cmd/worker",
  },
  {
    code: "build-file-syntax",
    why: "import",
    argv: ["import", "--dry-run"],
    files: { WORKSPACE: "", "web/BUILD.bazel": `${loads}\n‸oci_image(name = )\n` },
  },
  {
    code: "region-unbalanced",
    why: "import",
    argv: ["import", "--dry-run"],
    files: build(`${image}\n‸# BEGIN gen-bazel-images\n`),
  },
  {
    code: "file-ignored",
    why: "import",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: { WORKSPACE: "", "web/BUILD.bazel": `‸# gen-bazel-images: ignore\n\n${loads}\n${image}` },
  },
  {
    code: "base-unknown",
    why: "a declaration that is wrong already stops an import",
    argv: ["import", "--dry-run"],
    files: {
      "bazel-images.config.ts": configWith({}),
      "app/app.image.ts": 'export default { name: "app", ‸base: "nothing" };\n',
      "web/BUILD.bazel": `${loads}\n${image}`,
    },
  },
  {
    code: "import-base",
    why: "an oci_pull of the team's own",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: build(imageOf("@x"), {
      WORKSPACE: pull(`    image = "a.b/c",\n    digest = "${digest}",\n`).replace("@rules_oci//oci", "//third_party"),
    }),
    says: "it is pulled by //third_party:pull.bzl, not by rules_oci",
  },
  {
    code: "import-base",
    why: "an extension of the team's own",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: {
      "MODULE.bazel": `oci = use_extension("//dev:ext.bzl", "oci")\n‸oci.pull(\n    name = "x",\n    image = "a.b/c",\n    digest = "${digest}",\n)\n`,
      "web/BUILD.bazel": `${loads}\n${imageOf("@x")}`,
    },
    says: "it is pulled by //dev:ext.bzl, not by rules_oci",
  },
  {
    code: "import-base-ambiguous",
    severity: "warning",
    argv: ["import", "--dry-run"],
    files: build(imageOf("@x"), {
      WORKSPACE: "",
      "a/deps.bzl": pullOf("1"),
      "b/deps.bzl": pullOf("2"),
    }),
    says: "otherwise at b/deps.bzl:4",
  },
  {
    code: "import-pins",
    argv: ["import", "--dry-run"],
    files: {
      ...config({}),
      "dev/oci_deps.bzl": `‸"""Ask security."""\n\n${pullOf("1").replace("‸", "")}`,
      "web/BUILD.bazel": `${loads}\n${image}`,
    },
    says: '"""Ask security."""',
  },
];
