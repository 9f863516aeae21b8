/** pre-commit itself installs the hooks from a clone of this repository, and runs them in a repository that has services. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageSources } from "../support/package.ts";
import { systemSuite } from "../support/system.ts";

const repository = join(import.meta.dirname, "../..");

/** What the clone needs: the package's sources, and what git, npm and pre-commit read. */
const cloned = [".gitignore", ".npmrc", ".pre-commit-hooks.yaml", "package-lock.json", ...packageSources];

const config = `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@2" },
  bases: { base: { image: "x.io/base", tag: "1", digest: "sha256:${"1".repeat(64)}" } },
  services: ["cmd/*/*.image.ts"],
});
`;

const service = (name: string, more = "") => `import { defineService } from "gen-bazel-images";
export default defineService({ name: "${name}", base: "base"${more} });
`;

systemSuite("pre-commit runs the hooks", { programs: ["pre-commit", "git"] }, () => {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-pre-commit-")));
  const [clone, repo] = [join(temporary, "clone"), join(temporary, "repo")];
  const identity = {
    GIT_AUTHOR_NAME: "t",
    GIT_AUTHOR_EMAIL: "t@t",
    GIT_COMMITTER_NAME: "t",
    GIT_COMMITTER_EMAIL: "t@t",
  };
  const env = {
    ...process.env,
    ...identity,
    PRE_COMMIT_HOME: join(temporary, "home"),
    npm_config_prefer_offline: "true",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  const run = (cwd: string, program: string, ...argv: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(program, argv, { cwd, env, encoding: "utf8" });
  const git = (cwd: string, ...argv: readonly string[]): string => {
    const { status, stdout, stderr } = run(cwd, "git", ...argv);
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(repo, path)), { recursive: true });
      writeFileSync(join(repo, path), text);
    }
  };
  /** Stages everything and runs one hook; what it says is shown also when it passes. */
  const hook = (name: "check" | "generate") => {
    git(repo, "add", "--all");
    const { status, stdout } = run(repo, "pre-commit", "run", "--color=never", "--verbose", `gen-bazel-images-${name}`);
    return { code: status, said: stdout };
  };

  beforeAll(() => {
    mkdirSync(clone);
    for (const name of cloned) cpSync(join(repository, name), join(clone, name), { recursive: true });
    git(clone, "init", "--quiet", "--initial-branch=main");
    git(clone, "add", "--all");
    git(clone, "commit", "--quiet", "--message", "release");
    mkdirSync(repo);
    git(repo, "init", "--quiet", "--initial-branch=main");
    write({
      ".pre-commit-config.yaml": `repos:
  - repo: ${clone}
    rev: ${git(clone, "rev-parse", "HEAD")}
    hooks:
      - id: gen-bazel-images-check
      - id: gen-bazel-images-generate
        stages: [manual, pre-commit]
`,
      "bazel-images.config.ts": config,
      "cmd/api/api.image.ts": service("api"),
      "cmd/web/web.image.ts": service("web"),
      "cmd/web/main.go": "package main\n",
    });
    git(repo, "add", "--all");
    const installed = run(repo, "pre-commit", "install-hooks");
    expect(installed.status, installed.stdout + installed.stderr).toBe(0);
  }, 400_000);
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it("stale fails and names the command, generate mends it, fresh passes", () => {
    const stale = hook("check");
    expect(stale.code).toBe(1);
    expect(stale.said).toContain("missing   cmd/api/BUILD.bazel");
    expect(stale.said).toContain("to mend it, run: npx gen-bazel-images\n");
    const mended = hook("generate");
    expect(mended.code).toBe(1);
    expect(mended.said).toContain("created   cmd/api/BUILD.bazel");
    expect(hook("generate")).toMatchObject({ code: 0 });
    const fresh = hook("check");
    expect(fresh).toMatchObject({ code: 0 });
    expect(fresh.said).toContain("Passed");
    git(repo, "commit", "--quiet", "--message", "fresh");
  });

  it("one changed declaration checks one package", () => {
    write({
      "cmd/api/api.image.ts": service("api", `, user: "nobody"`),
      "cmd/web/main.go": "package main // changed\n",
    });
    const stale = hook("check");
    expect(stale.code).toBe(1);
    expect(stale.said).toContain("stale     cmd/api/BUILD.bazel");
    expect(stale.said).toContain("to mend it, run: npx gen-bazel-images cmd/api\n");
    write({ "cmd/api/api.image.ts": service("api", " /* the same */") });
    expect(hook("check").said).toMatch(/\d+ files up to date, 1 of 2 packages/);
    git(repo, "commit", "--quiet", "--message", "api");
  });

  it("files that are no business of ours are not even looked at, or quickly", () => {
    write({ "cmd/web/main.go": "package main // changed again\n" });
    expect(hook("check").said).toContain("(no files to check)Skipped");
    write({ "tools/x.json": "{}\n" });
    expect(hook("check").said).toContain("0 files up to date, 0 of 2 packages");
    git(repo, "commit", "--quiet", "--message", "web");
  });

  it("keeps a stale commit back when it is installed", () => {
    expect(run(repo, "pre-commit", "install").status).toBe(0);
    write({ "cmd/web/web.image.ts": service("web", `, user: "nobody"`) });
    git(repo, "add", "--all");
    const refused = run(repo, "git", "commit", "--message", "stale");
    expect(refused.status).toBe(1);
    expect(refused.stderr + refused.stdout).toContain("to mend it, run: npx gen-bazel-images cmd/web");
    expect(readFileSync(join(repo, "cmd/web/BUILD.bazel"), "utf8")).toContain(`user = "nobody"`);
    git(repo, "add", "--all");
    expect(run(repo, "git", "commit", "--message", "fresh").status).toBe(0);
  });
});
