/** How import behaves around the rules: the config, declarations that are there, bases, regions, runs that were cut short. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Workspace, workspaces } from "./support/run.ts";

const loads =
  'load("@container_structure_test//:defs.bzl", "container_structure_test")\nload("@rules_oci//oci:defs.bzl", "oci_image", "oci_push", "oci_tarball")\nload("@rules_pkg//pkg:tar.bzl", "pkg_tar")\n';
const layer = 'pkg_tar(\n    name = "tar_web",\n    srcs = ["main.go"],\n)\n';
const image = (base = "@debian") =>
  `oci_image(\n    name = "image",\n    base = "${base}",\n    tars = [":tar_web"],\n)\n`;
const rules = `${loads}\n${layer}\n${image()}`;
const digest = `sha256:${"1".repeat(64)}`;
const pull = (name: string) =>
  `oci_pull(\n    name = "${name}",\n    digest = "${digest}",\n    image = "index.docker.io/library/${name}",\n)\n`;
const workspaceFile = `load("@rules_oci//oci:pull.bzl", "oci_pull")\n\n${pull("debian")}`;
const config = `import { defineConfig } from "gen-bazel-images";

// The team's own words.
export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0" },
  bases: {
    // Follows stable.
    alpine: { image: "index.docker.io/library/alpine", digest: "${digest}" },
  },
  services: ["cmd/*/*.image.ts"], // one a folder
});
`;

const place = workspaces();

/** The tree is what generate would give, and a second import has nothing to do. */
async function isSettled(one: Workspace): Promise<void> {
  const checked = await one.run(["check"]);
  expect(checked.out + checked.err).toMatch(/up to date/);
  expect(checked.code).toBe(0);
  const before = one.read();
  const again = await one.run(["import"]);
  expect(again.out).toMatch(/^nothing to import/);
  expect(again.tree).toEqual(before);
}

describe("the config", () => {
  it("is made when there is none: rulesets, bases and pins", async () => {
    const one = place({ WORKSPACE: workspaceFile, ".gitignore": "bazel-*\n", "cmd/web/BUILD.bazel": rules });
    const { code, tree } = await one.run(["import"]);
    expect(code).toBe(0);
    expect(tree["bazel-images.config.ts"]).toBe(`import { defineConfig } from "gen-bazel-images";

export default defineConfig({
  rulesets: { oci: "rules_oci@1" },
  externalDeps: "workspace",
  bases: { debian: { image: "index.docker.io/library/debian" } },
  services: ["cmd/**/*.image.ts"],
});
`);
    expect(tree["cmd/web/web.image.ts"]).toBe(`import { defineService } from "gen-bazel-images";

export default defineService({
  name: "web",
  base: "debian",
  layers: [{ name: "tar_web", srcs: ["main.go"] }],
});
`);
    expect(tree["dev/oci_deps.bzl"]).toContain(digest);
    expect(tree[".bazelignore"]).toBe("node_modules\n");
    expect(tree[".gitignore"]).toBe("bazel-*\n!/bazel-images.config.ts\n");
    await isSettled(one);
  });

  it("that is there is extended, and keeps every word", async () => {
    const one = place({
      WORKSPACE: workspaceFile,
      "bazel-images.config.ts": config,
      "cmd/old/old.image.ts": 'export default { name: "old", base: "alpine" };\n',
      "services/web/BUILD.bazel": rules,
    });
    const { code, err, tree } = await one.run(["import"]);
    expect(err).toContain("import-base-twice");
    expect(code).toBe(0);
    const text = tree["bazel-images.config.ts"] ?? "";
    for (const line of config.split("\n").filter((kept) => !kept.includes("services:"))) expect(text).toContain(line);
    expect(text).toContain('debian: { image: "index.docker.io/library/debian" },');
    expect(text).toContain('services: ["cmd/*/*.image.ts", "services/**/*.image.ts"], // one a folder');
    expect((await one.run(["generate"])).code).toBe(0);
    await isSettled(one);
  });

  it("learns where the team's own macros are loaded from", async () => {
    const own = rules.replace('load("@rules_pkg//pkg:tar.bzl", "pkg_tar")', 'load("//dev:rules.bzl", "pkg_tar")');
    const one = place({ WORKSPACE: workspaceFile, "cmd/web/BUILD.bazel": own });
    const { tree } = await one.run(["import"]);
    expect(tree["bazel-images.config.ts"]).toContain('loads: { pkg_tar: "//dev:rules.bzl" }');
    expect(tree["cmd/web/BUILD.bazel"]).toContain('load("//dev:rules.bzl", "pkg_tar")');
    await isSettled(one);
  });

  it("names another pins file when the usual one is somebody's", async () => {
    const theirs = `load("@rules_oci//oci:pull.bzl", "oci_pull")\n\ndef all_deps():\n${pull("debian").replace(/^/gm, "    ").trimEnd()}\n    other()\n`;
    const one = place({ WORKSPACE: "", "dev/oci_deps.bzl": theirs, "cmd/web/BUILD.bazel": rules });
    const { tree } = await one.run(["import"]);
    expect(tree["dev/oci_deps.bzl"]).toBe(theirs);
    expect(tree["bazel-images.config.ts"]).toContain('files: { deps: "dev/image_bases.bzl" }');
    expect(tree["dev/image_bases.bzl"]).toContain(digest);
    await isSettled(one);
  });

  it("has defaults: what they add is refused where it was not, and what cannot be refused stays hand-written", async () => {
    const withDefaults = config.replace(
      "  services:",
      '  defaults: { load: { repoTags: ["x"] }, push: { repository: "a.b/c" } },\n  services:',
    );
    const one = place({
      WORKSPACE: workspaceFile,
      "bazel-images.config.ts": withDefaults,
      "cmd/old/old.image.ts": 'export default { name: "old", base: "alpine", push: false };\n',
      "cmd/web/BUILD.bazel": rules,
    });
    const { tree } = await one.run(["import", "cmd/web"]);
    expect(tree["cmd/web/web.image.ts"]).toContain("load: false,\n  push: false,");
    await one.run(["generate"]);
    await isSettled(one);

    const withUser = place({
      WORKSPACE: workspaceFile,
      "bazel-images.config.ts": config.replace("  services:", '  defaults: { user: "nobody" },\n  services:'),
      "cmd/old/old.image.ts": 'export default { name: "old", base: "alpine" };\n',
      "cmd/web/BUILD.bazel": rules,
    });
    const refused = await withUser.run(["import", "--dry-run"]);
    expect(refused.err).toContain(
      'cmd/web/BUILD.bazel:10:1: warning[import-differs]: oci_image "image" stays hand-written: its `user` would come back as "nobody"',
    );
  });
});

describe("declarations that are there", () => {
  const declared = (base: string) =>
    `export default { name: "web", base: "${base}", layers: [{ name: "tar_web", srcs: ["main.go"] }] };\n`;

  it("are never overwritten: another file gets what is new", async () => {
    const mine = 'export default { name: "web", base: "alpine", image: { name: "other_image" } };\n';
    const one = place({
      WORKSPACE: workspaceFile,
      "bazel-images.config.ts": config,
      "cmd/web/web.image.ts": mine,
      "cmd/web/BUILD.bazel": rules,
    });
    const { tree, code } = await one.run(["import"]);
    expect(code).toBe(0);
    expect(tree["cmd/web/web.image.ts"]).toBe(mine);
    expect(tree["cmd/web/web.imported.image.ts"]).toContain('name: "image"');
    await isSettled(one);
  });

  it("that say the same take the hand-written rules over", async () => {
    const one = place({
      WORKSPACE: workspaceFile,
      "bazel-images.config.ts": config,
      "cmd/web/web.image.ts": declared("@debian"),
      "cmd/web/BUILD.bazel": rules,
    });
    expect((await one.run(["generate"])).err).toContain("import //cmd/web");
    const { tree, code } = await one.run(["import", "//cmd/web"]);
    expect(code).toBe(0);
    expect(Object.keys(tree).filter((path) => path.endsWith(".image.ts"))).toEqual(["cmd/web/web.image.ts"]);
    expect(tree["cmd/web/BUILD.bazel"]?.match(/oci_image\(/g)).toHaveLength(1);
    await isSettled(one);
  });

  it("that were all that a killed import wrote are enough to finish it", async () => {
    const files = {
      WORKSPACE: workspaceFile,
      "cmd/web/BUILD.bazel": rules,
      "cmd/api/BUILD.bazel": rules.replaceAll("web", "api"),
    };
    const whole = place(files);
    const { tree: done } = await whole.run(["import"]);
    const sources = Object.fromEntries(Object.entries(done).filter(([path]) => path.endsWith(".ts")));
    for (const written of [sources, { ...sources, "cmd/api/BUILD.bazel": done["cmd/api/BUILD.bazel"] ?? "" }]) {
      const cut = place({ ...files, ...written });
      const { code, tree } = await cut.run(["import"]);
      expect(code).toBe(0);
      expect(tree["cmd/web/BUILD.bazel"]).toBe(done["cmd/web/BUILD.bazel"]);
      expect(tree["cmd/api/BUILD.bazel"]).toBe(done["cmd/api/BUILD.bazel"]);
    }
  });
});

describe("a region that is there", () => {
  it("goes below the constants that it needs from now on", async () => {
    const one = place({
      WORKSPACE: workspaceFile,
      "bazel-images.config.ts": config,
      "cmd/web/old.image.ts": 'export default { name: "old", base: "alpine", image: { name: "old_image" } };\n',
      "cmd/web/BUILD.bazel": `${loads}\n# BEGIN gen-bazel-images\n# Source: cmd/web/old.image.ts; edit it there, then run: npx gen-bazel-images\n\noci_image(\n    name = "old_image",\n    base = "@alpine",\n)\n\n# END gen-bazel-images\n\nTARS = [":tar_web"]\n\n${layer}\n${image().replace('[":tar_web"]', "TARS")}`,
    });
    const { tree, code, err } = await one.run(["import"]);
    expect(err).toContain("import-base-twice");
    expect(code).toBe(0);
    const text = tree["cmd/web/BUILD.bazel"] ?? "";
    expect(text.indexOf("TARS = [")).toBeLessThan(text.indexOf("# BEGIN"));
    expect(text.match(/# BEGIN/g)).toHaveLength(1);
    await isSettled(one);
  });
});

describe("a run", () => {
  it("--dry-run shows both diffs and writes nothing", async () => {
    const files = { WORKSPACE: workspaceFile, "cmd/web/BUILD.bazel": rules };
    const { code, out, tree } = await place(files).run(["import", "--dry-run"]);
    expect(code).toBe(0);
    expect(out).toContain("+++ b/cmd/web/web.image.ts");
    expect(out).toContain('+  name: "web",');
    expect(out).toContain("+++ b/cmd/web/BUILD.bazel");
    expect(out).toContain("+# BEGIN gen-bazel-images");
    expect(out).toContain("2 rules of 1 package would be imported, 3 of 3 attributes typed");
    expect(tree).toEqual(files);
  });

  it("takes the packages named and leaves the others; a file that is broken fails alone", async () => {
    const files = {
      WORKSPACE: workspaceFile,
      "cmd/web/BUILD.bazel": rules,
      "cmd/broken/BUILD.bazel": `${rules}oci_image(name = )\n`,
      "other/BUILD.bazel": rules,
    };
    const { code, err, tree } = await place(files).run(["import", "cmd"]);
    expect(code).toBe(2);
    expect(err).toContain("cmd/broken/BUILD.bazel:");
    expect(err).toContain("error[build-file-syntax]");
    expect(tree["cmd/web/BUILD.bazel"]).toContain("# BEGIN gen-bazel-images");
    expect(tree["cmd/broken/BUILD.bazel"]).toBe(files["cmd/broken/BUILD.bazel"]);
    expect(tree["other/BUILD.bazel"]).toBe(rules);
  });

  it("says in JSON what it did", async () => {
    const { out } = await place({ WORKSPACE: workspaceFile, "cmd/web/BUILD.bazel": rules }).run([
      "import",
      "--format",
      "json",
    ]);
    const report = JSON.parse(out);
    expect(report.packages).toEqual([
      {
        package: "cmd/web",
        path: "cmd/web/BUILD.bazel",
        declaration: "cmd/web/web.image.ts",
        services: ["web"],
        rules: 2,
        attributes: { all: 3, text: 0 },
      },
    ]);
    expect(report.changes.map(({ path }: { path: string }) => path)).toContain("cmd/web/web.image.ts");
    expect(report.diagnostics.map(({ code }: { code: string }) => code)).toEqual(["import-base-twice"]);
  });

  it("in a folder without rules has nothing to do", async () => {
    const files = { WORKSPACE: "", "cmd/web/BUILD.bazel": 'go_library(name = "x")\n' };
    const { code, out, tree } = await place(files).run(["import"]);
    expect([code, out]).toEqual([0, "nothing to import\n"]);
    expect(tree).toEqual(files);
  });

  it("leaves nested workspaces' BUILD files to Bazel's ignore file, and links alone", async () => {
    const files = { WORKSPACE: workspaceFile, ".bazelignore": "vendor\n", "vendor/x/BUILD.bazel": rules };
    const { out, tree } = await place(files).run(["import"]);
    expect(out).toBe("nothing to import\n");
    expect(tree).toEqual(files);
  });
});

describe("what is no plain text file", () => {
  it("is told and left alone: bytes that are no UTF-8", async () => {
    const one = place({ WORKSPACE: workspaceFile, "cmd/api/BUILD.bazel": rules.replaceAll("web", "api") });
    mkdirSync(join(one.root, "cmd/web"));
    const bytes = Buffer.concat([Buffer.from("# caf"), Buffer.from([0xe9]), Buffer.from(`\n${rules}`)]);
    writeFileSync(join(one.root, "cmd/web/BUILD.bazel"), bytes);
    const { code, err, tree } = await one.run(["import"]);
    expect(code).toBe(2);
    expect(err).toContain("cmd/web/BUILD.bazel:1:1: error[import-encoding]");
    expect(readFileSync(join(one.root, "cmd/web/BUILD.bazel"))).toEqual(bytes);
    expect(tree["cmd/api/BUILD.bazel"]).toContain("# BEGIN gen-bazel-images");
    // generate does not write to such a file either.
    one.write({
      "cmd/web/web.image.ts": 'export default { name: "web", base: "debian", image: { name: "other_image" } };\n',
    });
    const generated = await one.run(["generate"]);
    expect(generated.code).toBe(3);
    expect(generated.err).toContain("cmd/web/BUILD.bazel: it is not UTF-8");
    expect(readFileSync(join(one.root, "cmd/web/BUILD.bazel"))).toEqual(bytes);
  });

  it("is told and left alone: a config that is a link", async () => {
    const test =
      'container_structure_test(\n    name = "image_test",\n    configs = ["image_test.yaml"],\n    image = ":image",\n)\n';
    const shared = 'schemaVersion: "2.0.0"\nmetadataTest: {user: nobody}\n';
    const one = place({
      WORKSPACE: workspaceFile,
      "dev/common_test.yaml": shared,
      "cmd/web/BUILD.bazel": `${rules}\n${test}`,
    });
    symlinkSync("../../dev/common_test.yaml", join(one.root, "cmd/web/image_test.yaml"));
    const { code, err, tree } = await one.run(["import"]);
    expect(code).toBe(0);
    expect(err).toContain("import-test-config");
    expect(err).toContain("it is a link");
    expect(tree["dev/common_test.yaml"]).toBe(shared);
    await isSettled(one);
  });
});

describe("places and names", () => {
  it("are those of the file afterwards", async () => {
    const build = `${loads}\noci_image(\n    name = "image",\n    base = "@debian",\n)\n\n[pkg_tar(name = "tar_" + n, srcs = [n]) for n in ["a"]]\n\noci_image(\n    name = "other_image",\n    base = "@debian",\n)\n`;
    const one = place({ WORKSPACE: workspaceFile, "cmd/web/BUILD.bazel": build });
    const first = await one.run(["import"]);
    const lines = first.tree["cmd/web/BUILD.bazel"]?.split("\n") ?? [];
    const line = lines.findIndex((text) => text.startsWith("[pkg_tar(")) + 1;
    expect(first.err).toContain(`cmd/web/BUILD.bazel:${line}:2: warning[import-nested]`);
    expect((await one.run(["import"])).err).toContain(`cmd/web/BUILD.bazel:${line}:2: warning[import-nested]`);
  });

  it("with signs that mean something in globs are escaped", async () => {
    const one = place({ WORKSPACE: workspaceFile, "(top) [x]/q/BUILD.bazel": rules });
    const { code } = await one.run(["import"]);
    expect(code).toBe(0);
    await isSettled(one);
  });

  it("in a config are indented as the config is", async () => {
    const tabs = config.replace(/^ {4}/gm, "\t\t").replace(/^ {2}/gm, "\t");
    const long = pull("debian").replace(
      "library/debian",
      "library/debian-with-a-very-long-name-indeed-so-that-it-has-to-be-broken-over-lines",
    );
    const one = place({
      WORKSPACE: `load("@rules_oci//oci:pull.bzl", "oci_pull")\n\n${long}`,
      "bazel-images.config.ts": tabs,
      "cmd/old/old.image.ts": 'export default { name: "old", base: "alpine" };\n',
      "cmd/web/BUILD.bazel": rules,
    });
    const { tree } = await one.run(["import"]);
    expect(tree["bazel-images.config.ts"]).toContain("\n\t\tdebian: {\n\t\t\timage:");
    expect(tree["bazel-images.config.ts"]).toContain(",\n\t\t},\n\t},\n\tservices");
  });
});

describe("bases", () => {
  it("of MODULE.bazel go to the file to include", async () => {
    const module = `bazel_dep(name = "rules_oci", version = "2.3.2")\n\noci = use_extension("@rules_oci//oci:extensions.bzl", "oci")\noci.pull(\n    name = "debian",\n    # Bumped by a bot.\n    digest = "${digest}",\n    image = "debian",\n    platforms = ["linux/amd64"],\n    tag = "stable",\n)\nuse_repo(oci, "debian")\n`;
    const one = place({ "MODULE.bazel": module, "cmd/web/BUILD.bazel": rules.replaceAll(', "oci_tarball"', "") });
    const { tree } = await one.run(["import"]);
    expect(tree["MODULE.bazel"]).toBe(module);
    expect(tree["bazel-images.config.ts"]).toContain('oci: "rules_oci@2.3.2"');
    expect(tree["bazel-images.config.ts"]).toContain('externalDeps: "bzlmod"');
    expect(tree["bazel-images.config.ts"]).toContain('image: "index.docker.io/library/debian"');
    expect(tree["dev/oci.MODULE.bazel"]).toContain("# Bumped by a bot.");
    expect(tree["dev/oci.MODULE.bazel"]).toContain(
      'use_repo(oci, "debian", "debian_linux_amd64")'.replace(/\((.*)\)/, "("),
    );
    await isSettled(one);
  });

  it("that nothing names are taken in whole runs only", async () => {
    const files = {
      WORKSPACE: `${workspaceFile}\n${pull("unused")}`,
      "cmd/web/BUILD.bazel": rules,
    };
    const some = await place(files).run(["import", "cmd/web"]);
    expect(some.tree["bazel-images.config.ts"]).not.toContain("unused");
    const all = await place(files).run(["import"]);
    expect(all.tree["bazel-images.config.ts"]).toContain("unused");
  });
});

describe("a pins file that people wrote", () => {
  const fromRules = 'load("@rules_oci//oci:pull.bzl", "oci_pull")\n\n';
  const inner = (name: string, digit = "1") =>
    pull(name)
      .replaceAll("1", digit)
      .replace(/^(?=.)/gm, "    ");
  const depsOf = (...pulls: readonly string[]) => `${fromRules}def oci_deps():\n${pulls.join("")}`;
  const loading = 'load("//dev:oci_deps.bzl", "oci_deps")\n\noci_deps()\n';
  const build = { "cmd/web/BUILD.bazel": rules };
  /** A config that names its bases, and leaves their digests to the pins file. */
  const named = (...bases: readonly string[]) =>
    `import { defineConfig } from "gen-bazel-images";\n\nexport default defineConfig({\n  rulesets: { oci: "rules_oci@1.8.0" },\n  bases: {\n${bases.join("")}  },\n  services: ["cmd/*/*.image.ts"],\n});\n`;
  const debian = '    debian: { image: "index.docker.io/library/debian" },\n';

  it("loses no pull in a narrowed run", async () => {
    for (const more of [{}, { "bazel-images.config.ts": named(debian) }]) {
      const deps = depsOf(inner("debian"), inner("other", "2"));
      const one = place({ WORKSPACE: loading, "dev/oci_deps.bzl": deps, ...build, ...more });
      const { code, tree } = await one.run(["import", "cmd/web"]);
      expect(code).toBe(0);
      expect(tree["bazel-images.config.ts"]).toContain('other: { image: "index.docker.io/library/other" }');
      expect(tree["dev/oci_deps.bzl"]).toMatch(/^# Code generated/);
      for (const text of [digest, `sha256:${"2".repeat(64)}`]) expect(tree["dev/oci_deps.bzl"]).toContain(text);
      await isSettled(one);
    }
  });

  it("of ours keeps its pulls when the config is gone, in a narrowed run too", async () => {
    const first = place({ WORKSPACE: loading, "dev/oci_deps.bzl": depsOf(inner("debian"), inner("other")), ...build });
    const { tree } = await first.run(["import"]);
    const ours = tree["dev/oci_deps.bzl"] ?? "";
    const one = place({ WORKSPACE: loading, "dev/oci_deps.bzl": ours, ...build });
    expect((await one.run(["import", "cmd/web"])).tree["dev/oci_deps.bzl"]).toBe(ours);
  });

  it("is replaced when the config names its bases already", async () => {
    const pinned = `    debian: { image: "index.docker.io/library/debian", digest: "${digest}" },\n`;
    for (const base of [debian, pinned]) {
      const one = place({
        WORKSPACE: loading,
        "dev/oci_deps.bzl": depsOf(inner("debian")),
        "bazel-images.config.ts": named(base),
        ...build,
      });
      const { code, err, tree } = await one.run(["import"]);
      expect([code, err]).toEqual([0, ""]);
      expect(tree["dev/oci_deps.bzl"]).toMatch(/^# Code generated/);
      expect(tree["dev/oci_deps.bzl"]).toContain(digest);
      await isSettled(one);
    }
  });

  it.each([
    ["a docstring", depsOf('    """Ask security."""\n', inner("debian")), 'a text of its own, """Ask security."""'],
    ["a docstring of lines", `"""Ask\nus."""\n\n${depsOf(inner("debian"))}`, 'a text of its own, """Ask...'],
    [
      "another function",
      `${depsOf(inner("debian"))}\ndef more():\n    pass\n`,
      "more than pulls in oci_deps(), at line",
    ],
    ["a comment", `# Ours.\n\n${depsOf(inner("debian"))}`, "its comment `# Ours.` belongs to no pull"],
    ["a wrapper", depsOf(inner("debian")).replace("@rules_oci//oci", "//dev"), "by //dev:pull.bzl, not by rules_oci"],
    ["a syntax error", `${depsOf(inner("debian"))})\n`, "it does not parse (line"],
    [
      "a computed name",
      depsOf(inner("debian"), inner("x").replace('"x",', '"x" + "y",')),
      "name of a pull is computed",
    ],
    [
      "another image",
      depsOf(inner("debian").replace("library/debian", "library/sid")),
      "`bases` of bazel-images.config.ts",
    ],
    ["a comment that the config lacks", depsOf("    # LTS.\n", inner("debian")), "`bases` of bazel-images.config.ts"],
  ])("with %s stays, and is told why", async (_, deps, reason) => {
    const files = { WORKSPACE: loading, "dev/oci_deps.bzl": deps, ...build };
    const existing = await place({ ...files, "bazel-images.config.ts": named(debian) }).run(["import"]);
    expect(existing.err).toContain("error[import-pins]");
    expect(existing.err).toContain(reason);
    expect(existing.tree["dev/oci_deps.bzl"]).toBe(deps);
    if (reason.startsWith("`bases`")) return;
    const fresh = await place(files).run(["import"]);
    expect(fresh.code).toBe(0);
    expect(fresh.tree["dev/oci_deps.bzl"]).toBe(deps);
    expect(fresh.tree["bazel-images.config.ts"]).toContain('files: { deps: "dev/image_bases.bzl" }');
  });

  it("with the docstrings of ours is replaced", async () => {
    const deps = depsOf('    """Pulls the base images; call it in WORKSPACE."""\n', inner("debian"));
    const one = place({
      WORKSPACE: loading,
      "dev/oci_deps.bzl": `"""Base images, pinned by digest."""\n${deps}`,
      ...build,
    });
    const { tree } = await one.run(["import"]);
    expect(tree["dev/oci_deps.bzl"]).toMatch(/^# Code generated/);
    for (const text of ['"""Base images, pinned by digest."""', '"""Pulls the base images; call it in WORKSPACE."""'])
      expect(tree["dev/oci_deps.bzl"]).toContain(text);
  });

  it("keeps its comments where a file that is loaded pulls the same", async () => {
    const deps = depsOf("    # LTS.\n", inner("debian"));
    const one = place({ WORKSPACE: workspaceFile, "dev/oci_deps.bzl": deps, ...build });
    const { err, tree } = await one.run(["import"]);
    expect(err).toMatch(/^WORKSPACE:\d+:1: warning\[import-base-twice\]/);
    expect(tree["dev/oci_deps.bzl"]).toMatch(/^# Code generated/);
    expect(tree["dev/oci_deps.bzl"]).toContain("# LTS.");
    await isSettled(one);
  });

  it("that pulls otherwise than a file which is loaded stays", async () => {
    const deps = depsOf(inner("debian", "2"));
    const { tree } = await place({ WORKSPACE: workspaceFile, "dev/oci_deps.bzl": deps, ...build }).run(["import"]);
    expect(tree["dev/oci_deps.bzl"]).toBe(deps);
    expect(tree["dev/image_bases.bzl"]).toContain(digest);
  });
});

describe("pulls", () => {
  const build = { "cmd/web/BUILD.bazel": rules };
  const depsWith = (digit: string, name: string) =>
    `load("@rules_oci//oci:pull.bzl", "oci_pull")\n\ndef ${name}():\n${pull("debian")
      .replaceAll("1", digit)
      .replace(/^(?=.)/gm, "    ")}`;

  it("of a wrapper of the team's own are left to it", async () => {
    const own = workspaceFile.replace("@rules_oci//oci:pull.bzl", "//third_party:oci.bzl");
    const { code, err, tree } = await place({ WORKSPACE: own, ...build }).run(["import"]);
    expect(code).toBe(0);
    expect(err).toContain("it is pulled by //third_party:oci.bzl, not by rules_oci");
    expect(tree["bazel-images.config.ts"]).not.toContain("bases");
    expect(tree["cmd/web/web.image.ts"]).toContain('base: "@debian"');
    expect(tree["cmd/web/BUILD.bazel"]).toContain('base = "@debian"');
  });

  it("under another name are pulls of rules_oci all the same", async () => {
    const aliased = workspaceFile.replace('"oci_pull")', 'fetch = "oci_pull")').replace("\noci_pull(", "\nfetch(");
    const { tree } = await place({ WORKSPACE: aliased, ...build }).run(["import"]);
    expect(tree["bazel-images.config.ts"]).toContain('debian: { image: "index.docker.io/library/debian" }');
    expect(tree["dev/oci_deps.bzl"]).toContain(digest);
  });

  it("that differ: the one that WORKSPACE loads counts, over files in between too", async () => {
    const one = place({
      WORKSPACE: 'load("//z:all.bzl", "all_deps")\n\nall_deps()\n',
      "a/old.bzl": depsWith("2", "old_deps"),
      "z/all.bzl":
        'load(":debian.bzl", "debian_deps")\n\n# Makes every oci_pull.\ndef all_deps():\n    debian_deps()\n',
      "z/debian.bzl": depsWith("1", "debian_deps"),
      ...build,
    });
    const { tree } = await one.run(["import"]);
    expect(tree["dev/oci_deps.bzl"]).toContain(digest);
    expect(tree["dev/oci_deps.bzl"]).not.toContain("2".repeat(64));
  });

  it("that differ: the one in a file that MODULE.bazel includes counts", async () => {
    const module = (digit: string) =>
      `oci = use_extension("@rules_oci//oci:extensions.bzl", "oci")\n${pull("debian").replaceAll("1", digit).replace("oci_pull", "oci.pull")}use_repo(oci, "debian")\n`;
    const { tree } = await place({
      "MODULE.bazel": 'include("//z:oci.MODULE.bazel")\n',
      "a/oci.MODULE.bazel": module("2"),
      "z/oci.MODULE.bazel": module("1"),
      ...build,
    }).run(["import"]);
    expect(tree["dev/oci.MODULE.bazel"]).toContain(digest);
    expect(tree["dev/oci.MODULE.bazel"]).not.toContain("2".repeat(64));
  });

  it("in a MODULE file of people's at the place of ours: ours goes beside it", async () => {
    const theirs = `oci = use_extension("@rules_oci//oci:extensions.bzl", "oci")\n${pull("debian").replace("oci_pull", "oci.pull")}use_repo(oci, "debian")\n`;
    const files = { "MODULE.bazel": 'include("//dev:oci.MODULE.bazel")\n', "dev/oci.MODULE.bazel": theirs, ...build };
    const { code, tree } = await place(files).run(["import"]);
    expect(code).toBe(0);
    expect(tree["dev/oci.MODULE.bazel"]).toBe(theirs);
    expect(tree["bazel-images.config.ts"]).toContain('files: { module: "dev/image_bases.MODULE.bazel" }');
    expect(tree["dev/image_bases.MODULE.bazel"]).toContain(digest);
  });

  it("that differ, and nobody knows which counts: none is taken and all are named", async () => {
    const files = { "a/deps.bzl": depsWith("2", "a"), "b/deps.bzl": depsWith("1", "b"), ...build };
    for (const WORKSPACE of ["", 'load("//a:deps.bzl", "a")\nload("//b:deps.bzl", "b")\n\na()\n\nb()\n']) {
      const { code, err, tree } = await place({ WORKSPACE, ...files }).run(["import"]);
      expect(code).toBe(0);
      expect(err).toMatch(/a\/deps\.bzl:4:1: warning\[import-base-ambiguous\].* otherwise at b\/deps\.bzl:4/);
      expect(err).toMatch(/b\/deps\.bzl:4:1: warning\[import-base-ambiguous\].* otherwise at a\/deps\.bzl:4/);
      expect(tree["bazel-images.config.ts"]).not.toContain("bases");
      expect(tree["cmd/web/web.image.ts"]).toContain('base: "@debian"');
    }
  });
});

it("a file in the place of the pins that pulls nothing is kept", async () => {
  const theirs = "def nothing_of_that_kind():\n    pass\n";
  const one = place({ WORKSPACE: workspaceFile, "dev/oci_deps.bzl": theirs, "cmd/web/BUILD.bazel": rules });
  const { tree, code } = await one.run(["import"]);
  expect(code).toBe(0);
  expect(tree["dev/oci_deps.bzl"]).toBe(theirs);
  expect(tree["dev/image_bases.bzl"]).toContain(digest);
  await isSettled(one);
});

describe("a package that was ejected, with its declaration still there", () => {
  it("goes back into its region, with the rules that others are made of", async () => {
    const one = place({
      WORKSPACE: "",
      "bazel-images.config.ts": config,
      "cmd/web/web.image.ts": `import { defineService, stamp } from "gen-bazel-images";
export default defineService({
  name: "web",
  base: "alpine",
  layers: [{ name: "tar_web", srcs: [":web"], crossBinary: "linux/amd64" }],
  push: { repository: "a.b/web", remoteTags: [stamp("STABLE_GIT_COMMIT", { fallback: "dev" })] },
});
`,
    });
    expect((await one.run(["generate"])).code).toBe(0);
    const before = one.read()["cmd/web/BUILD.bazel"];
    expect((await one.run(["eject", "web"])).code).toBe(0);
    const { code, out, err } = await one.run(["import"]);
    expect(code, err).toBe(0);
    expect(out).toContain("5 rules of 1 package imported");
    expect(one.read()["bazel-images.config.ts"]).toBe(config);
    expect(one.read()["cmd/web/BUILD.bazel"]).toBe(before);
  });
});
