/**
 * The monorepo that is measured: N Go services, each with its code, the rules that Gazelle maintains for it, and a
 * declaration with two layers, a structure test and a push. Everything is in its formatted, up-to-date state, so that
 * neither buildifier nor Gazelle finds anything to do.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const module = "example.com/shop";

/**
 * What a declaration may be: literals alone, a call of a function that the monorepo's services share, or a text with types
 * in it, which has to be compiled.
 */
export const declarationKinds = ["literals", "calls", "typed"];

/** The digests that the base is pinned to in turn. */
export const digests = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);

/** Writes the monorepo of `count` services to `root`. */
export function writeTree(root, count, kind) {
  const services = Array.from({ length: count }, (_, index) => service(index, kind));
  const files = { ...shared(), ...Object.assign({}, ...services) };
  for (const folder of new Set(Object.keys(files).map((path) => dirname(join(root, path)))))
    mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  mkdirSync(join(root, "node_modules"), { recursive: true });
}

/** The folder of a service. */
export function packageOf(index) {
  return `services/group-${String(Math.floor(index / 50)).padStart(3, "0")}/${nameOf(index)}`;
}

/** The path of a service's declaration. */
export function declarationOf(index) {
  return `${packageOf(index)}/${nameOf(index)}.image.ts`;
}

/** The text of the config, the base pinned to `digest`. */
export function configText(digest) {
  return `import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.9.1" },
  bases: { debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "${digest}" } },
  repositoryPrefix: "us.gcr.io/example",
  services: ["services/*/*/*.image.ts"],
});
`;
}

/** The text of a service's declaration; `user` is what an edit changes. */
export function declarationText(index, kind, user = "nobody") {
  const name = nameOf(index);
  const [callee, from] =
    kind === "calls" ? ["goService", "../../../dev/go-service.ts"] : ["defineService", "gen-bazel-images"];
  const type = kind === "typed" ? " satisfies Parameters<typeof defineService>[0]" : "";
  return `import { ${callee} } from "${from}";

export default ${callee}({
  name: "${name}",
  base: "debian",
  layers: [
    { name: "tar_${name}", srcs: [":${name}"], packageDir: "/usr/local/bin" },
    { name: "tar_config", srcs: ["config.json"], packageDir: "/etc/${name}", mode: "0444" },
  ],
  entrypoint: ["/usr/local/bin/${name}"],
  cmd: ["--config", "/etc/${name}/config.json"],
  env: { SERVICE_NAME: "${name}", PORT: "${8000 + (index % 1000)}" },
  user: "${user}",
  test: {
    timeout: "short",
    tags: ["requires-network"],
    commandTests: [
      { name: "binary is runnable", command: "/usr/local/bin/${name}", args: ["--version"] },
      { name: "not running as root", command: "/usr/bin/id", args: ["-u"], excludedOutput: ["^0"], exitCode: 0 },
    ],
  },
  push: { repository: "shop/${name}" },
}${type});
`;
}

function nameOf(index) {
  return `service-${String(index).padStart(5, "0")}`;
}

function shared() {
  return {
    "bazel-images.config.ts": configText(digests[0]),
    "BUILD.bazel": `# gazelle:prefix ${module}\n`,
    WORKSPACE: "",
    "dev/go-service.ts": `import { defineService } from "gen-bazel-images";

type Options = Parameters<typeof defineService>[0];

export function goService(options: Options): ReturnType<typeof defineService> {
  return defineService({ ...options });
}
`,
    "go.mod": `module ${module}\n\ngo 1.22\n`,
    "internal/serve/serve.go": `package serve\n\nfunc Run(name string) string { return name }\n`,
    "internal/serve/BUILD.bazel": `${goLoad(["go_library"])}
go_library(
    name = "serve",
    srcs = ["serve.go"],
    importpath = "${module}/internal/serve",
    visibility = ["//:__subpackages__"],
)
`,
  };
}

function service(index, kind) {
  const [folder, name] = [packageOf(index), nameOf(index)];
  return {
    [declarationOf(index)]: declarationText(index, kind),
    [`${folder}/BUILD.bazel`]: goRules(folder, name),
    [`${folder}/config.json`]: "{}\n",
    [`${folder}/main.go`]: `package main

import (
	"fmt"

	"${module}/internal/serve"
)

func main() { fmt.Println(serve.Run("${name}")) }
`,
    [`${folder}/main_test.go`]: `package main

import (
	"testing"

	"${module}/internal/serve"
)

func TestRun(t *testing.T) {
	if serve.Run("${name}") != "${name}" {
		t.Fail()
	}
}
`,
  };
}

function goRules(folder, name) {
  return `${goLoad(["go_binary", "go_library", "go_test"])}
go_library(
    name = "${name}_lib",
    srcs = ["main.go"],
    importpath = "${module}/${folder}",
    visibility = ["//visibility:private"],
    deps = ["//internal/serve"],
)

go_binary(
    name = "${name}",
    embed = [":${name}_lib"],
    visibility = ["//visibility:public"],
)

go_test(
    name = "${name}_test",
    srcs = ["main_test.go"],
    embed = [":${name}_lib"],
    deps = ["//internal/serve"],
)

# Read by the service and by its image.
exports_files(["config.json"])
`;
}

function goLoad(symbols) {
  return `load("@io_bazel_rules_go//go:def.bzl", ${symbols.map((symbol) => `"${symbol}"`).join(", ")})\n`;
}
