/** `push` end to end: a real Bazel builds and stamps, skopeo carries the images to a real registry on loopback. */

import { readFileSync } from "node:fs";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemSuite } from "../support/system.ts";
import { type PushRepository, pushPrograms, pushRepository } from "./push-workspace.ts";
import { type RealRegistry, registryPrograms, startRegistry } from "./registry.ts";

/** The tags of a repository in a registry, and the digest of each. */
async function tagsIn(host: string, repository: string): Promise<Readonly<Record<string, string>>> {
  const list = (await (await fetch(`http://${host}/v2/${repository}/tags/list`)).json()) as { tags?: string[] };
  const entries = (list.tags ?? []).sort().map(async (tag) => {
    const accept = "application/vnd.oci.image.manifest.v1+json";
    const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
      method: "HEAD",
      headers: { accept },
    });
    return [tag, answer.headers.get("docker-content-digest") ?? ""] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A proxy that answers the next `failures` uploads of a manifest with 503. */
async function flakyProxy(target: string) {
  const state = { failures: 0, uploads: 0 };
  const server = createServer((incoming, outgoing) => {
    const isUpload = incoming.method === "PUT" && (incoming.url ?? "").includes("/manifests/");
    if (isUpload) state.uploads += 1;
    if (isUpload && state.failures > 0) {
      state.failures -= 1;
      incoming.resume();
      outgoing.writeHead(503).end();
      return;
    }
    const [hostname, port] = target.split(":");
    const { method, url, headers } = incoming;
    const passed = forward({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host, state, close };
}

systemSuite("push with a real Bazel and a real registry", { programs: [...pushPrograms, ...registryPrograms] }, () => {
  let registry: RealRegistry;
  let repo: PushRepository;
  beforeAll(async () => {
    registry = await startRegistry();
    repo = await pushRepository(`${registry.host}/team`);
  });
  afterAll(async () => {
    repo?.end();
    await registry?.stop();
  });

  describe("every candidate", () => {
    it("arrives under its stamped tags, and the table says digest and repository", async () => {
      const commit = repo.commit("one");
      const pushed = await repo.push([]);
      expect(pushed.code, pushed.err).toBe(0);
      const app = await tagsIn(registry.host, "team/app");
      expect(Object.keys(app)).toEqual([commit, "latest"].sort());
      expect(app[commit]).toBe(app["latest"]);
      expect(Object.keys(await tagsIn(registry.host, "team/worker"))).toEqual(["edge"]);
      expect(pushed.out).toMatch(
        new RegExp(
          `^//app:candidate_push +${registry.host}/team/app +${commit} latest +${app[commit]} \\(from its target\\) +[\\d.]+ +pushed$`,
          "m",
        ),
      );
      expect(pushed.out).toContain("2 pushed, 0 failed\n");
    });

    it("changes nothing when it is pushed again", async () => {
      const before = [await tagsIn(registry.host, "team/app"), await tagsIn(registry.host, "team/worker")];
      const again = await repo.push(["--format", "json"]);
      expect(again.code, again.err).toBe(0);
      expect([await tagsIn(registry.host, "team/app"), await tagsIn(registry.host, "team/worker")]).toEqual(before);
      expect(JSON.parse(again.out)).toMatchObject({
        targets: [
          {
            target: "//app:candidate_push",
            service: "app",
            status: "pushed",
            attempts: 1,
            digest: before[0]?.["latest"],
          },
          { target: "//worker:candidate_push", tags: ["edge"], digestFrom: "target" },
        ],
        unmanaged: [],
      });
    });

    it("is only built and told by --dry-run, on a branch and from a dirty tree too", async () => {
      repo.git("switch", "--quiet", "--create", "topic");
      repo.write({ "app/main.sh": "echo dry\n" });
      const before = await tagsIn(registry.host, "team/app");
      const dry = await repo.push(["--dry-run", "--tag", "extra"]);
      repo.git("checkout", "--quiet", "--", ".");
      repo.git("switch", "--quiet", "main");
      expect(dry.code, dry.err).toBe(0);
      expect(dry.out).toMatch(
        /^\/\/app:candidate_push .* latest extra +sha256:[0-9a-f]{64} \(from its target\) +- +would push$/m,
      );
      expect(dry.out).not.toContain(before["latest"]);
      expect(await tagsIn(registry.host, "team/app")).toEqual(before);
    });
  });

  it("adds --tag to the target's own tags, and pushes once to each --registry under the declared name", async () => {
    const other = await startRegistry();
    try {
      const registries = [`${registry.host}/eu`, `${other.host}/us/`].flatMap((one) => ["--registry", one]);
      const pushed = await repo.push(["app", "--tag", "v1", "--tag", "v1.2", ...registries]);
      expect(pushed.code, pushed.err).toBe(0);
      const [eu, us] = [await tagsIn(registry.host, "eu/app"), await tagsIn(other.host, "us/app")];
      expect(Object.keys(eu)).toEqual(expect.arrayContaining(["latest", "v1", "v1.2"]));
      expect(us).toEqual(eu);
      expect(await tagsIn(registry.host, "eu/worker")).toEqual({});
      expect(await tagsIn(registry.host, "team/app")).not.toHaveProperty("v1");
    } finally {
      await other.stop();
    }
  });

  it("counts on a terminal, and knows what files of rules say", async () => {
    repo.write({
      "files/BUILD.bazel": `load("@rules_oci//oci:defs.bzl", "expand_template", "oci_image", "oci_push")

oci_image(name = "image", digest = False)

expand_template(name = "where", out = "where.txt", stamp_substitutions = {}, template = ["${registry.host}/files/app"])

expand_template(name = "tags", out = "tags.txt", stamp_substitutions = {"x": "{{STABLE_GIT_COMMIT}}"}, template = ["x"])

oci_push(name = "push", image = ":image", remote_tags = ":tags.txt", repository_file = ":where")

oci_push(name = "source", image = ":image", remote_tags = "source.txt", repository = "${registry.host}/files/source")
`,
      "files/source.txt": "one\ntwo\n",
    });
    const commit = repo.commit("files");
    const pushed = await repo.push(["--unmanaged", "--no-color"], true);
    repo.remove("files");
    repo.commit("no files");
    expect(pushed.code, pushed.err).toBe(0);
    expect(pushed.out).toMatch(new RegExp(`^//files:push +${registry.host}/files/app +${commit} `, "m"));
    expect(pushed.out).toMatch(
      new RegExp(
        `^//files:source +${registry.host}/files/source +one two +sha256:[0-9a-f]+ \\(from its script\\) `,
        "m",
      ),
    );
    expect(Object.keys(await tagsIn(registry.host, "files/app"))).toEqual([commit]);
    expect(pushed.err).toContain("preparing 4 of 4");
    expect(pushed.err).toContain("3 of 4 pushed");
  });

  it("tries again when the registry fails twice, and says so", async () => {
    const proxy = await flakyProxy(registry.host);
    proxy.state.failures = 2;
    const pushed = await repo.push(["app", "--registry", `${proxy.host}/flaky`]);
    await proxy.close();
    expect(pushed.code, pushed.err).toBe(0);
    expect(pushed.out).toContain("pushed, 3 attempts");
    expect(pushed.err.match(/^\/\/app:candidate_push: .*503.*; again in [\d.]+ s$/gm)).toHaveLength(2);
    expect(Object.keys(await tagsIn(registry.host, "flaky/app"))).toContain("latest");
  });

  it("ends in 3 when one registry stays down, pushes to the others, and says which", async () => {
    const registries = ["--registry", "127.0.0.1:1/down", "--registry", `${registry.host}/up`];
    const pushed = await repo.push(["app", "--retries", "1", ...registries]);
    expect(pushed.code).toBe(3);
    expect(pushed.out).toMatch(/127\.0\.0\.1:1\/down\/app .*failed, 2 attempts$/m);
    expect(pushed.out).toMatch(new RegExp(`${registry.host}/up/app .*pushed$`, "m"));
    expect(pushed.out).toContain("1 pushed, 1 failed\n");
    expect(pushed.err).toMatch(
      /^app\/app\.image\.ts:7:3: error\[push-failed\]: .*127\.0\.0\.1:1\/down\/app, tried 2 times: .*connection refused/m,
    );
  });

  it("does not try again what the registry refuses", async () => {
    const locked = await startRegistry({ kind: "basic", users: { someone: "secret" } });
    const pushed = await repo.push(["app", "--registry", `${locked.host}/team`]);
    await locked.stop();
    expect(pushed.code).toBe(3);
    expect(pushed.err).toContain("tried once");
  });

  describe("stamping", () => {
    /** What Bazel says that it executed, besides its own status action. */
    const executed = (log: string): readonly string[] =>
      [...readFileSync(log, "utf8").matchAll(/^Executing action '([^']*)'/gm)]
        .map(([, action = ""]) => action)
        .filter((action) => !action.startsWith("BazelWorkspaceStatusAction"))
        .sort();

    it("off: a new commit rebuilds nothing; on: stamped targets and what is made of them only", async () => {
      const [plain, stamped] = [join(repo.root, "../plain.log"), join(repo.root, "../stamped.log")];
      repo.build("build", "//...");
      expect((await repo.push(["--dry-run"])).code).toBe(0);
      repo.build("build", "//...");
      repo.commit("nothing but a commit");
      repo.build("build", "//...", `--explain=${plain}`);
      expect(executed(plain)).toEqual([]);
      expect((await repo.push(["--dry-run"])).code).toBe(0);
      const commit = repo.commit("again nothing but a commit");
      const pushed = await repo.push(["--dry-run", "--", `--explain=${stamped}`]);
      expect(pushed.code, pushed.err).toBe(0);
      expect(pushed.out).toContain(` ${commit} latest `);
      expect(executed(stamped).filter((action) => !action.includes("image.json.sha256"))).toEqual([
        "OciImage //worker:image",
        "Stamp //app:candidate_push_tags",
        "Stamp //worker:labels",
      ]);
    });
  });
});
