/** The repositories that the BUILD files of `corpus/` make: each folder of it is one, each folder in that a package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "../support/run.ts";

/** One repository of the corpus. */
export interface CorpusRepository {
  readonly name: string;
  readonly shapes: readonly string[];
  readonly files: Tree;
}

const folder = join(import.meta.dirname, "corpus");

/** The BUILD file of a shape, from the root of its repository. */
export function buildOf(shape: string): string {
  return `corpus/${shape}/BUILD.bazel`;
}

function packageOf(repository: string, shape: string): Tree {
  const names = readdirSync(join(folder, repository, shape));
  return Object.fromEntries(
    names.map((name) => [
      name === "BUILD.in" ? buildOf(shape) : `corpus/${shape}/${name}`,
      readFileSync(join(folder, repository, shape, name), "utf8"),
    ]),
  );
}

function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

/** What a WORKSPACE of the time has, and files that a team would have written. */
function workspace(oci: string, pkg: string): Tree {
  return {
    WORKSPACE: `load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")

http_archive(
    name = "rules_pkg",
    urls = ["https://github.com/bazelbuild/rules_pkg/releases/download/${pkg}/rules_pkg-${pkg}.tar.gz"],
)

http_archive(
    name = "rules_oci",
    strip_prefix = "rules_oci-${oci}",
    url = "https://github.com/bazel-contrib/rules_oci/releases/download/v${oci}/rules_oci-v${oci}.tar.gz",
)

http_archive(
    name = "container_structure_test",
    strip_prefix = "container-structure-test-1.22.0",
    url = "https://github.com/GoogleContainerTools/container-structure-test/archive/refs/tags/v1.22.0.tar.gz",
)

load("//dev:oci_deps.bzl", "oci_deps")

oci_deps()
`,
    "dev/BUILD.bazel": 'exports_files(["common_test.yaml"])\n',
    "dev/oci_deps.bzl": `load("@rules_oci//oci:pull.bzl", "oci_pull")

def oci_deps():
    # Security looks after this one.
    oci_pull(
        name = "wolfi_base",
        digest = "${digest("1")}",
        image = "index.docker.io/sourcegraph/wolfi-sourcegraph-base",
    )
    oci_pull(
        name = "wolfi_arm64_base",
        digest = "${digest("2")}",
        image = "index.docker.io/sourcegraph/wolfi-sourcegraph-base",
        platforms = ["linux/arm64"],
    )
    oci_pull(
        name = "s3_proxy_base",
        digest = "${digest("3")}",
        image = "index.docker.io/andrewgaul/s3proxy:sha-ba0fd6d",
    )
`,
    "dev/oci_defs.bzl": `def image_repository(name):
    return "us.gcr.io/acme/" + name
`,
    "dev/tags.bzl": `TAG_SEARCH = "team-search"

SERVICES = ["api", "old", "web"]

VERSIONS = {"go": "1.22"}
`,
    "dev/rules.bzl": teamRules,
    "dev/common_test.yaml": 'schemaVersion: "2.0.0"\nmetadataTest: {user: nobody}\n',
  };
}

const teamRules = `load("@rules_oci//oci:defs.bzl", "oci_image")
load("@rules_pkg//pkg:tar.bzl", "pkg_tar")

def binary_tars(name, srcs):
    pkg_tar(name = name + "_tar", srcs = srcs)
    pkg_tar(name = name + "_config_tar")

def make_base(name):
    oci_image(name = name, base = "@wolfi_base")

def check_layers(name, layers):
    native.filegroup(name = name, srcs = layers)

def readable(paths, by):
    return {path: "0444" if by == "all" else "0440" for path in paths}

def version_of(name):
    return name + "-1"
`;

/** A team's own macros under the names of the rules. */
function macros(): Tree {
  return {
    "dev/rules.bzl": `load("@container_structure_test//:defs.bzl", _container_structure_test = "container_structure_test")
load("@rules_oci//oci:defs.bzl", _oci_image = "oci_image", _oci_push = "oci_push", _oci_tarball = "oci_tarball")
load("@rules_pkg//pkg:tar.bzl", _pkg_tar = "pkg_tar")

def pkg_tar(name, team = "nobody", **kwargs):
    _pkg_tar(name = name, tags = ["team-" + team], **kwargs)

def oci_image(name, **kwargs):
    _oci_image(name = name, **kwargs)

def oci_tarball(name, **kwargs):
    _oci_tarball(name = name, **kwargs)

def oci_push(name, **kwargs):
    _oci_push(name = name, **kwargs)

def container_structure_test(name, **kwargs):
    _container_structure_test(name = name, **kwargs)
`,
  };
}

/** The repositories, each with its WORKSPACE and the team's own files in `dev/`. */
export const repositories: readonly CorpusRepository[] = [
  { name: "rules_oci_1", setup: workspace("1.8.0", "0.7.0") },
  { name: "rules_oci_2", setup: workspace("2.3.2", "1.2.0") },
  { name: "own_macros", setup: { ...workspace("1.8.0", "0.7.0"), ...macros() } },
].map(({ name, setup }) => {
  const shapes = readdirSync(join(folder, name)).sort();
  return { name, shapes, files: { ...setup, ...Object.assign({}, ...shapes.map((shape) => packageOf(name, shape))) } };
});
