import { defineService } from "gen-bazel-images";

export default defineService({
  name: "store",
  base: "//services/api:image",
  layers: [{ name: "tar_store", srcs: [":store"], emptyDirs: ["/var/lib/store"], owner: "65532.65532" }],
  entrypoint: ["/store"],
  env: { STORE: "/var/lib/store" },
  // With the tar driver the test reads the tarball, which oci_load hands on through a filegroup.
  test: {
    driver: "tar",
    size: "small",
    fileExistenceTests: [{ name: "orders", path: "/var/lib/store", uid: 65532, gid: 65532 }],
    metadataTest: { envVars: [{ key: "STORE", value: "/var/lib/store" }] },
  },
});
