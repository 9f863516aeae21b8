import { defineService } from "gen-bazel-images";

/** Two images of one package; everything around an image is named after it. */
export default [
  defineService({
    name: "blobstore",
    base: "//cmd/base:image",
    layers: [{ name: "tar_blobstore", srcs: [":blobstore"] }],
    entrypoint: ["/sbin/tini", "--", "/blobstore"],
    exposedPorts: ["9000"],
    load: { repoTags: ["blobstore:candidate"] },
    push: { repository: "blobstore" },
  }),
  defineService({
    name: "s3-proxy",
    base: "s3_proxy_base",
    image: { name: "s3_proxy_image" },
    layers: [{ name: "tar_s3_proxy", srcs: ["s3proxy.conf"], packageDir: "/opt/s3proxy" }],
    cmd: "none",
    user: "65532:65532",
    load: { repoTags: ["s3-proxy:candidate"] },
    test: {
      driver: "docker",
      fileContentTests: [
        {
          name: "configuration",
          path: "/opt/s3proxy/s3proxy.conf",
          expectedContents: ["authorization=none"],
          excludedContents: ["(?i)secret"],
        },
      ],
    },
    push: { repository: "ghcr.io/sourcegraph/s3-proxy", remoteTags: ["candidate"] },
  }),
];
