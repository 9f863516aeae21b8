import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.7.0" },
  bases: {
    debian: {
      image: "index.docker.io/library/debian",
      tag: "stable",
      digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    },
  },
  repositoryPrefix: "ghcr.io/acme",
  services: ["cmd/*/*.image.ts"],
});
