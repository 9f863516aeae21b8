/** The script that `init` writes, run in every kind of checkout. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { workspace } from "../support/run.ts";
import { findProgram, systemSuite } from "../support/system.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "workspace-status-"));
  folders.push(folder);
  return folder;
}

const identity = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
  GIT_COMMITTER_DATE: "2026-11-24T12:00:00+02:00",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

function git(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...identity },
  });
  expect(status, stderr).toBe(0);
  return stdout.trim();
}

/** What the script prints, by key; run as Bazel runs it, from the root of the workspace. */
function status(root: string, env: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const run = spawnSync("./dev/workspace_status.sh", [], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: "1700000000", ...env },
  });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  return Object.fromEntries(
    run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ (.*)/, 2)),
  );
}

/** A folder as `init` leaves it. */
async function initialised(): Promise<string> {
  const made = workspace({ "README.md": "" });
  folders.push(made.root);
  expect((await made.run(["init"])).code).toBe(0);
  return made.root;
}

/** A repository with one commit. */
async function repository(): Promise<string> {
  const root = await initialised();
  git(root, "init", "--quiet", "--initial-branch=main");
  git(root, "add", ".");
  git(root, "commit", "--quiet", "--message=first");
  return root;
}

const date = "2026-11-24T10:00:00Z";

systemSuite("workspace-status", { programs: ["git"] }, () => {
  it("is executable, and the mode survives git", async () => {
    const root = await repository();
    expect(statSync(join(root, "dev/workspace_status.sh")).mode & 0o777).toBe(0o755);
    expect(git(root, "ls-files", "--stage", "dev/workspace_status.sh")).toMatch(/^100755 /);
  });

  it("tells commit, time and version of a clean checkout", async () => {
    const root = await repository();
    const commit = git(root, "rev-parse", "HEAD");
    expect(status(root)).toEqual({
      STABLE_VERSION: commit.slice(0, 12),
      STABLE_GIT_COMMIT: commit,
      STABLE_GIT_COMMIT_DATE: date,
      VERSION_TIMESTAMP: "1700000000",
    });
    git(root, "tag", "v1.2.3");
    expect(status(root)).toMatchObject({ STABLE_VERSION: "v1.2.3" });
  });

  it("marks a dirty tree, for which files that git does not know do not count", async () => {
    const root = await repository();
    const commit = git(root, "rev-parse", "HEAD");
    writeFileSync(join(root, "report.xml"), "");
    expect(status(root)).toMatchObject({ STABLE_VERSION: commit.slice(0, 12), STABLE_GIT_COMMIT: commit });
    writeFileSync(join(root, "README.md"), "changed");
    expect(status(root)).toMatchObject({
      STABLE_VERSION: `${commit.slice(0, 12)}-dirty`,
      STABLE_GIT_COMMIT: `${commit}-dirty`,
    });
  });

  it("makes a tag of any registry out of a tag of git", async () => {
    const root = await repository();
    git(root, "tag", "release/1.0+build@2");
    expect(status(root)).toMatchObject({ STABLE_VERSION: "release-1.0-build-2" });
    expect(status(root, { VERSION: ".-v2 beta" })).toMatchObject({ STABLE_VERSION: "v2-beta" });
    expect(status(root, { VERSION: "x".repeat(200) })["STABLE_VERSION"]).toHaveLength(128);
  });

  it("works in a shallow clone, where the tag is not", async () => {
    const root = await repository();
    git(root, "tag", "v1");
    git(root, "commit", "--quiet", "--allow-empty", "--message=second");
    const commit = git(root, "rev-parse", "HEAD");
    expect(status(root)).toMatchObject({ STABLE_VERSION: `v1-1-g${commit.slice(0, 12)}` });
    const clone = join(temporary(), "clone");
    git(dirname(clone), "clone", "--quiet", "--depth=1", `file://${root}`, clone);
    expect(git(clone, "rev-parse", "--is-shallow-repository")).toBe("true");
    expect(status(clone)).toMatchObject({ STABLE_VERSION: commit.slice(0, 12), STABLE_GIT_COMMIT: commit });
  });

  it("works in a worktree and with a detached head", async () => {
    const root = await repository();
    const commit = git(root, "rev-parse", "HEAD");
    const worktree = join(temporary(), "worktree");
    git(root, "worktree", "add", "--quiet", "--detach", worktree);
    expect(git(worktree, "rev-parse", "--abbrev-ref", "HEAD")).toBe("HEAD");
    expect(status(worktree)).toMatchObject({ STABLE_GIT_COMMIT: commit, STABLE_GIT_COMMIT_DATE: date });
  });

  const unknown = {
    STABLE_VERSION: "unknown",
    STABLE_GIT_COMMIT: "unknown",
    STABLE_GIT_COMMIT_DATE: "1970-01-01T00:00:00Z",
    VERSION_TIMESTAMP: "1700000000",
  };

  it("works outside a repository, and in one without a commit", async () => {
    const root = await initialised();
    expect(status(root)).toEqual(unknown);
    git(root, "init", "--quiet");
    expect(status(root)).toEqual(unknown);
  });

  it("works without git", async () => {
    const root = await repository();
    const bin = temporary();
    for (const name of ["sh", "dirname", "date", "tr", "sed", "cut"])
      symlinkSync(findProgram(name) ?? "", join(bin, name));
    expect(status(root, { PATH: bin })).toEqual(unknown);
    expect(status(root, { PATH: bin, VERSION: "v3" })).toMatchObject({ STABLE_VERSION: "v3" });
  });

  it.each(["dash", "bash --posix", "busybox sh"].filter((shell) => findProgram(shell.split(" ")[0] ?? "")))(
    "says the same under %s",
    async (shell) => {
      const root = await repository();
      const [program = "", ...args] = shell.split(" ");
      const run = spawnSync(program, [...args, "dev/workspace_status.sh"], { cwd: root, encoding: "utf8" });
      expect(run.stderr).toBe("");
      expect(run.stdout.split("\n")[1]).toBe(`STABLE_GIT_COMMIT ${git(root, "rev-parse", "HEAD")}`);
      expect(run.stdout).toMatch(/^VERSION_TIMESTAMP 1\d{9,}$/m);
    },
  );
});

systemSuite("workspace-status for doctor", { programs: ["git"] }, () => {
  it("`init --stamping` follows the config's folder and the program that .bazelrc names", async () => {
    const made = workspace({
      "bazel-images.config.ts":
        'export default { rulesets: { oci: "rules_oci@2" }, services: [], files: { defs: "build/images/defs.bzl" } };\n',
    });
    folders.push(made.root);
    expect((await made.run(["init", "--stamping"])).code).toBe(0);
    expect(statSync(join(made.root, "build/images/workspace_status.sh")).mode & 0o777).toBe(0o755);
    made.write({ ".bazelrc": "common --color=yes\nbuild --workspace_status_command=tools/status.sh # ours\n" });
    mkdirSync(join(made.root, "tools"));
    writeFileSync(join(made.root, "tools/status.sh"), "#!/bin/sh\necho STABLE_OURS 1\n");
    const again = await made.run(["init", "--stamping"]);
    expect(again.tree[".bazelrc"]).toContain("tools/status.sh # ours\n\n# Stamping: ");
    expect(again.tree[".bazelrc"]?.match(/workspace_status_command/g)).toHaveLength(1);
    expect(again.tree["tools/status.sh"]).toContain("STABLE_OURS");
    expect((await made.run(["doctor"])).out).toContain("not executable: chmod +x tools/status.sh");
    chmodSync(join(made.root, "tools/status.sh"), 0o755);
    expect((await made.run(["doctor"])).out).toContain("set up: bazel build --config=release stamps");
    expect(existsSync(join(made.root, "dev"))).toBe(false);
  });
});
