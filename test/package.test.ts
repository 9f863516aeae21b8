/** The package as users get it: built, packed, installed from the tarball in an empty monorepo, and run. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { config, seedRules, worker } from "./golden/seed.ts";
import { packageSources } from "./support/package.ts";
import { readTree } from "./support/run.ts";

const repository = join(import.meta.dirname, "..");
const temporary = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-package-")));
const [source, monorepo] = [join(temporary, "source"), join(temporary, "monorepo")];
let packed: readonly string[] = [];

function run(cwd: string, program: string, ...argv: readonly string[]): string {
  const env = { ...process.env, NO_COLOR: "1", npm_config_update_notifier: "false" };
  return execFileSync(program, argv, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

// A copy is built, so that nobody who uses `dist` meanwhile sees it come and go.
beforeAll(() => {
  mkdirSync(source);
  for (const name of packageSources) cpSync(join(repository, name), join(source, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(source, "node_modules"));
  run(source, process.execPath, "scripts/build.mjs");
  const answer = run(source, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", temporary);
  const [report] = JSON.parse(answer) as readonly { filename: string; files: readonly { path: string }[] }[];
  packed = report?.files.map(({ path }) => path) ?? [];
  mkdirSync(monorepo);
  writeFileSync(join(monorepo, "package.json"), `{ "private": true, "type": "module" }\n`);
  run(
    monorepo,
    "npm",
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    join(temporary, report?.filename ?? ""),
  );
}, 180_000);

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

test("the tarball holds what is needed, and no file that makes node_modules a Bazel package", () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      ...[
        "dist/main.cjs",
        "dist/program.cjs",
        "dist/cli.cjs",
        "dist/library.js",
        "dist/wasm/tree-sitter-starlark.wasm",
      ],
      ...["dist/index.js", "dist/types/index.d.ts", "LICENSE", "README.md"],
    ]),
  );
  expect(
    packed.filter((path) =>
      /^(?:BUILD|BUILD\.bazel|WORKSPACE|WORKSPACE\.bazel|MODULE\.bazel|REPO\.bazel)$/i.test(basename(path)),
    ),
  ).toEqual([]);
  expect(packed.filter((path) => /^(?:src|test|bench|examples|node_modules|scripts)\//.test(path))).toEqual([]);
});

test("publint finds nothing", () => {
  expect(run(source, process.execPath, join(repository, "node_modules/publint/src/cli.js"), "--strict")).toContain(
    "All good!",
  );
});

test("it says its version", () => {
  expect(run(monorepo, "npx", "gen-bazel-images", "--version").trim()).toMatch(/^\d+\.\d+\.\d+/);
});

test("it generates the seed's files, and then has nothing to do", () => {
  mkdirSync(join(monorepo, "cmd/worker"), { recursive: true });
  const declared = worker(`{ repoTags: ["worker:candidate"], manual: false }`);
  writeFileSync(join(monorepo, "cmd/worker/worker.image.ts"), declared);
  writeFileSync(join(monorepo, "bazel-images.config.ts"), config());
  expect(run(monorepo, "npx", "gen-bazel-images")).toContain("created   cmd/worker/BUILD.bazel");
  const made = readTree(join(monorepo, "cmd/worker"));
  expect(made["BUILD.bazel"]).toContain(`\n\n${seedRules}\n\n# END gen-bazel-images\n`);
  expect(made["image_test.yaml"]).toContain(`schemaVersion: "2.0.0"\ncommandTests:\n  - name: "binary is runnable"\n`);
  expect(readdirSync(join(monorepo, "dev")).sort()).toEqual(["BUILD.bazel", "oci_defs.bzl", "oci_deps.bzl"]);
  run(monorepo, "npx", "gen-bazel-images", "check");
});

test("its types are there for declarations", () => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
  const check = (file: string) => run(monorepo, process.execPath, tsc, ...flags, file);
  expect(check("cmd/worker/worker.image.ts")).toBe("");
  writeFileSync(
    join(monorepo, "wrong.ts"),
    `import { defineService } from "gen-bazel-images";\ndefineService({ name: 1 });\n`,
  );
  expect(() => check("wrong.ts")).toThrow();
  expect(dirname(monorepo)).toBe(temporary);
});
