/** The worker of the seed, as it is declared and as it comes out. */
import { digest } from "../diagnostics/bad-input.ts";

/** The seed's config, with more properties. */
export function config(more = "", oci = "rules_oci@1.8.0", services = `["cmd/*/*.image.ts"]`): string {
  return `import { append, defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "${oci}", pkg: "rules_pkg@0.7.0" },
  bases: { wolfi_base: { image: "index.docker.io/sourcegraph/wolfi-sourcegraph-base", tag: "latest", digest: "${digest}" } },
  repositoryPrefix: "us.gcr.io/sourcegraph-dev",
  services: ${services},
  ${more}
});
`;
}

/** A declaration file. */
export function declaration(body: string): string {
  return `import { append, call, commented, concat, defineService, glob, ident, select, starlark } from "gen-bazel-images";\nexport default ${body};\n`;
}

/** The seed's worker with what it says of its load. */
export const worker = (load: string) =>
  declaration(`defineService({
  name: "worker",
  base: "wolfi_base",
  layers: [{ name: "tar_worker", srcs: [":worker"] }],
  entrypoint: ["/sbin/tini", "--", "/worker"],
  env: { MYVAR: "foobar" },
  user: "sourcegraph",
  load: ${load},
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
})`);

/** The five rules of the seed. */
export const seedRules = `pkg_tar(
    name = "tar_worker",
    srcs = [":worker"],
)

oci_image(
    name = "image",
    base = "@wolfi_base",
    entrypoint = [
        "/sbin/tini",
        "--",
        "/worker",
    ],
    env = {
        "MYVAR": "foobar",
    },
    tars = [":tar_worker"],
    user = "sourcegraph",
)

oci_tarball(
    name = "image_tarball",
    image = ":image",
    repo_tags = ["worker:candidate"],
)

container_structure_test(
    name = "image_test",
    timeout = "short",
    configs = ["image_test.yaml"],
    driver = "docker",
    image = ":image",
    tags = ["requires-network"],
)

oci_push(
    name = "candidate_push",
    image = ":image",
    repository = image_repository("worker"),
)`;
