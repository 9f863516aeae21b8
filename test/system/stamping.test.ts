/**
 * A real Bazel builds what we generate, against small rules made by hand that stamp as the real ones do: what a new commit
 * rebuilds, with `--stamp` and without. The script and the `.bazelrc` are those that `init` writes.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Workspace as Monorepo, workspace as monorepo } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";
import { bazel, shutdown } from "./bazel.ts";
import { handmade } from "./stubs/handmade.ts";
import { writeFiles } from "./stubs/index.ts";

const config = (oci: string) => `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@${oci}" },
  services: ["*/*.image.ts"],
  defaults: { os: "linux", architecture: "amd64" },
});
`;

const service = (name: string, more: string) => `import { defineService, stamp } from "gen-bazel-images";
export default defineService({
  name: "${name}",
  layers: [{ name: "tar", srcs: ["program.txt"] }],
  load: { repoTags: ["${name}:candidate"], manual: false },
  ${more}
});
`;

const version = `stamp("STABLE_GIT_COMMIT", { fallback: "dev" })`;
const time = `stamp("VERSION_TIMESTAMP", { fallback: "0", prefix: "at-" })`;
const push = (name: string, tags: string) => `push: { repository: "localhost:5000/${name}", remoteTags: [${tags}] },`;

/** One image with stamps, one that is pushed with them, one without any, and one with a rebuilt binary. */
const sources = {
  "labelled/labelled.image.ts": service(
    "labelled",
    `labels: { name: "x", revision: ${version} }, push: { repository: "localhost:5000/labelled" },`,
  ),
  "tagged/tagged.image.ts": service("tagged", push("tagged", `"latest", ${version}, ${time}`)),
  "plain/plain.image.ts": service("plain", ""),
  "rebuilt/rebuilt.image.ts": service("rebuilt", "").replace(
    `srcs: ["program.txt"]`,
    `srcs: [":rebuilt"], crossBinary: "linux/amd64"`,
  ),
  "rebuilt/BUILD.bazel": `load("@io_bazel_rules_go//go:def.bzl", "go_binary")\n\ngo_binary(\n    name = "rebuilt",\n    srcs = ["main.go"],\n)\n`,
  "rebuilt/main.go": "package main\n",
  "labelled/program.txt": "labelled",
  "tagged/program.txt": "tagged",
  "plain/program.txt": "plain",
};

/** The rulesets by hand, as far as the services need them. */
function writeRulesets(dir: string): Readonly<Record<string, string>> {
  const repository = (name: string, files: Readonly<Record<string, string>>) =>
    [name, writeFiles(join(dir, name), { WORKSPACE: "", ...files })] as const;
  const rules = handmade("stamping/rules.bzl");
  return Object.fromEntries([
    repository("aspect_bazel_lib", {
      "lib/expand_template.bzl": handmade("stamping/expand_template.bzl"),
      "lib/BUILD.bazel": handmade("stamping/lib.txt"),
    }),
    repository("rules_oci", { "oci/defs.bzl": rules, "oci/BUILD.bazel": "" }),
    repository("io_bazel_rules_go", {
      "go/def.bzl": handmade("stamping/go.bzl"),
      "go/BUILD.bazel": "",
      "go/toolchain/BUILD.bazel": handmade("go_platforms.txt"),
    }),
    repository("rules_pkg", { "pkg/tar.bzl": rules, "pkg/BUILD.bazel": "" }),
  ]);
}

systemSuite("bazel-stamping", { programs: ["bazel", "git"] }, () => {
  describe.each(["1.8.0", "2.3.2"])("rules_oci %s", (oci) => {
    let repo: Monorepo;
    let dir: string;
    let repositories: Readonly<Record<string, string>>;

    function git(...args: readonly string[]): string {
      const run = spawnSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
        cwd: repo.root,
        encoding: "utf8",
        env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
      });
      expect(run.status, run.stderr).toBe(0);
      return run.stdout.trim();
    }

    /** Makes a new commit, which changes no file that Bazel knows. */
    function commit(): string {
      git("commit", "--quiet", "--allow-empty", "--message=next");
      return git("rev-parse", "HEAD");
    }

    /** Builds all, and answers with the targets of which Bazel ran an action, as its own explanation tells. */
    async function build(...flags: readonly string[]): Promise<readonly string[]> {
      const explained = join(dir, "explained.txt");
      const overrides = Object.entries(repositories).map(([name, folder]) => `--override_repository=${name}=${folder}`);
      const run = await bazel(repo.root, [
        `--bazelrc=${join(repo.root, ".bazelrc")}`,
        "build",
        "--spawn_strategy=local",
        "--experimental_repository_disable_download",
        "--color=no",
        `--explain=${explained}`,
        ...overrides,
        ...flags,
        "//...",
      ]);
      expect(run.code, run.stderr).toBe(0);
      const actions = [...readFileSync(explained, "utf8").matchAll(/^Executing action '(.*)': (.*)\.$/gm)];
      const ours = actions.filter(([, what = ""]) => !what.startsWith("BazelWorkspaceStatusAction"));
      return [...new Set(ours.map(([, what = ""]) => targetOf(what)))].sort();
    }

    /** `labelled/image.out` or `//labelled:image`, as Bazel names its actions, without the extension. */
    function targetOf(action: string): string {
      const path = /(?:bazel-out\/\S*\/bin\/)?(\w+)[:/]([\w-]+)(?:\.[\w.]+)?$/.exec(action);
      return path ? `//${path[1]}:${path[2]}` : action;
    }

    const built = (path: string): string => readFileSync(join(repo.root, "bazel-bin", path), "utf8");

    beforeAll(async () => {
      dir = mkdtempSync(join(realpathSync(tmpdir()), "stamping-"));
      repositories = writeRulesets(dir);
      repo = monorepo({ ...sources, WORKSPACE: "", ".gitignore": "bazel-*\n!/bazel-images.config.ts\n" });
      repo.write({ "bazel-images.config.ts": config(oci) });
      expect((await repo.run(["init", "--stamping"])).code).toBe(0);
      const { code, err } = await repo.run(["generate"]);
      expect(err).toBe("");
      expect(code).toBe(0);
      git("init", "--quiet");
      git("add", ".");
      git("commit", "--quiet", "--message=first");
      await build();
    });
    afterAll(async () => {
      await shutdown(repo.root);
      repo.remove();
      rmSync(dir, { recursive: true });
    });

    it("has the fallbacks in place of the values without --stamp", () => {
      expect(built("tagged/candidate_push_tags.txt")).toBe("latest\ndev\nat-0");
      expect(built("labelled/image_labels.txt")).toBe("name=x\nrevision=dev");
      expect(built("labelled/image.out")).toBe("/program.txt:\nlabelled\n\nname=x\nrevision=dev\n");
    });

    it("puts a rebuilt binary into the tar under the binary's own name", () => {
      expect(built("rebuilt/image.out")).toBe("/rebuilt:\nprogram of rebuilt\n\n");
    });

    it("rebuilds nothing after a commit without --stamp", async () => {
      commit();
      expect(await build()).toEqual([]);
      repo.write({ "plain/program.txt": "changed" });
      expect(await build()).toEqual(["//plain:image", "//plain:image_tarball", "//plain:tar"]);
    });

    it("builds what has stamps, and what depends on it, with --config=release", async () => {
      git("commit", "--all", "--quiet", "--message=second");
      const head = git("rev-parse", "HEAD");
      expect(await build("--config=release")).toEqual([
        "//labelled:image",
        "//labelled:image_labels",
        "//labelled:image_tarball",
        "//tagged:candidate_push_tags",
      ]);
      expect(built("tagged/candidate_push_tags.txt")).toMatch(new RegExp(`^latest\n${head}\nat-1\\d{9}$`));
      expect(built("labelled/image.out")).toBe(`/program.txt:\nlabelled\n\nname=x\nrevision=${head}\n`);
    });

    it("builds these and no others after a commit with --config=release", async () => {
      const head = commit();
      expect(await build("--config=release")).toEqual([
        "//labelled:image",
        "//labelled:image_labels",
        "//labelled:image_tarball",
        "//tagged:candidate_push_tags",
      ]);
      expect(built("labelled/image_labels.txt")).toBe(`name=x\nrevision=${head}`);
    });

    it("takes a new time alone for no change", async () => {
      const before = built("tagged/candidate_push_tags.txt");
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect(await build("--config=release")).toEqual([]);
      expect(built("tagged/candidate_push_tags.txt")).toBe(before);
    });

    it("marks what is built from a tree that is not committed", async () => {
      repo.write({ "plain/program.txt": "changed again" });
      await build("--config=release");
      expect(built("labelled/image_labels.txt")).toMatch(/^name=x\nrevision=[0-9a-f]{40}-dirty$/);
    });
  });
});
