/** README's recipe for husky, in a real repository of git: a pipe of file names, of deleted files too. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { workspace } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";
import { mainProgram } from "./go-tools.ts";

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const [recipe = ""] = /^git diff --cached .*$/m.exec(readme) ?? [];

const service = (name: string) => `import { defineService } from "gen-bazel-images";
export default defineService({ name: "${name}", base: "base" });
`;

systemSuite("the recipe for husky", { programs: ["git", "xargs"] }, () => {
  it("checks what is staged, sees a declaration that is gone, and passes when nothing is", () => {
    const made = workspace({
      "bazel-images.config.ts": `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@2" },
  bases: { base: { image: "x.io/base", tag: "1", digest: "sha256:${"1".repeat(64)}" } },
  services: ["cmd/*/*.image.ts"],
});
`,
      "cmd/a/a.image.ts": service("a"),
      "cmd/b c/b.image.ts": service("b"),
    });
    const sh = (command: string) => {
      const identity = {
        GIT_AUTHOR_NAME: "t",
        GIT_AUTHOR_EMAIL: "t@t",
        GIT_COMMITTER_NAME: "t",
        GIT_COMMITTER_EMAIL: "t@t",
      };
      const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
        cwd: made.root,
        encoding: "utf8",
        env: { ...process.env, ...identity, NO_COLOR: "1" },
      });
      return { status, said: stdout + stderr };
    };
    const ours = `'${process.execPath}' '${mainProgram}'`;
    const hook = () => sh(`git add --all; ${recipe.replace("npx gen-bazel-images", ours)}`);
    expect(recipe).toContain("npx gen-bazel-images check");
    expect(sh(`git init -q . && ${ours}`).status).toBe(0);
    expect(hook()).toMatchObject({ status: 0 });
    sh("git commit -qm first");
    expect(hook()).toEqual({ status: 0, said: "" });
    made.write({ "cmd/b c/b.image.ts": service("b").replace("base:", `user: "nobody", base:`) });
    const stale = hook();
    expect(stale.status).toBe(123);
    expect(stale.said).toContain("to mend it, run: npx gen-bazel-images 'cmd/b c'\n");
    expect(sh(`${ours} generate --print0 'cmd/b c' | tr '\\0' '|'`).said).toBe("cmd/b c/BUILD.bazel|");
    hook();
    sh("git commit -qm second");
    rmSync(join(made.root, "cmd/a/a.image.ts"));
    const gone = hook();
    expect(gone.status).toBe(123);
    expect(gone.said).toContain("left over cmd/a/BUILD.bazel");
    made.remove();
  });
});
