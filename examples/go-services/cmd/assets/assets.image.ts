import { defineService, glob } from "gen-bazel-images";

/** No image: a layer that images of other packages take. */
export default defineService({
  name: "assets",
  image: false,
  layers: [
    {
      name: "tar_static",
      srcs: glob(["static/**"], { exclude: ["static/*.map"] }),
      packageDir: "/srv/www",
      stripPrefix: "static",
      extension: "tar.gz",
      visibility: ["//cmd:__subpackages__"],
    },
  ],
});
