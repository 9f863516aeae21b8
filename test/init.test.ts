/** `init`: a first config and declaration that generate offline. */
import { afterEach, expect, it } from "vitest";
import { type Workspace, workspace } from "./support/run.ts";

const base = `ghcr.io/team/base:1@sha256:${"1".repeat(64)}`;
let made: Workspace | undefined;
afterEach(() => made?.remove());

it("makes a repository that generates offline, and checks clean", async () => {
  made = workspace({ "README.md": "" });
  expect((await made.run(["init", "--base", base, "--package", "services/api"])).code).toBe(0);
  const { code, tree, err } = await made.run([]);
  expect(code, err).toBe(0);
  expect(tree["services/api/BUILD.bazel"]).toContain('name = "image_tarball"');
  expect(tree["dev/oci_deps.bzl"]).toContain('image = "ghcr.io/team/base"');
  expect((await made.run(["check"])).code).toBe(0);
});

it("says `pin` when the base has no digest", async () => {
  made = workspace({ "README.md": "" });
  expect((await made.run(["init", "--base", "ghcr.io/team/base:1"])).out).toContain("npx gen-bazel-images pin");
  expect((await made.run([])).err).toContain("hint: npx gen-bazel-images pin base");
});

it("keeps git from ignoring the config, and Bazel from walking node_modules", async () => {
  made = workspace({ ".gitignore": "/bazel-*\n*.log", ".bazelignore": "third_party" });
  const { tree } = await made.run(["init", "--base", base]);
  expect(tree[".gitignore"]).toBe("/bazel-*\n*.log\n!/bazel-images.config.ts\n");
  expect(tree[".bazelignore"]).toBe("third_party\nnode_modules\n");
});

it("never writes over a config, and refuses what is no image", async () => {
  made = workspace({ "bazel-images.config.mts": "export default {};" });
  const again = await made.run(["init", "--base", base]);
  expect(again.code).toBe(2);
  expect(again.err).toContain("error[init-exists]");
  expect(Object.keys(again.tree)).toEqual(["bazel-images.config.mts"]);
  made.remove();
  made = workspace({ "README.md": "" });
  const wrong = await made.run(["init", "--base", "not an image"]);
  expect(wrong.err).toContain("error[image-reference-invalid]");
  expect(Object.keys(wrong.tree)).toEqual(["README.md"]);
});
