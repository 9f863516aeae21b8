import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.7.0", lib: "aspect_bazel_lib@1.42.1" },
  externalDeps: "workspace",
  // Digests are made up, as are all of the examples: one digit 64 times, which nobody computed.
  bases: {
    wolfi_base: {
      image: "index.docker.io/sourcegraph/wolfi-sourcegraph-base",
      tag: "latest",
      digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    },
    wolfi_arm64_base: {
      image: "index.docker.io/sourcegraph/wolfi-sourcegraph-base",
      tag: "latest",
      platforms: ["linux/arm64"],
      digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222",
      comment: "Only the image for arm64 of its index.",
    },
    s3_proxy_base: {
      image: "index.docker.io/andrewgaul/s3proxy",
      tag: "sha-ba0fd6d",
      digest: "sha256:3333333333333333333333333333333333333333333333333333333333333333",
    },
  },
  repositoryPrefix: "us.gcr.io/sourcegraph-dev",
  services: ["cmd/*/*.image.ts"],
  // What `--config=release` puts into Go binaries; `npx gen-bazel-images doctor` tells which library lacks its x_defs.
  goStamps: {
    "github.com/sourcegraph/sourcegraph/internal/version.version": "STABLE_VERSION",
    "github.com/sourcegraph/sourcegraph/internal/version.timestamp": "VERSION_TIMESTAMP",
  },
  // The repository's own macro under its own name, instead of the ruleset's rule.
  loads: { container_structure_test: { from: "//dev:rules.bzl", symbol: "image_structure_test" } },
});
