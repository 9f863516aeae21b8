/** `pin` and `verify` on the command line, against a real registry on loopback. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageIndex, singleImage } from "../support/image-content.ts";
import { type Tree, type Workspace, workspace } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";
import { type RealRegistry, registryPrograms, startRegistry } from "./registry.ts";

const depsFile = "dev/oci_deps.bzl";
const moduleFile = "dev/oci.MODULE.bazel";

function config(bases: string): string {
  return `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@2" },
  externalDeps: "both",
  bases: { ${bases} },
  services: [],
});
`;
}

systemSuite("pin and verify against a real registry", { programs: registryPrograms }, () => {
  let registry: RealRegistry;
  const open: Workspace[] = [];
  const repo = (files: Tree): Workspace => {
    const made = workspace(files);
    open.push(made);
    return made;
  };
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(async () => {
    for (const made of open) made.remove();
    await registry.stop();
  });

  describe("a base with several platforms", () => {
    it("pins the index, lists exactly the reported repositories, follows the tag, and verifies", async () => {
      const first = imageIndex(["linux/amd64", "linux/arm64/v8"]);
      const digest = await registry.push("team/base", "1", first);
      const declared = `base: { image: "${registry.host}/team/base", tag: "1", platforms: ["linux/amd64", "linux/arm64/v8"] }`;
      const made = repo({ "bazel-images.config.ts": config(declared) });

      const unpinned = await made.run(["check"]);
      expect(unpinned.code).toBe(2);
      expect(unpinned.err).toContain("hint: npx gen-bazel-images pin base");

      expect((await made.run(["pin", "--check"])).code).toBe(1);
      const pinned = await made.run(["pin"]);
      expect(pinned.code, pinned.err).toBe(0);
      expect(pinned.out).toContain(digest);
      expect(pinned.tree[depsFile]).toContain(`digest = "${digest}"`);
      expect(pinned.tree[moduleFile]).toContain(`    "base",\n    "base_linux_amd64",\n    "base_linux_arm64_v8",\n`);
      expect((await made.run(["generate"])).code).toBe(0);
      expect((await made.run(["check"])).code).toBe(0);
      expect((await made.run(["pin", "--check"])).code).toBe(0);
      expect((await made.run(["verify"])).code).toBe(0);

      const second = imageIndex(["linux/amd64", "linux/arm64/v8"], { created: "2026-01-02T03:04:05Z" });
      const moved = await registry.push("team/base", "1", second);
      const behind = await made.run(["pin", "--check", "--format", "json"]);
      expect(behind.code).toBe(1);
      expect(JSON.parse(behind.out)).toMatchObject([{ base: "base", old: digest, new: moved, behind: true }]);
      expect(behind.tree[depsFile]).toContain(digest);

      await registry.remove("team/base", digest);
      const lost = await made.run(["verify"]);
      expect(lost.code).toBe(1);
      expect(lost.out).toContain("lost");
      expect((await made.run(["pin", "base"])).tree[moduleFile]).toContain(moved);
      expect((await made.run(["verify"])).code).toBe(0);
    });

    it("refuses platforms that the index lacks, an index without platforms, and a single image", async () => {
      await registry.push("team/index", "1", imageIndex(["linux/amd64", "linux/arm64/v8"]));
      await registry.push("team/single", "1", singleImage());
      const bases = [
        `absent: { image: "${registry.host}/team/index", tag: "1", platforms: ["linux/arm64"] }`,
        `nameless: { image: "${registry.host}/team/index", tag: "1" }`,
        `single: { image: "${registry.host}/team/single", tag: "1", platforms: ["linux/amd64", "linux/arm64"] }`,
      ];
      const made = repo({ "bazel-images.config.ts": config(bases.join(", ")) });
      const refused = await made.run(["pin"]);
      expect(refused.code).toBe(2);
      for (const code of ["pin-platform-absent", "pin-platforms-missing", "pin-single-platform"])
        expect(refused.err).toContain(`error[${code}]`);
      expect(refused.err).toMatch(/bazel-images\.config\.ts:5:\d+: error/);
      expect(Object.keys(refused.tree)).toEqual(["bazel-images.config.ts"]);
    });
  });

  it("pins while services have errors, and only the bases named", async () => {
    const digest = await registry.push("team/one", "1", singleImage());
    await registry.push("team/two", "1", singleImage());
    const bases = `one: { image: "${registry.host}/team/one", tag: "1" }, two: { image: "${registry.host}/team/two", tag: "1" }`;
    const made = repo({
      "bazel-images.config.ts": config(bases).replace("services: []", 'services: [{ nme: "x" } as never]'),
    });
    const pinned = await made.run(["pin", "one"]);
    expect(pinned.code, pinned.err).toBe(0);
    expect(pinned.tree[depsFile]).toContain(digest);
    expect(pinned.tree[depsFile]).not.toContain("team/two");
  });

  it("refuses a base whose digest the config fixes, with its line, and an unknown one", async () => {
    const fixed = `sha256:${"1".repeat(64)}`;
    const made = repo({
      "bazel-images.config.ts": config(
        `\n    base: {\n      image: "${registry.host}/team/one",\n      digest: "${fixed}",\n    },\n  `,
      ),
    });
    const refused = await made.run(["pin", "base"]);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("bazel-images.config.ts:8:7: error[pin-digest-fixed]");
    const unknown = await made.run(["pin", "bse"]);
    expect(unknown.err).toContain('hint: did you mean "base"?');
  });

  it("ends in 3 and leaves the pins file alone when the image or the registry is not there", async () => {
    await registry.push("team/stay", "1", singleImage());
    const made = repo({ "bazel-images.config.ts": config(`stay: { image: "${registry.host}/team/stay", tag: "1" }`) });
    const before = (await made.run(["pin"])).tree[depsFile];
    made.write({ "bazel-images.config.ts": config(`stay: { image: "${registry.host}/team/stay", tag: "2" }`) });
    const gone = await made.run(["pin"]);
    expect(gone.code).toBe(3);
    expect(gone.err).toContain("error[image-not-found]");
    expect(gone.tree[depsFile]).toBe(before);
    made.write({ "bazel-images.config.ts": config('stay: { image: "127.0.0.1:1/team/stay", tag: "1" }') });
    const down = await made.run(["pin"]);
    expect(down.code).toBe(3);
    expect(down.err).toContain("error[registry-unreachable]");
    expect(down.tree[depsFile]).toBe(before);
  });

  it("keeps a bot's bump of tag and digest when the config names no tag", async () => {
    const made = repo({ "bazel-images.config.ts": config(`base: { image: "${registry.host}/team/stay" }`) });
    await registry.push("team/stay", "latest", singleImage());
    const pinned = await made.run(["pin"]);
    const bump = (text: string) =>
      text.replace(/tag = "latest"/, 'tag = "9"').replace(/sha256:[0-9a-f]{64}/, `sha256:${"2".repeat(64)}`);
    made.write({ [depsFile]: bump(pinned.tree[depsFile] ?? ""), [moduleFile]: bump(pinned.tree[moduleFile] ?? "") });
    const kept = await made.run(["generate"]);
    expect(kept.code, kept.err).toBe(0);
    expect(kept.tree[depsFile]).toContain('tag = "9"');
    expect((await made.run(["check"])).code).toBe(0);
    made.write({ [depsFile]: pinned.tree[depsFile] ?? "" });
    const torn = await made.run(["check"]);
    expect(torn.err).toContain("error[pins-disagree]");
  });

  it("asks the mirror, and writes it where Bazel pulls from", async () => {
    const digest = await registry.push("hub/library/alpine", "3", singleImage());
    const declared = config('base: { image: "alpine", tag: "3" }').replace(
      "services: []",
      `mirrors: { "index.docker.io": "${registry.host}/hub" }, services: []`,
    );
    const made = repo({ "bazel-images.config.ts": declared });
    const pinned = await made.run(["pin"]);
    expect(pinned.code, pinned.err).toBe(0);
    expect(pinned.tree[depsFile]).toContain(`digest = "${digest}"`);
    expect(pinned.tree[depsFile]).toContain(`image = "${registry.host}/hub/library/alpine"`);
    expect((await made.run(["generate"])).code).toBe(0);
    made.write({ "bazel-images.config.ts": declared.replace("/hub", "/h ub") });
    expect((await made.run(["check"])).err).toContain("error[image-reference-invalid]");
  });
});
