/** A repository with Go code and one service, and the tools that share its BUILD files: Gazelle, buildozer, buildifier and ours. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "../support/system.ts";

/** The built program; a run of it is a process. */
export const mainProgram = join(import.meta.dirname, "../../dist/main.cjs");

/** Where the rules of the service go. */
export const workerBuild = "cmd/worker/BUILD.bazel";

const config = `import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.7.0" },
  bases: { debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "sha256:${"1".repeat(64)}" } },
  repositoryPrefix: "us.gcr.io/example",
  services: ["cmd/*/*.image.ts"],
});
`;

const worker = `import { defineService } from "gen-bazel-images";

export default defineService({
  name: "worker",
  base: "debian",
  layers: [{ name: "tar_worker", srcs: [":worker"] }],
  entrypoint: ["/worker"],
  user: "nobody",
  test: { commandTests: [{ name: "runs", command: "/worker" }] },
  push: { repository: "worker" },
});
`;

const files = {
  "bazel-images.config.ts": config,
  "cmd/worker/worker.image.ts": worker,
  "cmd/worker/main.go": `package main

import "example.com/shop/internal/queue"

func main() { queue.Run() }
`,
  "internal/queue/queue.go": "package queue\n\nfunc Run() {}\n",
  "internal/mail/mail.go": "package mail\n\nfunc Send(text string) {}\n",
  "go.mod": "module example.com/shop\n\ngo 1.22\n",
  WORKSPACE: "",
  "BUILD.bazel": "# gazelle:prefix example.com/shop\n",
};

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly err: string;
}

/** The repository in a temporary folder. */
export interface GoRepository {
  readonly root: string;
  read(path: string): string;
  exists(path: string): boolean;
  write(path: string, text: string): void;
  delete(path: string): void;
  /** Our program. */
  ours(...argv: readonly string[]): Ended;
  /** `gazelle update`, or another of its commands. */
  gazelle(command?: string): Ended;
  buildozer(command: string, target: string): Ended;
  /** buildifier as it comes, fixing what it can, whatever configuration the machine has. */
  buildifier(...paths: readonly string[]): Ended;
  remove(): void;
}

/** Writes the repository. */
export function goRepository(): GoRepository {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-go-")));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const run = (program: string, argv: readonly string[]): Ended => {
    const ended: SpawnSyncReturns<string> = spawnSync(program, [...argv], { cwd: root, encoding: "utf8" });
    if (ended.error) throw ended.error;
    return { code: ended.status, out: ended.stdout, err: ended.stderr };
  };
  return {
    root,
    write,
    read: (path) => readFileSync(join(root, path), "utf8"),
    exists: (path) => existsSync(join(root, path)),
    delete: (path) => rmSync(join(root, path)),
    ours: (...argv) => run(process.execPath, [mainProgram, ...argv]),
    gazelle: (command = "update") =>
      run(findProgram("gazelle") ?? "gazelle", [command, "-repo_root", root, "-go_prefix", "example.com/shop"]),
    buildozer: (command, target) => run(native("buildozer"), ["-root_dir", root, command, target]),
    buildifier: (...paths) => run(native("buildifier"), ["-config=off", "-lint=fix", ...paths]),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What stands between the borders, borders included. */
export function regionOf(text: string): string {
  return /^# BEGIN gen-bazel-images\n[\s\S]*^# END gen-bazel-images$/m.exec(text)?.[0] ?? "";
}

function native(tool: "buildifier" | "buildozer"): string {
  const folder = dirname(createRequire(import.meta.url).resolve(`@bazel/${tool}/package.json`));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const suffix = process.platform === "win32" ? ".exe" : "";
  return join(folder, `${tool}-${platform}_${process.arch === "x64" ? "amd64" : process.arch}${suffix}`);
}
