import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: {
    oci: "rules_oci@2.3.2",
    pkg: "rules_pkg@1.2.0",
    structureTest: "container_structure_test@1.22.0",
    lib: "bazel_lib@3.7.1",
    go: "rules_go@0.50.1",
  },
  externalDeps: "bzlmod",
  // Digests are made up, as are all of the examples: one digit 64 times, which nobody computed.
  bases: {
    distroless_static: {
      image: "gcr.io/distroless/static-debian12",
      tag: "nonroot",
      digest: "sha256:4444444444444444444444444444444444444444444444444444444444444444",
      platforms: ["linux/amd64", "linux/arm64/v8"],
      comment: "An index: one repository for each platform, and one that chooses.",
    },
    nginx: {
      image: "index.docker.io/library/nginx",
      tag: "1.27-alpine",
      digest: "sha256:5555555555555555555555555555555555555555555555555555555555555555",
      platforms: ["linux/amd64"],
    },
  },
  repositoryPrefix: "ghcr.io/example/shop",
  services: [
    "services/*/*.image.ts",
    // A service without a file of its own says where it belongs.
    {
      name: "site",
      package: "services/site",
      base: "nginx",
      layers: [{ name: "tar_site", srcs: ["index.html"], packageDir: "/usr/share/nginx/html", mode: "0644" }],
      exposedPorts: ["80"],
    },
  ],
  // Every service is loaded and pushed under its name unless it says otherwise.
  defaults: ({ name }) => ({
    labels: { "org.opencontainers.image.vendor": "Example Ltd." },
    load: { repoTags: [`shop/${name}:dev`] },
    push: { repository: name },
  }),
});
