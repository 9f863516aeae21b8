import { defineService } from "gen-bazel-images";

export default defineService({
  name: "api",
  base: "debian",
  layers: [{ name: "tar", srcs: [":api"] }],
  load: { repoTags: ["api:dev"] },
  push: { repository: "api" },
});
