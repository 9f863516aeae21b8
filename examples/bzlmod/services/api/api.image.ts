import { defineService } from "gen-bazel-images";

export default defineService({
  name: "api",
  base: "distroless_static",
  image: { visibility: ["//services:__subpackages__"] },
  layers: [{ name: "tar_api", srcs: [":api"], createParents: true, compressionLevel: 9, extension: "tar.gz" }],
  entrypoint: ["/api"],
  exposedPorts: ["8080/tcp"],
  volumes: ["/var/cache/api", "/tmp"],
  created: "created.txt",
  labels: { "org.opencontainers.image.title": "api" },
  test: {
    driver: "docker",
    tags: ["requires-network"],
    metadataTest: {
      exposedPorts: ["8080"],
      volumes: ["/var/cache/api"],
      labels: [{ key: "org.opencontainers.image.title", value: "api" }],
    },
  },
});
