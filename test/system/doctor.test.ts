/** `doctor` and `pin` with logins: what is found is said, never its value. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { singleImage } from "../support/image-content.ts";
import { workspace } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";
import { type RealRegistry, registryPrograms, startRegistry } from "./registry.ts";

const secret = "correct horse battery";
const users = { ada: secret };

function configFor(registry: RealRegistry): string {
  return `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@2" },
  bases: { base: { image: "${registry.host}/team/base", tag: "1" } },
  services: [],
});
`;
}

function dockerConfig(registry: RealRegistry): string {
  const folder = mkdtempSync(join(tmpdir(), "docker-config-"));
  const auth = Buffer.from(`ada:${secret}`).toString("base64");
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
  return folder;
}

systemSuite("doctor and pin with logins", { programs: registryPrograms }, () => {
  const running = new Map<"open" | "basic" | "token", RealRegistry>();
  const get = (kind: "open" | "basic" | "token") => running.get(kind) as RealRegistry;
  beforeAll(async () => {
    running.set("open", await startRegistry());
    for (const kind of ["basic", "token"] as const) running.set(kind, await startRegistry({ kind, users }));
    for (const registry of running.values()) await registry.push("team/base", "1", singleImage());
  });
  afterAll(async () => {
    for (const registry of running.values()) await registry.stop();
  });

  it("says that an open registry needs no login", async () => {
    const made = workspace({ "bazel-images.config.ts": configFor(get("open")) });
    const { code, out } = await made.run(["doctor"]);
    made.remove();
    expect(code).toBe(0);
    expect(out).toContain(`${get("open").host}  reachable over http`);
    expect(out).toContain("authentication: none");
  });

  it.each(["basic", "token"] as const)("finds the login for %s, pins with it, and tells no secret", async (kind) => {
    const registry = get(kind);
    const made = workspace({ "bazel-images.config.ts": configFor(registry) });
    const folder = dockerConfig(registry);
    const env = { DOCKER_CONFIG: folder };
    const checked = await made.run(["doctor", "--format", "json"], env);
    const pinned = await made.run(["pin"], env);
    const refused = await made.run(["pin"], { DOCKER_CONFIG: tmpdir() });
    made.remove();
    rmSync(folder, { recursive: true });
    const { registries } = JSON.parse(checked.out) as {
      registries: readonly { auth: string; credentials: { found: boolean; from?: string } }[];
    };
    const [probe] = registries;
    expect(probe?.auth).toBe(kind === "basic" ? "basic" : "bearer");
    expect(probe?.credentials.found).toBe(true);
    expect(probe?.credentials.from).toContain("config.json");
    expect(pinned.code, pinned.err).toBe(0);
    expect(refused.code).toBe(3);
    expect(refused.err).toContain("error[registry-unauthorized]");
    for (const text of [checked.out, checked.err, pinned.out, pinned.err, refused.err]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(`ada:${secret}`).toString("base64"));
    }
  });

  it("ends in 3 when a registry does not answer", async () => {
    const made = workspace({ "bazel-images.config.ts": configFor({ ...get("open"), host: "127.0.0.1:1" }) });
    const { code, out } = await made.run(["doctor"]);
    made.remove();
    expect(code).toBe(3);
    expect(out).toContain("not reachable");
  });
});
