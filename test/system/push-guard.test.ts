/** What keeps `push` from starting: the branch, the tree, git, Bazel. git is real, Bazel is a script that must not be run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Workspace, workspace } from "../support/run.ts";
import { findProgram, systemSuite } from "../support/system.ts";
import { mainProgram } from "./go-tools.ts";

const files = {
  "bazel-images.config.ts": `import { defineConfig } from "gen-bazel-images";
export default defineConfig({ rulesets: { oci: "rules_oci@2" }, services: [] });
`,
  "bazel.sh": "#!/bin/sh\necho ERROR: bazel ran >&2\nexit 1\n",
};

systemSuite("push is guarded by git", { programs: ["git"] }, () => {
  let made: Workspace | undefined;
  afterEach(() => made?.remove());

  const path = process.env["PATH"] ?? "";
  const identity = {
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@t",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@t",
  };

  /** A repository with one commit on main, and how to go on in it. */
  async function open(more = {}) {
    const place = workspace({ ...files, ...more });
    made = place;
    const sh = async (command: string) => {
      const child = spawn("sh", ["-ec", command], {
        cwd: place.root,
        env: { ...process.env, ...identity },
        stdio: "ignore",
      });
      expect(await once(child, "close")).toEqual([0, null]);
    };
    await sh("chmod +x bazel.sh; git init -q -b main; git add -A; git commit -qm first");
    const push = (argv: readonly string[] = [], env = {}) =>
      place.run(["push", "--bazel", "./bazel.sh", ...argv], { PATH: path, HOME: place.root, ...env });
    return { place, sh, push };
  }

  /** Bazel was asked, so nothing kept us from it. */
  const started = "error[bazel-query-failed]";

  describe("the branch", () => {
    it("is main, or what --branch or the config says", async () => {
      const { push, sh, place } = await open();
      expect((await push()).err).toContain(started);
      await sh("git switch -qc topic");
      const refused = await push();
      expect(refused.code).toBe(2);
      expect(refused.err).toContain('error[push-wrong-branch]: this is "topic", and only "main" is pushed from');
      expect((await push(["--branch", "topic"])).err).toContain(started);
      expect((await push(["--any-branch"])).err).toContain(started);
      expect((await push(["--dry-run"])).err).toContain(started);
      place.write({
        "bazel-images.config.ts": files["bazel-images.config.ts"].replace(
          "services",
          'push: { branch: "topic" }, services',
        ),
      });
      await sh("git commit -qam config");
      expect((await push()).err).toContain(started);
    });

    it("is asked of the CI system when HEAD is detached", async () => {
      const { push, sh } = await open();
      await sh("git checkout -q --detach");
      const refused = await push();
      expect(refused.code).toBe(2);
      expect(refused.err).toContain("error[push-detached]");
      expect(refused.err).toContain("--any-branch");
      for (const env of [
        { GITHUB_REF_NAME: "main", GITHUB_REF_TYPE: "branch" },
        { BUILDKITE_BRANCH: "main", BUILDKITE_PULL_REQUEST: "false" },
      ])
        expect((await push([], env)).err).toContain(started);
      for (const env of [
        { GITHUB_REF_NAME: "main", GITHUB_REF_TYPE: "tag" },
        { GITHUB_REF_NAME: "12/merge", GITHUB_REF_TYPE: "branch" },
        { BUILDKITE_BRANCH: "main", BUILDKITE_PULL_REQUEST: "12" },
        { BUILDKITE_BRANCH: "topic" },
      ])
        expect((await push([], env)).err).toMatch(/error\[push-(?:detached|wrong-branch)\]/);
    });
  });

  it("refuses a tree that is not committed, untracked files included", async () => {
    const { push, place } = await open();
    place.write({ "new file.txt": "" });
    const one = await push();
    expect(one.code).toBe(2);
    expect(one.err).toContain("error[push-dirty]: new file.txt differs from HEAD");
    place.write({ "bazel.sh": `${files["bazel.sh"]}#\n` });
    expect((await push()).err).toContain("error[push-dirty]: 2 files differ (bazel.sh is one) from HEAD");
    expect((await push(["--allow-dirty"])).err).toContain(started);
    expect((await push(["--dry-run"])).err).toContain(started);
  });

  it("needs a repository, and git", async () => {
    made = workspace(files);
    const outside = await made.run(["push", "--bazel", "/bin/sh"], { PATH: path, GIT_CEILING_DIRECTORIES: "/" });
    expect(outside.code).toBe(2);
    expect(outside.err).toContain("error[git-no-repository]: <root> is in no git repository");
    mkdirSync(join(made.root, "empty"));
    const without = await made.run(["push", "--bazel", "/bin/sh"], { PATH: join(made.root, "empty") });
    expect(without.code).toBe(3);
    expect(without.err).toContain("error[git-not-found]");
    const both = ["--any-branch", "--allow-dirty"];
    expect((await made.run(["push", "--bazel", "/bin/false", ...both], { PATH: "" })).err).toContain(started);
  });

  it("tells what git says when it fails", async () => {
    const { push, sh } = await open();
    await sh("echo '[' > .git/config");
    const failed = await push();
    expect(failed.code).toBe(3);
    expect(failed.err).toMatch(/error\[git-failed\]: git rev-parse --show-prefix failed: fatal: bad config/);
  });

  it("finds bazel, else bazelisk, on PATH, or says what to do", async () => {
    const { place } = await open();
    const bin = join(place.root, "bin");
    mkdirSync(bin);
    symlinkSync(findProgram("git") ?? "", join(bin, "git"));
    const none = await place.run(["push", "--dry-run"], { PATH: bin });
    expect(none.code).toBe(3);
    expect(none.err).toContain("error[bazel-not-found]: bazel is not on PATH");
    expect(none.err).toContain("hint: install bazelisk, or name the program: --bazel PATH");
    const named = await place.run(["push", "--dry-run", "--bazel", "tools/bzl"], { PATH: bin });
    expect(named.err).toContain("error[bazel-not-found]: tools/bzl");
    symlinkSync(join(place.root, "bazel.sh"), join(bin, "bazelisk"));
    expect((await place.run(["push", "--dry-run"], { PATH: bin })).err).toContain("ERROR: bazel ran");
  });

  it("refuses tags, registries and numbers that are none", async () => {
    const { push } = await open();
    const tag = await push(["--tag", "no tag", "--registry", "http://x"]);
    expect(tag.code).toBe(2);
    expect(tag.err).toContain("error[tag-invalid]");
    expect(tag.err).toContain("error[image-reference-invalid]");
    expect((await push(["--jobs", "0"])).err).toContain("--jobs takes an integer of at least 1");
    expect((await push(["--retries", "x"])).err).toContain("--retries takes an integer of at least 0");
    expect((await push(["--stage", "beta"])).code).toBe(2);
  });

  it("ends what it started when it is told to end", async () => {
    const { place, sh } = await open();
    place.write({ "bazel.sh": "#!/bin/sh\nsleep 300 &\necho $! > .git/pid.new\nmv .git/pid.new .git/pid\nwait\n" });
    await sh("git commit -qam hanging");
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const child = spawn(process.execPath, [mainProgram, "push", "--bazel", "./bazel.sh"], { cwd: place.root });
      const pid = join(place.root, ".git/pid");
      await expect.poll(() => existsSync(pid), { timeout: 20_000 }).toBe(true);
      const grandchild = Number(readFileSync(pid, "utf8"));
      child.kill(signal);
      expect((await once(child, "close"))[0]).toBe(3);
      await expect.poll(() => isAlive(grandchild)).toBe(false);
      await sh("rm .git/pid");
    }
  });
});

/** Reports whether a process runs; one that ended, and that nobody asked about since, does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
