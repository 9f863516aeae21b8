import { defineService } from "gen-bazel-images";

export default defineService({
  name: "web",
  base: "debain",
  layers: [{ name: "tar", srcs: [":web"] }],
  env: { "A B": "1" },
  load: { repoTags: ["web:dev"] },
  test: { comandTests: [] },
});
