/** Everything that has to compile. */
import {
  append,
  call,
  commented,
  concat,
  defineConfig,
  defineService,
  glob,
  ident,
  type LayerOptions,
  type ServiceDeclaration,
  select,
  stamp,
  starlark,
} from "gen-bazel-images";

export const config = defineConfig({
  rulesets: {
    oci: "rules_oci@1.8.0",
    pkg: "rules_pkg@0.7.0",
    structureTest: "container_structure_test@1",
    lib: "bazel_lib@3",
    go: "rules_go@0.50.1",
  },
  externalDeps: "both",
  bases: {
    wolfi_base: {
      image: "index.docker.io/sourcegraph/wolfi-sourcegraph-base",
      platforms: ["linux/amd64"],
      attributes: { bazel_tags: ["x"] },
    },
  },
  repositoryPrefix: "us.gcr.io/acme",
  services: ["cmd/*/*.image.ts", { name: "inline", package: "dev/inline", base: "wolfi_base" }],
  defaults: { push: { remoteTags: ["latest"] }, test: { driver: "docker" }, load: { manual: false }, env: { A: "1" } },
  loads: { pkg_tar: "//dev:rules.bzl", oci_load: { from: "//dev:rules.bzl", symbol: "oci_tarball" } },
  files: { deps: "third_party/oci.bzl" },
  goStamps: { "example.com/app/internal/version.version": "STABLE_VERSION" },
  push: { branch: "trunk" },
});

export const ofFunction = defineConfig({
  rulesets: { oci: "rules_oci@2" },
  services: [],
  defaults: (service) => ({ labels: { name: service.name } }),
});

export const service = defineService({
  name: "everything",
  base: commented("wolfi_base", "pinned in dev/oci_deps.bzl"),
  layers: [
    "//other:tar",
    { name: "tar", srcs: glob(["**"], { exclude: ["*.map"] }), packageDir: "/etc", comment: "the layer" },
    commented(
      { name: "tar_2", srcs: [commented(":a", "why"), ident("LABEL", { from: "//dev:labels.bzl" })] },
      "second",
    ),
  ],
  entrypoint: append(["/tini"]),
  cmd: "none",
  env: [
    ["10", "a"],
    ["2", commented("b", "why")],
  ],
  labels: "//dev:labels",
  annotations: select({ "//conditions:default": ":annotations" }),
  exposedPorts: ["8080/tcp"],
  user: starlark`USER_${1}`,
  image: { name: "image", tags: concat(["a"], ident("TAGS")), attributes: { target_compatible_with: [] } },
  load: [
    { name: "a", repoTags: ["a:b"], manual: false },
    { name: "b", repoTags: ":tags.txt", format: "oci" },
  ],
  test: {
    driver: "tar",
    size: "small",
    fileExistenceTests: [{ name: "a", path: "/a", shouldExist: true, isExecutableBy: "any" }],
    metadataTest: { envVars: [{ key: "A", value: "b", isRegex: true }], exposedPorts: ["8080"] },
  },
  push: false,
});

export const several = [
  defineService({ name: "layers", layers: [{ name: "t", owner: "70.70", remapPaths: { "/a": "/b" } }] }),
  defineService({ name: "test", test: { image: "//cmd/a:image", configs: ["image_test.yaml"] } }),
];

export const stamped = defineService({
  name: "stamped",
  base: "wolfi_base",
  layers: [{ name: "tar", srcs: [":app"], crossBinary: "linux/amd64" }],
  labels: { a: stamp("STABLE_VERSION", { fallback: "dev", prefix: "v", suffix: "-x" }), b: "c" },
  annotations: [["10", commented(stamp("STABLE_VERSION", { fallback: "dev" }), "why")]],
  created: stamp("STABLE_GIT_COMMIT_DATE", { fallback: "2000-01-01T00:00:00Z" }),
  push: [
    { repository: "a", remoteTags: [stamp("STABLE_VERSION", { fallback: "dev" }), "latest", ident("TAG")] },
    { repository: "b", stage: "release", remoteTags: commented(["v1"], "by hand") },
  ],
});

/** A team's own function is ordinary code. */
export function goService(name: string, extra: Omit<ServiceDeclaration, "name"> = {}): ServiceDeclaration {
  const layer: LayerOptions = {
    name: `tar_${name}`,
    srcs: [`:${name}`],
    attributes: { srcs: call("f", [], { a: 1 }) },
  };
  return defineService({ name, base: "wolfi_base", layers: [layer], ...extra });
}
