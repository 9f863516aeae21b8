/** `doctor` about stamping: what the repository and the Go libraries of the services lack. No registry is asked here. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Tree, type Workspace, workspace } from "./support/run.ts";

const version = "example.com/app/internal/version.version";
const timestamp = "example.com/app/internal/version.timestamp";
const require = createRequire(import.meta.url);
const buildozer = join(
  dirname(require.resolve("@bazel/buildozer/package.json")),
  `buildozer-${process.platform}_${process.arch === "arm64" ? "arm64" : "amd64"}`,
);

let made: Workspace | undefined;
afterEach(() => made?.remove());

const config = (more = `goStamps: { "${version}": "STABLE_VERSION", "${timestamp}": "VERSION_TIMESTAMP" },`) => `
import { defineConfig, stamp } from "gen-bazel-images";
const layer = (src) => ({ name: "tar_" + src.replace(/\\W/g, "_"), srcs: [src] });
export default defineConfig({
  rulesets: { oci: "rules_oci@2" },
  services: [
    { name: "api", package: "cmd/api", layers: [layer(":api"), layer(":config.yaml"), layer("@other//:bin")] },
    { name: "worker", package: "cmd/worker", layers: [layer("//cmd/worker")] },
    { name: "tools", package: "cmd/tools", layers: [layer(":tool"), layer("//cmd/worker"), layer("//nowhere:bin")] },
  ],
  ${more}
});
`;

const library = (name: string, rest: string) => `go_library(
    name = "${name}_lib",
    srcs = ["main.go"],
    importpath = "example.com/app/cmd/${name}",
    ${rest}
)

go_binary(
    name = "${name}",
    embed = [":${name}_lib"],
)
`;

const load = `load("@rules_go//go:def.bzl", "go_binary", "go_library")\n\n`;
const tree = (more?: string): Tree => ({
  "bazel-images.config.ts": config(more),
  "cmd/api/BUILD.bazel": load + library("api", `x_defs = {"${version}": "{STABLE_VERSION}"},`),
  "cmd/worker/BUILD": load + library("worker", ""),
  "cmd/tools/BUILD.bazel": `${load}go_binary(\n    name = "real",\n    srcs = ["main.go"],\n)\n\nalias(\n    name = "tool",\n    actual = ":real",\n)\n`,
});

async function doctor(files: Tree): Promise<string> {
  made = workspace(files);
  const { code, out, err } = await made.run(["doctor"]);
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

it("tells the lines that each library lacks, which buildozer can add", async () => {
  const out = await doctor(tree());
  expect(out).toContain(`  x_defs lack: //cmd/api:api_lib (of api); add in cmd/api/BUILD.bazel:
    x_defs = {
        "${timestamp}": "{VERSION_TIMESTAMP}",
    },
    or: buildozer 'dict_set x_defs ${timestamp}:{VERSION_TIMESTAMP}' //cmd/api:api_lib
`);
  expect(out).toContain(`  x_defs lack: //cmd/tools:real (of tools); add in cmd/tools/BUILD.bazel:`);
  expect(out).toContain(`  x_defs lack: //cmd/worker:worker_lib (of tools, worker); add in cmd/worker/BUILD:
    x_defs = {
        "${version}": "{STABLE_VERSION}",
        "${timestamp}": "{VERSION_TIMESTAMP}",
    },
`);
  const root = made?.root ?? "";
  for (const [, command = "", label = ""] of out.matchAll(/or: buildozer (.*) (\/\/\S+)$/gm)) {
    const commands = command.split("' '").map((text) => text.replaceAll("'", ""));
    const run = spawnSync(buildozer, [...commands, label], { cwd: root, encoding: "utf8" });
    expect(run.status, run.stderr).toBe(0);
  }
  const { out: mended } = (await made?.run(["doctor"])) ?? { out: "" };
  expect(mended).toContain("x_defs: in all 3 Go libraries of services");
});

it("counts variables of the library's own package, those of the binary, and rebuilt binaries", async () => {
  const own = library("worker", `x_defs = {"version": "{STABLE_VERSION}"},`).replace(
    "go_binary(\n",
    `go_binary(\n    x_defs = {"${timestamp}": "{VERSION_TIMESTAMP}"},\n`,
  );
  const cross = `go_cross_binary(\n    name = "cross",\n    platform = ":p",\n    target = ":worker",\n)\n`;
  const out = await doctor({
    "bazel-images.config.ts": config(
      `goStamps: { "example.com/app/cmd/worker.version": "STABLE_VERSION", "${timestamp}": "VERSION_TIMESTAMP" },`,
    ).replace(
      /services: \[[\s\S]*?\n {2}\],/,
      `services: [{ name: "w", package: "cmd/worker", layers: [layer(":cross")] }],`,
    ),
    "cmd/worker/BUILD.bazel": load + own + cross,
  });
  expect(out).toContain("x_defs: in all 1 Go libraries of services");
});

it("says what cannot be read, and how to begin", async () => {
  const opaque = await doctor({ ...tree(), "cmd/api/BUILD.bazel": load + library("api", "x_defs = VERSIONS,") });
  expect(opaque).toContain(`//cmd/api:api_lib (of api): its x_defs are an expression; see that they hold ${version}`);
  made?.remove();
  const begin = await doctor(tree(""));
  expect(begin).toMatch(
    /^stamping\n {2}not set up, and nothing asks for it; npx gen-bazel-images init --stamping does\n/,
  );
  expect(begin).toContain(
    "Go binaries in layers: 3; to stamp them, name their variables in the config:\n    goStamps: {",
  );
});

it("tells what the script and .bazelrc lack, until they are there", async () => {
  const stamped = `defaults: { labels: { a: stamp("STABLE_OTHER", { fallback: "x" }), b: stamp("BUILD_USER", { fallback: "x" }) }, os: "linux", architecture: "amd64" },`;
  const out = await doctor({ "bazel-images.config.ts": config(stamped) });
  expect(out).toContain(`stamping
  missing: dev/workspace_status.sh; npx gen-bazel-images init --stamping writes it
  add to .bazelrc:
    build --workspace_status_command=dev/workspace_status.sh
    build:release --stamp
`);
  expect((await made?.run(["init", "--stamping"]))?.code).toBe(0);
  const after = (await made?.run(["doctor"]))?.out;
  expect(after).toContain(
    "no value: dev/workspace_status.sh does not name STABLE_OTHER: a stamped build leaves {{STABLE_OTHER}}\n",
  );
  expect(after).not.toMatch(/BUILD_USER|missing|add to/);
});

it("is JSON for scripts, and says so when the declarations are wrong", async () => {
  made = workspace(tree());
  const { out } = await made.run(["doctor", "--format", "json"]);
  const { stamping, registries } = JSON.parse(out);
  expect(registries).toEqual([]);
  expect(stamping.goLibraries.map(({ label }: { label: string }) => label)).toEqual([
    "//cmd/api:api_lib",
    "//cmd/tools:real",
    "//cmd/worker:worker_lib",
  ]);
  made.write({ "bazel-images.config.ts": config().replace('name: "api"', 'name: "api", usr: "x"') });
  const wrong = await made.run(["doctor"]);
  expect(wrong.code).toBe(0);
  expect(wrong.out).toContain("stamping: not looked at, the declarations have errors; see npx gen-bazel-images check");
});

it("needs no network", async () => {
  const bases = `bases: { base: { image: "127.0.0.1:1/team/base", tag: "1" } },`;
  made = workspace(tree(`goStamps: { "${version}": "STABLE_VERSION" }, ${bases}`));
  const { code, out } = await made.run(["doctor"]);
  expect(code).toBe(3);
  expect(out).toMatch(/^stamping\n[\s\S]* x_defs lack: [\s\S]*\n127\.0\.0\.1:1 {2}not reachable/);
});
