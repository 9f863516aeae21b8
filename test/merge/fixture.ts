import { type MergeRequest, type MergeResult, mergeFile, type WantedRegion } from "../../src/pipeline/merge/index.ts";
import { reader } from "./reader.ts";

export const oci = "@rules_oci//oci:defs.bzl";
export const pkg = "@rules_pkg//:pkg.bzl";

/** A body of two rules, as buildifier prints it. */
export const body = `pkg_tar(
    name = "tar_worker",
    srcs = [":worker"],
)

oci_image(
    name = "image",
    base = "@wolfi_base",
    entrypoint = ["/worker"],
    tars = [":tar_worker"],
)`;

/** The region of `body`. */
export const wanted: WantedRegion = {
  body,
  sources: ["cmd/worker/worker.image.ts"],
  loads: [
    { from: oci, symbol: "oci_image", alternatives: ["@contrib_rules_oci//oci:defs.bzl"] },
    { from: pkg, symbol: "pkg_tar", alternatives: ["@rules_pkg//pkg:tar.bzl"] },
  ],
  names: ["tar_worker", "image"],
};

/** The region as it stands in a file. */
export const region = `# BEGIN gen-bazel-images
# Source: cmd/worker/worker.image.ts; edit it there, then run: npx gen-bazel-images

${body}

# END gen-bazel-images`;

/** The loads of the region, in a file that has no others. */
export const loads = `load("${oci}", "oci_image")\nload("${pkg}", "pkg_tar")`;

/** A request with the defaults of these tests. */
export function requestFor(text: string | undefined, more: Partial<MergeRequest> = {}): MergeRequest {
  return {
    file: "cmd/worker/BUILD.bazel",
    text,
    wanted,
    emitted: new Map([
      ["oci_image", [oci, "@contrib_rules_oci//oci:defs.bzl"]],
      ["oci_push", [oci]],
      ["oci_tarball", [oci]],
      ["pkg_tar", [pkg, "@rules_pkg//pkg:tar.bzl"]],
      ["image_repository", ["//dev:oci_defs.bzl"]],
    ]),
    kinds: new Set(["pkg_tar", "oci_image", "oci_tarball", "oci_load", "oci_push", "container_structure_test"]),
    isForeignSource: () => false,
    ...more,
  };
}

/** Merges with the defaults of these tests. */
export function merge(text: string | undefined, more: Partial<MergeRequest> = {}): MergeResult {
  return mergeFile(requestFor(text, more), reader);
}

/** Merges and takes the region out again. */
export function remove(text: string | undefined): MergeResult {
  return merge(text, { wanted: undefined });
}
