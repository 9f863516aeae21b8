import { defineService, select } from "gen-bazel-images";

export default defineService({
  name: "indexer",
  base: select({ "@platforms//cpu:arm64": "@wolfi_arm64_base", "//conditions:default": "@wolfi_base" }),
  layers: [{ name: "tar_indexer", srcs: [":indexer"] }],
  entrypoint: ["/indexer"],
  // The ruleset turns a dictionary into a file, so that the branches of a select have to be files.
  env: select({ "//config:debug": "debug.env", "//conditions:default": "release.env" }),
  load: { repoTags: ["indexer:candidate"] },
  push: { repository: "indexer" },
});
