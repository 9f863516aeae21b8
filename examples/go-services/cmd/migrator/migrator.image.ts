import { defineService, glob } from "gen-bazel-images";

export default defineService({
  name: "migrator",
  base: "wolfi_base",
  layers: [
    { name: "tar_migrator", srcs: [":migrator"] },
    { name: "tar_migrations", srcs: glob(["sql/*.sql"]), packageDir: "/migrations", stripPrefix: ".", mode: "0444" },
  ],
  entrypoint: ["/migrator"],
  env: { MIGRATIONS: "/migrations/sql" },
  load: { repoTags: ["migrator:candidate"] },
  test: [
    {
      // Reads the tarball: no Docker, but no commands either.
      driver: "tar",
      size: "small",
      fileExistenceTests: [
        {
          name: "binary",
          path: "/migrator",
          permissions: "-r-xr-xr-x",
          uid: 0,
          gid: 0,
          isExecutableBy: "any",
          comment: "pkg_tar makes files 0555 unless told otherwise.",
        },
        { name: "no shell history", path: "/root/.bash_history", shouldExist: false },
      ],
      fileContentTests: [
        { name: "first migration", path: "/migrations/sql/0001_users.sql", expectedContents: ["CREATE TABLE users"] },
      ],
      metadataTest: {
        envVars: [{ key: "MIGRATIONS", value: "^/migrations", isRegex: true }],
        entrypoint: ["/migrator"],
        cmd: [],
      },
    },
    { name: "licenses_test", licenseTests: [{ debian: false, files: ["/LICENSE"] }] },
    { name: "by_hand_test", driver: "tar", configs: ["by_hand.yaml"] },
  ],
  push: { repository: "migrator" },
});
