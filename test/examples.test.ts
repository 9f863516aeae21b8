/** The examples are up to date, and every file in them and beside them is as buildifier wants it. Needs Node alone. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { run } from "../src/commands/run.ts";
import { workspaceStatus } from "../src/outputs/index.ts";
import { templates } from "../src/shell/templates.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command in a folder; answers with its exit code and all that it said. */
async function runIn(cwd: string, argv: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = "";
  const say = (text: string): void => {
    said += text;
  };
  const code = await run(argv, { cwd, env: {}, out: say, err: say, isTerminal: false });
  return { code, said };
}

/** What buildifier makes of a file, without any configuration that lies about. */
function buildified(path: string, type: string): string {
  const program = join(root, "node_modules/@bazel/buildifier", programName());
  const input = readFileSync(path, "utf8");
  const result = spawnSync(program, ["-config=off", `-type=${type}`], { input, encoding: "utf8" });
  return result.status === 0 ? result.stdout : result.stderr;
}

function programName(): string {
  const cpu = process.arch === "arm64" ? "arm64" : "amd64";
  return `buildifier-${process.platform === "darwin" ? "darwin" : "linux"}_${cpu}`;
}

const typeOf: ReadonlyArray<readonly [pattern: RegExp, type: string]> = [
  [/(^|\/)BUILD\.bazel$/, "build"],
  [/\.bzl$/, "bzl"],
  [/(^|[/.])MODULE(\.bazel|\.example)$/, "module"],
  [/(^|\/)WORKSPACE(\.example)?$/, "workspace"],
];

const starlarkFiles = globSync(
  ["examples/**/BUILD.bazel", "examples/**/*.bzl", "examples/**/*MODULE.bazel", "examples/**/WORKSPACE", "*.example"],
  { cwd: root },
).sort();

describe.each([
  ["go-services", 9],
  ["bzlmod", 4],
])("examples/%s", (name, packages) => {
  const folder = join(root, "examples", name);

  it("is up to date, without a warning", async () => {
    const { code, said } = await runIn(folder, ["check"]);
    expect(said).toMatch(new RegExp(`^\\d+ files up to date, ${packages} packages\n$`));
    expect(code).toBe(0);
  });

  it("is up to date one package at a time", async () => {
    const { code, said } = await runIn(folder, ["list", "--format", "json"]);
    expect(code).toBe(0);
    const folders = globSync(["*/*/*.image.ts"], { cwd: folder }).map((path) => path.replace(/\/[^/]*$/, ""));
    for (const one of folders) {
      expect(said).toContain(one);
      expect(await runIn(folder, ["check", one])).toMatchObject({ code: 0 });
    }
  });

  it("has only digests that are visibly made up, and says so", () => {
    const texts = globSync(["**"], { cwd: folder, dot: true }).map((path) => readFileSync(join(folder, path), "utf8"));
    const digests = texts.flatMap((text) => text.match(/[0-9a-f]{64}/g) ?? []);
    expect(digests.length).toBeGreaterThan(2);
    expect(digests.filter((digest) => !/^(\d)\1*$/.test(digest))).toEqual([]);
    expect(readFileSync(join(folder, "bazel-images.config.ts"), "utf8")).toMatch(/made up.*nobody computed/);
  });

  it("has the script for the workspace status that `init` writes", () => {
    const script = join(folder, "dev/workspace_status.sh");
    expect(readFileSync(script, "utf8")).toBe(workspaceStatus(templates));
    expect(statSync(script).mode & 0o111).toBe(0o111);
  });

  it("names the files of structure tests that are there", () => {
    for (const path of globSync(["**/BUILD.bazel"], { cwd: folder })) {
      const configs = readFileSync(join(folder, path), "utf8").matchAll(/configs = \["([^"]*)"\]/g);
      for (const [, config = ""] of configs) expect(existsSync(join(folder, path, "..", config))).toBe(true);
    }
  });
});

describe("what shows how to set a repository up", () => {
  it.each(["WORKSPACE.example", "MODULE.example"])("%s loads the bases and says that it gives no sum", (name) => {
    const text = readFileSync(join(root, name), "utf8");
    expect(text).toMatch(/oci_deps\(\)|include\("\/\/dev:oci\.MODULE\.bazel"\)/);
    expect(text).not.toMatch(/sha256 =/);
    if (name === "WORKSPACE.example") expect(text).toMatch(/sha256 of no archive is given/);
  });
});

describe("the versions in what shows how to set a repository up", () => {
  const facts = globSync(["src/rulesets/facts/*.json"], { cwd: root }).map((path) =>
    path.replace(/^.*\/|\.json$/g, ""),
  );

  it("of MODULE.example are ones that the facts tell of", () => {
    const text = readFileSync(join(root, "MODULE.example"), "utf8");
    const named = [...text.matchAll(/bazel_dep\(name = "(\w+)", version = "([^"]+)"\)/g)].map(
      ([, n, v]) => `${n}@${v}`,
    );
    expect(named.sort()).toEqual([
      "aspect_bazel_lib@2.22.5",
      "container_structure_test@1.22.0",
      "rules_oci@2.3.2",
      "rules_pkg@1.2.0",
    ]);
    for (const one of named) expect(facts).toContain(one);
  });

  it("of WORKSPACE.example are ones that the facts tell of", () => {
    const text = readFileSync(join(root, "WORKSPACE.example"), "utf8");
    const version = (name: string): string | undefined =>
      new RegExp(`name = "${name}"[^)]*?url = "[^"]*?v?(\\d+\\.\\d+\\.\\d+)\\b`).exec(text)?.[1];
    for (const name of ["rules_oci", "rules_pkg", "container_structure_test"])
      expect(facts).toContain(`${name}@${version(name)}`);
  });
});

describe("buildifier finds nothing to change", () => {
  it("in more than twenty files, none of a kind unknown", () => {
    expect(starlarkFiles.filter((path) => !typeOf.some(([pattern]) => pattern.test(path)))).toEqual([]);
    expect(starlarkFiles.length).toBeGreaterThanOrEqual(22);
  });

  it.each(starlarkFiles)("in %s", (path) => {
    const type = typeOf.find(([pattern]) => pattern.test(path))?.[1] ?? "";
    expect(buildified(join(root, path), type)).toBe(readFileSync(join(root, path), "utf8"));
  });
});

it("declarations of the examples compile", () => {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "examples")], { encoding: "utf8" });
  expect(stdout).toBe("");
});
