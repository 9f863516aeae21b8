import { defineService } from "gen-bazel-images";

export default defineService({
  name: "web",
  base: "debian",
  layers: [{ name: "tar", srcs: [":web"] }],
});
