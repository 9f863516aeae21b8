import { call, commented, defineService, stamp } from "gen-bazel-images";

export default defineService({
  name: "gateway",
  // An image of this repository.
  base: "//cmd/base:image",
  layers: [
    {
      name: "tar_gateway",
      srcs: [commented(":gateway", "The binary, from the rules beside this region.")],
      // For the image whatever the host is, a Mac for instance.
      crossBinary: "linux/amd64",
    },
    {
      name: "tar_config",
      srcs: ["etc/gateway.yaml"],
      packageDir: "/etc/gateway",
      // A function of this repository, which the BUILD file loads.
      modes: call("readable", [["etc/gateway/gateway.yaml"]], { by: "group" }, { from: "//dev:rules.bzl" }),
    },
    { name: "tar_robots", srcs: [":robots"] },
    // A tar that another package makes.
    "//cmd/assets:tar_static",
  ],
  entrypoint: ["/sbin/tini", "--", "/gateway"],
  cmd: ["--config=/etc/gateway/gateway.yaml"],
  env: { PORT: "8080", PATH: "/usr/local/gateway/bin:$PATH", GREETING: 'hello, "world"' },
  labels: {
    "org.opencontainers.image.title": "gateway",
    "org.opencontainers.image.source": "https://github.com/sourcegraph/sourcegraph",
    // The commit with --config=release, and "dev" in every other build, which stays cached.
    "org.opencontainers.image.revision": stamp("STABLE_GIT_COMMIT", { fallback: "dev" }),
  },
  exposedPorts: ["8080/tcp", "8125/udp"],
  user: "sourcegraph:sourcegraph",
  workdir: "/srv/www",
  load: { repoTags: ["gateway:candidate", "gateway:latest"] },
  test: [
    {
      driver: "docker",
      size: "small",
      tags: ["requires-network"],
      globalEnvVars: [{ key: "PORT", value: "18080" }],
      commandTests: [
        {
          name: "binary is there",
          setup: [["mkdir", "-p", "/tmp/gateway"]],
          command: "ls",
          args: ["-l", "/gateway"],
          expectedOutput: ["gateway"],
        },
      ],
      containerRunOptions: { user: "sourcegraph", capabilities: ["NET_BIND_SERVICE"] },
    },
  ],
  // Every build of the main branch pushes the candidate; a release goes to a repository of its own.
  push: [
    { repository: "gateway", remoteTags: ["candidate", stamp("STABLE_GIT_COMMIT", { fallback: "dev" })] },
    {
      stage: "release",
      repository: "index.docker.io/sourcegraph/gateway",
      remoteTags: [stamp("STABLE_VERSION", { fallback: "dev" }), "latest"],
    },
  ],
});
