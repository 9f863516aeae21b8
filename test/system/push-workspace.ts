/**
 * A repository of git with services that push, for a real Bazel (Debian's 4.2.3): the rulesets in it are the small ones of
 * `push-rules/`, which build OCI layouts and push them with skopeo. Tags are stamped with the commit.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../src/commands/cli.ts";
import type { Tree } from "../support/run.ts";

/** Programs that a suite with such a repository needs. */
export const pushPrograms = ["bazel", "git", "skopeo"] as const;

const rules = join(import.meta.dirname, "push-rules");

const files: Tree = {
  WORKSPACE: `local_repository(name = "rules_oci", path = "third_party/rules_oci")
local_repository(name = "rules_pkg", path = "third_party/rules_pkg")
`,
  ".bazelignore": "third_party\n",
  ".bazelrc": "build --workspace_status_command='bash dev/workspace_status.sh'\n",
  ".gitignore": "bazel-*\n!bazel-images.config.ts\n",
  "dev/workspace_status.sh": "echo STABLE_GIT_COMMIT $(git rev-parse --short=12 HEAD)\n",
  "third_party/rules_oci/WORKSPACE": "",
  "third_party/rules_oci/oci/BUILD": `exports_files(glob(["*.sh", "*.tpl"]))

config_setting(name = "is_stamping", values = {"stamp": "true"}, visibility = ["//visibility:public"])
`,
  "third_party/rules_pkg/WORKSPACE": "",
  "third_party/rules_pkg/pkg/BUILD": "",
  "app/app.image.ts": declaration(
    "app",
    `push: { repository: "app", remoteTags: [stamp("STABLE_GIT_COMMIT", { fallback: "0.0.0-dev" }), "latest"] }`,
  ),
  "app/main.sh": "echo app\n",
  "worker/worker.image.ts": declaration(
    "worker",
    `labels: ":labels", push: { repository: "worker", remoteTags: ["edge"] }`,
    `"//lib:common.sh"`,
  ),
  "worker/main.sh": "echo worker\n",
  "worker/BUILD.bazel": `load("@rules_oci//oci:defs.bzl", "expand_template")

expand_template(
    name = "labels",
    out = "labels.txt",
    stamp_substitutions = {"unstamped": "{{STABLE_GIT_COMMIT}}"},
    template = ["org.opencontainers.image.revision=unstamped"],
)
`,
  "lib/BUILD.bazel": `exports_files(["common.sh"])\n`,
  "lib/common.sh": "echo common\n",
};

function declaration(name: string, rest: string, ...more: readonly string[]): string {
  return `import { defineService, stamp } from "gen-bazel-images";
export default defineService({
  name: "${name}",
  layers: [{ name: "tar", srcs: [${['"main.sh"', ...more].join(", ")}] }],
  image: { attributes: { os: "linux", architecture: "amd64" } },
  entrypoint: ["/main.sh"],
  ${rest},
});
`;
}

/** How a command ended. */
export interface Pushed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The repository in a temporary folder. */
export interface PushRepository {
  readonly root: string;
  /** A program that is Bazel with flags of this test; for `--bazel`. */
  readonly bazel: string;
  write(files: Tree): void;
  /** The text of a file; nothing when there is none. */
  read(path: string): string;
  remove(path: string): void;
  /** Runs git; gives what it printed. */
  git(...args: readonly string[]): string;
  /** Commits everything; gives the commit as the status script does. */
  commit(message: string): string;
  /** `push --bazel …`, in this process. */
  push(argv: readonly string[], isTerminal?: boolean): Promise<Pushed>;
  run(argv: readonly string[]): Promise<Pushed>;
  /** Bazel itself; gives all that it said. */
  build(...args: readonly string[]): string;
  end(): void;
}

/** Writes, generates and commits the repository; its images go to `prefix`. */
export async function pushRepository(prefix: string, more: Tree = {}): Promise<PushRepository> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-push-test-")));
  const [root, bazel, home] = [join(base, "repo"), join(base, "bazel"), join(base, "home")];
  mkdirSync(home);
  const startup = [`--output_user_root=${join(base, "out")}`, "--host_jvm_args=-Xmx768m", "--max_idle_secs=60"];
  writeFileSync(bazel, `#!/bin/sh\nexec bazel ${startup.join(" ")} --nohome_rc "$@"\n`);
  chmodSync(bazel, 0o755);
  const write = (texts: Tree): void => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const identity = {
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@t",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@t",
  };
  const real = { PATH: process.env["PATH"], HOME: home, USE_BAZEL_VERSION: "latest", ...identity };
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: root, env: real, encoding: "utf8" });
  const ours = async (argv: readonly string[], isTerminal = false) => {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await run(argv, {
      cwd: root,
      env: real,
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      isTerminal,
    });
    return { code, out: out.join(""), err: err.join("") };
  };
  const commit = (message: string): string => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "--short=12", "HEAD").trim();
  };
  write({ ...files, "bazel-images.config.ts": configText(prefix), ...more });
  for (const [from, to] of [
    ["oci.bzl", "rules_oci/oci/defs.bzl"],
    ["push.bzl", "rules_oci/oci/push.bzl"],
    ["layout.sh", "rules_oci/oci/layout.sh"],
    ["stamp.sh", "rules_oci/oci/stamp.sh"],
    ["push.sh.tpl", "rules_oci/oci/push.sh.tpl"],
    ["pkg.bzl", "rules_pkg/pkg/tar.bzl"],
  ] as const)
    copyFileSync(join(rules, from), join(root, "third_party", to));
  git("init", "--quiet", "--initial-branch=main");
  const generated = await ours(["generate"]);
  if (generated.code !== 0) throw new Error(generated.err);
  commit("first");
  return {
    root,
    bazel,
    write,
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : ""),
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    git,
    commit,
    run: ours,
    push: (argv, isTerminal) => ours(["push", "--bazel", bazel, ...argv], isTerminal),
    build: (...args) => {
      const { stdout, stderr } = spawnSync(bazel, args, { cwd: root, env: real, encoding: "utf8" });
      return stdout + stderr;
    },
    end: () => {
      spawnSync(bazel, ["shutdown"], { cwd: root, env: real });
      // Bazel takes the right to write away from some of its folders.
      spawnSync("chmod", ["-R", "u+w", base]);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** A config whose services are pushed below a prefix. */
export function configText(prefix: string, more = ""): string {
  return `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@2", pkg: "rules_pkg@1" },
  repositoryPrefix: "${prefix}",
  services: ["*/*.image.ts"],
  loads: { expand_template: "@rules_oci//oci:defs.bzl" },
  ${more}
});
`;
}
