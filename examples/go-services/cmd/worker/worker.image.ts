import { defineService } from "gen-bazel-images";

export default defineService({
  name: "worker",
  base: "wolfi_base",
  layers: [{ name: "tar_worker", srcs: [":worker"] }],
  entrypoint: ["/sbin/tini", "--", "/worker"],
  env: { MYVAR: "foobar" },
  user: "sourcegraph",
  load: { repoTags: ["worker:candidate"], manual: false },
  test: {
    timeout: "short",
    driver: "docker",
    tags: ["requires-network"],
    commandTests: [
      { name: "binary is runnable", command: "/worker", envVars: [{ key: "SANITY_CHECK", value: "true" }] },
      { name: "not running as root", command: "/usr/bin/id", args: ["-u"], excludedOutput: ["^0"], exitCode: 0 },
    ],
  },
  push: { repository: "worker" },
});
