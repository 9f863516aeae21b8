import { defineService } from "gen-bazel-images";

export default defineService({
  name: "hello",
  base: "base",
  layers: [{ name: "tar_hello", srcs: ["hello.image.ts"] }],
  entrypoint: ["/hello"],
  load: { repoTags: ["hello:candidate"] },
  test: { metadataTest: { entrypoint: ["/hello"] } }
});
