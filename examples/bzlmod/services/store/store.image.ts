import { defineService, stamp } from "gen-bazel-images";

export default defineService({
  name: "store",
  base: "//services/api:image",
  layers: [
    {
      name: "tar_store",
      srcs: [":store"],
      crossBinary: "linux/amd64",
      emptyDirs: ["/var/lib/store"],
      owner: "65532.65532",
    },
  ],
  entrypoint: ["/store"],
  env: { STORE: "/var/lib/store" },
  // From rules_oci 2.1.0 the time of creation can be stamped: here with that of the commit, which changes with it alone.
  created: stamp("STABLE_GIT_COMMIT_DATE", { fallback: "2000-01-01T00:00:00Z" }),
  annotations: { "org.opencontainers.image.revision": stamp("STABLE_GIT_COMMIT", { fallback: "dev" }) },
  push: { repository: "store", remoteTags: [stamp("STABLE_VERSION", { fallback: "dev" })] },
  // With the tar driver the test reads the tarball, which oci_load hands on through a filegroup.
  test: {
    driver: "tar",
    size: "small",
    fileExistenceTests: [{ name: "orders", path: "/var/lib/store", uid: 65532, gid: 65532 }],
    metadataTest: { envVars: [{ key: "STORE", value: "/var/lib/store" }] },
  },
});
