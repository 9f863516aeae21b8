import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: {
    oci: "rules_oci@2"
  },
  externalDeps: "both",
  bases: {
    base: {
      image: "index.docker.io/library/debian",
      tag: "stable",
      digest: "sha256:1111111111111111111111111111111111111111111111111111111111111111"
    }
  },
  services: ["cmd/*/*.image.ts"]
});
