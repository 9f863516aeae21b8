/** A real Bazel loads the examples, and with them WORKSPACE.example. MODULE.bazel it has no reader for. */
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemSuite } from "../support/system.ts";
import { type BazelTarget, judge, query, shutdown, type Verdict, type Workspace } from "./bazel.ts";
import { type StubVersions, writeFiles, writeStubs } from "./stubs/index.ts";
import { renderWorkspace } from "./stubs/workspace.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const v1 = { oci: "1.8.0", pkg: "0.7.0", cst: "1.22.0" };
const v2 = { oci: "2.3.2", pkg: "1.2.0", cst: "1.22.0" };

/** A copy of an example that a test may change, with stubs of its own. */
function open(example: string, versions: StubVersions): Workspace {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), `${example}-`));
  cpSync(join(root, "examples", example), join(dir, "ws"), { recursive: true });
  return { root: join(dir, "ws"), repositories: writeStubs(join(dir, "stubs"), versions) };
}

async function close(workspace: Workspace): Promise<void> {
  await shutdown(workspace.root);
  rmSync(join(workspace.root, ".."), { recursive: true, force: true });
}

/** A WORKSPACE that makes the repositories which the module file asks for: `oci.pull(...)` becomes `oci_pull(...)`. */
function workspaceFor(module: string): string {
  const pulls = module.match(/^oci\.pull\(\n(?: .*\n)*\)\n/gm) ?? [];
  const go = 'http_archive(name = "rules_go", url = "https://stub.invalid/rules_go.tar.gz")\n';
  return renderWorkspace(v2) + go + pulls.join("").replaceAll("oci.pull(", "oci_pull(");
}

/** The five rules of the seed's documentation, as it writes them. */
const seed = `
load("@container_structure_test//:defs.bzl", "container_structure_test")
load("@rules_oci//oci:defs.bzl", "oci_image", "oci_push", "oci_tarball")
load("@rules_pkg//pkg:tar.bzl", "pkg_tar")
load("//dev:oci_defs.bzl", "image_repository")
filegroup(name = "worker")
pkg_tar(name = "tar_worker", srcs = [":worker"])
oci_image(
    name = "image",
    base = "@wolfi_base",
    entrypoint = ["/sbin/tini", "--", "/worker"],
    env = {"MYVAR": "foobar"},
    tars = [":tar_worker"],
    user = "sourcegraph",
)
oci_tarball(name = "image_tarball", image = ":image", repo_tags = ["worker:candidate"])
container_structure_test(
    name = "image_test",
    timeout = "short",
    configs = ["image_test.yaml"],
    driver = "docker",
    image = ":image",
    tags = ["requires-network"],
)
oci_push(name = "candidate_push", image = ":image", repository = image_repository("worker"))
`;

/** The targets of a package that image rules make, helpers included, with labels seen from the package. */
function imageTargets(targets: readonly BazelTarget[], folder: string): ReadonlyMap<string, string> {
  const own = targets.filter((target) => target.package === folder && !/^(go_|filegroup)/.test(target.rule));
  const text = ({ rule, attributes }: BazelTarget): string =>
    JSON.stringify([rule, ...attributes]).replaceAll(`"//${folder}:`, '":');
  return new Map(own.map((target) => [target.name, text(target)] as const).sort());
}

/** Counts of the targets by the rule or macro that the BUILD files name. */
function countRules(targets: readonly BazelTarget[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const seen = new Set<string>();
  for (const { package: folder, generator, generatorName } of targets) {
    const key = `${folder}:${generatorName}`;
    if (!seen.has(key)) counts[generator] = (counts[generator] ?? 0) + 1;
    seen.add(key);
  }
  return counts;
}

function attribute(targets: readonly BazelTarget[], label: string, name: string): unknown {
  const found = targets.find((target) => `//${target.package}:${target.name}` === label);
  return found?.attributes.get(name);
}

systemSuite("bazel-examples", { programs: ["bazel"] }, () => {
  describe("go-services", () => {
    let workspace: Workspace;
    let verdict: Verdict;
    beforeAll(async () => {
      workspace = open("go-services", v1);
      verdict = await judge(workspace);
    });
    afterAll(() => close(workspace));

    it("loads with all of its labels", () => {
      expect(verdict.stderr).toBe("");
      expect(verdict.ok).toBe(true);
    });

    it("has the targets that the declarations say", () => {
      expect(countRules(verdict.targets)).toEqual({
        config_setting: 1,
        expand_template: 3,
        go_binary: 7,
        go_cross_binary: 1,
        go_library: 7,
        image_structure_test: 7,
        oci_image: 9,
        oci_push: 9,
        oci_tarball: 8,
        pkg_files: 1,
        pkg_tar: 14,
      });
    });

    it("pushes with stamped tags, and builds a binary for the image's platform", () => {
      const { targets } = verdict;
      expect(attribute(targets, "//cmd/gateway:release_push", "remote_tags")).toBe("//cmd/gateway:release_push_tags");
      expect(attribute(targets, "//cmd/gateway:image", "labels")).toBe("//cmd/gateway:image_labels");
      expect(attribute(targets, "//cmd/gateway:tar_gateway", "srcs")).toEqual([
        "//cmd/gateway:tar_gateway_cross/gateway",
      ]);
    });

    it("has the seed's five rules, attribute by attribute", async () => {
      writeFiles(workspace.root, { "seed/BUILD.bazel": seed, "seed/image_test.yaml": "" });
      const { stderr, targets } = await judge(workspace);
      rmSync(join(workspace.root, "seed"), { recursive: true });
      expect(stderr).toBe("");
      const five = imageTargets(targets, "seed");
      for (const name of ["tar_worker", "image", "image_tarball", "image_test", "candidate_push"])
        expect([...five.keys()]).toContain(name);
      expect(imageTargets(targets, "cmd/worker")).toEqual(five);
    });

    it("goes through the swapped macro, functions and selects", () => {
      const { targets } = verdict;
      expect(attribute(targets, "//cmd/searcher:image_test", "size")).toBe("small");
      expect(attribute(targets, "//cmd/worker:image_test", "timeout")).toBe("short");
      expect(attribute(targets, "//cmd/gateway:tar_config", "modes")).toEqual({
        dict: [["etc/gateway/gateway.yaml", "0440"]],
      });
      expect(attribute(targets, "//cmd/indexer:image", "env")).toEqual({
        select: [
          ["//config:debug", "//cmd/indexer:debug.env"],
          ["//conditions:default", "//cmd/indexer:release.env"],
        ],
      });
      expect(attribute(targets, "//cmd/base:tar_etc", "remap_paths")).toEqual({
        dict: [
          ["/profile", "/etc/profile.d/sourcegraph.sh"],
          ["/", "/etc/"],
        ],
      });
    });

    it("loads with WORKSPACE.example in place of its own set-up", async () => {
      const own = readFileSync(join(workspace.root, "WORKSPACE"), "utf8");
      const go = own.match(/^http_archive\(\n {4}name = "io_bazel_rules_go"[\s\S]*?^\)\n/m);
      writeFiles(workspace.root, {
        WORKSPACE: `${readFileSync(join(root, "WORKSPACE.example"), "utf8")}\n${go?.[0] ?? ""}`,
      });
      const { stderr, targets } = await judge(workspace);
      expect(stderr).toBe("");
      expect(targets.length).toBe(verdict.targets.length);
    });

    it("notices a WORKSPACE.example that forgets something", async () => {
      const text = readFileSync(join(root, "WORKSPACE.example"), "utf8");
      for (const [forgotten, says] of [
        [/^oci_deps\(\)$/m, /@wolfi_base/],
        [/^http_archive\(\n {4}name = "rules_pkg"[\s\S]*?^\)\n/m, /missing definition.\n - @rules_pkg/],
      ] as const) {
        expect(text).toMatch(forgotten);
        writeFiles(workspace.root, { WORKSPACE: text.replace(forgotten, "") });
        const { ok, stderr } = await judge(workspace);
        expect(ok).toBe(false);
        expect(stderr).toMatch(says);
      }
    });
  });

  describe("bzlmod", () => {
    const module = readFileSync(join(root, "examples/bzlmod/dev/oci.MODULE.bazel"), "utf8");
    let workspace: Workspace;
    let verdict: Verdict;
    beforeAll(async () => {
      workspace = open("bzlmod", v2);
      writeFiles(workspace.root, { WORKSPACE: workspaceFor(module) });
      verdict = await judge(workspace);
    });
    afterAll(() => close(workspace));

    it("loads with all of its labels, beside a WORKSPACE that makes the same repositories", () => {
      expect(verdict.stderr).toBe("");
      expect(verdict.ok).toBe(true);
    });

    it("has the targets that the declarations say", () => {
      expect(countRules(verdict.targets)).toEqual({
        container_structure_test: 2,
        expand_template: 3,
        filegroup: 1,
        go_binary: 2,
        go_cross_binary: 1,
        go_library: 2,
        oci_image: 4,
        oci_load: 4,
        oci_push: 4,
        pkg_tar: 4,
      });
    });

    it("hands the tarball on, and keeps commas", () => {
      const { targets } = verdict;
      expect(attribute(targets, "//services/store:image_test", "image")).toBe("//services/store:image_tarball.tar");
      expect(attribute(targets, "//services/api:image", "created")).toBe("//services/api:created.txt");
      expect(attribute(targets, "//services/store:image", "created")).toBe("//services/store:image_created");
      expect(attribute(targets, "//services/store:tar_store_cross/store", "platform")).toBe(
        "@rules_go//go/toolchain:linux_amd64",
      );
      expect(attribute(targets, "//services/proxy:image_write_entrypoint", "content")).toEqual([
        "/usr/bin/proxy",
        "--upstreams=10.0.0.1,10.0.0.2",
      ]);
    });

    it("names in use_repo just the repositories that the pulls make", async () => {
      const names =
        /use_repo\(([^)]*)\)/
          .exec(module)?.[1]
          ?.match(/"[^"]+"/g)
          ?.map((name) => name.slice(1, -1)) ?? [];
      const made = (await query(workspace, "//external:all", "label")).stdout.match(/(?<=^\/\/external:)\w+$/gm) ?? [];
      const pulled = made.filter((name) => /^(distroless_static|nginx)/.test(name));
      expect(names).toEqual(pulled.sort());
    });
  });
});
