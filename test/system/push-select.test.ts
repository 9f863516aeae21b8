/** What `push` picks and what it refuses, by the answers of a real Bazel and git; nothing reaches a registry. */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isProblem, openGit } from "../../src/shell/git.ts";
import { withProcesses } from "../../src/shell/processes.ts";
import { systemSuite } from "../support/system.ts";
import { configText, type PushRepository, pushPrograms, pushRepository } from "./push-workspace.ts";

const prefix = "registry.example/team";
const legacy = {
  "lib/spare.sh": "",
  "legacy/BUILD.bazel": `load("@rules_oci//oci:defs.bzl", "oci_image", "oci_push")

oci_image(name = "old", digest = False)

oci_push(name = "old_push", image = ":old", repository = "registry.example/other/old", remote_tags = ["1"])
`,
};

/** What has changed as a root in a folder of the repository sees it. */
async function openChanges(repository: string, folder: string): Promise<readonly unknown[]> {
  writeFileSync(join(repository, "top.txt"), "");
  writeFileSync(join(repository, "worker/main.sh"), "changed");
  rmSync(join(repository, folder, "main.sh"));
  const shell = { cwd: repository, env: process.env, out: () => undefined, err: () => undefined, isTerminal: false };
  try {
    const changed = await withProcesses(async (processes) => {
      const git = await openGit(join(repository, folder), shell, processes);
      return isProblem(git) ? git : git.changedSince("main");
    });
    if (isProblem(changed)) throw new Error(changed.code);
    return [...changed].sort((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    execFileSync("git", ["checkout", "--quiet", "--", "."], { cwd: repository });
    rmSync(join(repository, "top.txt"));
  }
}

systemSuite("push picks its targets with a real Bazel", { programs: pushPrograms }, () => {
  let repo: PushRepository;
  beforeAll(async () => {
    repo = await pushRepository(prefix, legacy);
  });
  afterAll(() => repo?.end());

  /** The targets of a dry run. */
  const picked = async (...argv: readonly string[]): Promise<readonly string[]> => {
    const { code, out, err } = await repo.push(["--dry-run", "--format", "json", ...argv]);
    expect(code, out + err).toBe(0);
    return (JSON.parse(out) as { targets: { target: string }[] }).targets.map(({ target }) => target);
  };
  const both = ["//app:candidate_push", "//worker:candidate_push"];

  it("lists targets outside of our regions, and takes them with --unmanaged only", async () => {
    const { code, out, err } = await repo.push(["--dry-run"]);
    expect(code, err).toBe(0);
    expect(err).toContain(
      "warning[push-unmanaged]: 1 push targets are in no region of ours and are not pushed: //legacy:old_push",
    );
    expect(out).not.toContain("//legacy");
    const json = await repo.push(["--dry-run", "--format", "json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      unmanaged: ["//legacy:old_push"],
      diagnostics: [{ code: "push-unmanaged", severity: "warning", hint: expect.stringContaining("--unmanaged") }],
    });
    expect(await picked()).toEqual(both);
    expect(await picked("--unmanaged")).toEqual([both[0], "//legacy:old_push", both[1]]);
    const named = await repo.push(["--dry-run", "--unmanaged", "--registry", "eu.example/x"]);
    expect(named.out).toMatch(/^\/\/legacy:old_push +eu\.example\/x\/other\/old +1 +\? /m);
    expect(named.out).toMatch(/^\/\/app:candidate_push +eu\.example\/x\/app /m);
  });

  it("narrows to services, and to stages", async () => {
    expect(await picked("worker")).toEqual([both[1]]);
    expect(await picked("--stage", "all")).toEqual(both);
    expect(await picked("--stage", "release")).toEqual([]);
    const unknown = await repo.push(["wroker"]);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain(`error[argument-unknown]`);
    expect(unknown.err).toContain(`did you mean "worker"?`);
  });

  it("narrows to one service of a package, or to one target", async () => {
    const text = repo.read("worker/worker.image.ts");
    const second = `{ name: "second", push: { name: "second_push", repository: "second", image: ":image" } }`;
    repo.write({
      "worker/worker.image.ts": `${text.replace("export default", "const first =")}\nexport default [first, ${second}];\n`,
    });
    expect((await repo.run(["generate"])).code).toBe(0);
    expect(await picked("worker/worker.image.ts")).toEqual([both[1], "//worker:second_push"]);
    expect(await picked("second")).toEqual(["//worker:second_push"]);
    expect(await picked("app", "worker")).toEqual(both);
    expect(await picked("//worker:second_push")).toEqual(["//worker:second_push"]);
    repo.git("checkout", "--quiet", "--", ".");
  });

  it("stops at a declared target that Bazel does not have", async () => {
    const text = `import { defineService } from "gen-bazel-images";
export default defineService({
  name: "late",
  push: { repository: "late", image: "//app:image" },
});
`;
    repo.write({ "late/late.image.ts": text });
    const { code, err } = await repo.push(["--dry-run"]);
    repo.remove("late");
    expect(code).toBe(2);
    expect(err).toContain("late/late.image.ts:4:3: error[push-not-in-bazel]: //late:candidate_push is declared");
    expect(err).toContain("hint: npx gen-bazel-images late");
  });

  it("knows the targets of a macro that stands for oci_push, whatever kind it makes", async () => {
    repo.write({
      "bazel-images.config.ts": configText(
        prefix,
        `loads: { expand_template: "@rules_oci//oci:defs.bzl", oci_push: { from: "//dev:push.bzl", symbol: "our_push" } },`,
      ),
      "dev/push.bzl": `load("@rules_oci//oci:defs.bzl", "oci_push")

def our_push(name, **kwargs):
    oci_push(name = name + ".real", **kwargs)
    _carry(name = name)

def _impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, "exit 0", is_executable = True)
    return DefaultInfo(executable = script)

_carry = rule(implementation = _impl, executable = True)
`,
    });
    expect((await repo.run(["generate"])).code).toBe(0);
    const { code, out, err } = await repo.push(["--dry-run", "--format", "json"]);
    repo.git("checkout", "--quiet", "--", ".");
    repo.git("clean", "--quiet", "--force", "-d");
    expect(code, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      targets: [{ target: both[0], repository: `${prefix}/app`, tags: [] }, { target: both[1] }],
      unmanaged: ["//app:candidate_push.real", "//legacy:old_push", "//worker:candidate_push.real"],
    });
  });

  it("makes up no name for a target that has no repository", async () => {
    repo.write({ "legacy/BUILD.bazel": legacy["legacy/BUILD.bazel"].replace(/repository = "[^"]*", /, "") });
    const { code, err } = await repo.push(["--dry-run", "--unmanaged", "--registry", "eu.example"]);
    repo.write(legacy);
    expect(code).toBe(2);
    expect(err).toContain("error[push-name-unknown]: //legacy:old_push names no repository");
  });

  it("refuses two targets to one repository and tag, stamped or by --tag", async () => {
    repo.write({
      "legacy/BUILD.bazel": legacy["legacy/BUILD.bazel"]
        .replace("other/old", "team/app")
        .replace('["1"]', '["latest"]'),
    });
    const { code, err } = await repo.push(["--dry-run", "--unmanaged"]);
    const apart = await repo.push(["--dry-run"]);
    repo.write(legacy);
    expect(code).toBe(2);
    expect(err).toContain(
      `error[push-same-destination]: //legacy:old_push and //app:candidate_push both push ${prefix}/app:latest`,
    );
    expect(apart.code).toBe(0);
  });

  describe("what keeps everything back", () => {
    it("a package that does not load: Bazel's own words", async () => {
      repo.write({ "legacy/BUILD.bazel": "no_such_rule(name = 'x')\n" });
      const { code, err } = await repo.push(["--dry-run"]);
      repo.write(legacy);
      expect(code).toBe(3);
      expect(err).toMatch(
        /error\[bazel-query-failed\][\s\S]*ERROR: .*legacy\/BUILD\.bazel:1:1: .*'no_such_rule' is not defined/,
      );
    });

    it("a target that does not build", async () => {
      repo.write({ "worker/BUILD.bazel": `${repo.read("worker/BUILD.bazel")}\nfilegroup(name = "x")\n` });
      repo.remove("worker/main.sh");
      const { code, out, err } = await repo.push(["--any-branch", "--allow-dirty", "--retries", "0"]);
      repo.git("checkout", "--quiet", "--", ".");
      expect(code).toBe(3);
      expect(out).toBe("");
      expect(err).toMatch(
        /error\[bazel-build-failed\]: bazel build failed, nothing was pushed:\nERROR: .*missing input file '\/\/worker:main\.sh'/,
      );
    });

    it("a flag that Bazel does not know, and a target that cannot be run", async () => {
      const flag = await repo.push(["--dry-run", "--", "--no_such_flag"]);
      expect(flag.code).toBe(3);
      expect(flag.err).toContain("Unrecognized option: --no_such_flag");
      repo.write({ "legacy/BUILD.bazel": `load("//legacy:push.bzl", "oci_push")\noci_push(name = "not_run")\n` });
      repo.write({
        "legacy/push.bzl": `oci_push = rule(implementation = lambda ctx: [])\n`
          .replace("lambda ctx: []", "_impl")
          .replace(/^/, "def _impl(ctx):\n    return []\n\n"),
      });
      const { code, err } = await repo.push(["--any-branch", "--allow-dirty", "--unmanaged"]);
      repo.remove("legacy/push.bzl");
      repo.write(legacy);
      expect(code).toBe(3);
      expect(err).toMatch(/error\[bazel-run-failed\]: .* \/\/legacy:not_run, nothing was pushed:\nERROR: .*not_run/);
    });
  });

  describe("--only-changed-since", () => {
    /** The targets that a change reaches, and why when that is all. */
    const reached = async (
      change: () => void,
      isCommitted = false,
    ): Promise<{ targets: readonly string[]; everything?: string }> => {
      repo.git("switch", "--quiet", "--create", "change");
      change();
      if (isCommitted) repo.commit("change");
      const { code, out, err } = await repo.push(["--dry-run", "--format", "json", "--only-changed-since", "main"]);
      expect(code, out + err).toBe(0);
      repo.git("add", "--all");
      repo.git("commit", "--quiet", "--allow-empty", "--message", "change");
      repo.git("switch", "--quiet", "main");
      repo.git("branch", "--quiet", "-D", "change");
      const { targets, everything } = JSON.parse(out) as { targets: { target: string }[]; everything?: string };
      return { targets: targets.map(({ target }) => target), ...(everything && { everything }) };
    };
    const exported = (name: string) =>
      repo.write({
        "worker/BUILD.bazel": `${repo.read("worker/BUILD.bazel")}\nexports_files([${JSON.stringify(name)}])\n`,
      });

    it("nothing, a source, a shared source, a BUILD file, a declaration", async () => {
      expect(await reached(() => undefined)).toEqual({ targets: [] });
      expect(await reached(() => repo.write({ "app/main.sh": "echo changed\n" }))).toEqual({ targets: [both[0]] });
      expect(await reached(() => repo.write({ "lib/common.sh": "echo changed\n" }))).toEqual({ targets: [both[1]] });
      expect(
        await reached(() => repo.write({ "lib/BUILD.bazel": `# changed\n${repo.read("lib/BUILD.bazel")}` })),
      ).toEqual({
        targets: [both[1]],
      });
      expect(
        await reached(() => repo.write({ "app/app.image.ts": `// changed\n${repo.read("app/app.image.ts")}` })),
      ).toEqual({ targets: [both[0]] });
    });

    it("the same when it is committed", async () => {
      expect(await reached(() => repo.write({ "app/main.sh": "echo changed\n" }), true)).toEqual({
        targets: [both[0]],
      });
    });

    it("names with spaces and quotes", async () => {
      expect(
        await reached(() => {
          repo.write({ "worker/a b's.txt": "new\n" });
          exported("a b's.txt");
        }),
      ).toEqual({ targets: [both[1]] });
      expect(await reached(() => repo.write({ [`worker/a"b'.txt`]: "new\n" }))).toMatchObject({ targets: both });
    });

    it("everything, when in doubt", async () => {
      for (const [path, why] of [
        ["WORKSPACE", "may concern every target"],
        ["MODULE.bazel.lock", "may concern every target"],
        ["lib/new.bzl", "may concern every target"],
        [".bazelversion", "may concern every target"],
        ["dev/oci_deps.bzl", "pins base images"],
        ["README.md", "belongs to no target"],
        ["worker/notes.md", "belongs to no target"],
      ] as const) {
        const text = path === ".bazelversion" ? "latest\n" : `${repo.read(path)}\n`;
        expect(await reached(() => repo.write({ [path]: text }))).toEqual({
          targets: both,
          everything: `${path} ${why}`,
        });
      }
      expect(await reached(() => repo.remove("lib/spare.sh"))).toEqual({
        targets: both,
        everything: "lib/spare.sh is gone",
      });
      expect(await reached(() => repo.git("mv", "lib/spare.sh", "lib/renamed.sh"))).toMatchObject({ targets: both });
      expect(await reached(() => repo.write({ "new/BUILD.bazel": "" }))).toMatchObject({ targets: both });
    });

    it("outside of the root, when that is a folder of the repository", async () => {
      const changed = await openChanges(repo.root, "app");
      expect(changed).toEqual([
        { path: "../top.txt", change: "added" },
        { path: "../worker/main.sh", change: "modified" },
        { path: "main.sh", change: "deleted" },
      ]);
    });

    it("says when git does not know the revision", async () => {
      const { code, err } = await repo.push(["--dry-run", "--only-changed-since", "no-such"]);
      expect(code).toBe(2);
      expect(err).toContain('error[git-unknown-revision]: git knows no revision "no-such"');
    });
  });
});
