import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RegistryClientOptions } from "../../src/shell/registry/index.ts";
import { type ImageContent, imageIndex, singleImage } from "../support/image-content.ts";
import { type TestClient, testClient, told } from "../support/registry-client.ts";
import { systemSuite } from "../support/system.ts";
import { type RealRegistry, registryPrograms, startRegistry } from "./registry.ts";

const single = singleImage({ platform: "linux/arm64/v8", created: "2026-02-03T04:05:06Z" });
const index = imageIndex(["linux/amd64", "linux/arm64/v8"], { attested: true });
const list = imageIndex(["linux/amd64", "linux/arm/v7", "linux/s390x"], { format: "docker" });
const old = singleImage({ format: "docker", labels: { "org.opencontainers.image.revision": "abc" } });

function withAuth(host: string, entry: object): Partial<RegistryClientOptions> {
  return { env: { HOME: "/home/me" }, read: async () => JSON.stringify({ auths: { [host]: entry } }) };
}

function auth(user: string, password: string): object {
  return { auth: Buffer.from(`${user}:${password}`).toString("base64") };
}

systemSuite("the registry client against docker-registry, open", { programs: registryPrograms }, () => {
  let registry: RealRegistry;
  const resolve = (tag: string, client: TestClient = testClient()) =>
    client.resolve({ registry: registry.host, repository: "team/app", tag });

  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  it.each<[string, ImageContent, object]>([
    ["a single image", single, { kind: "manifest", platforms: ["linux/arm64/v8"], created: "2026-02-03T04:05:06Z" }],
    ["an index", index, { kind: "index", platforms: ["linux/amd64", "linux/arm64/v8"] }],
    ["a Docker manifest list", list, { kind: "index", platforms: ["linux/amd64", "linux/arm/v7", "linux/s390x"] }],
    ["an image of Docker's", old, { kind: "manifest", platforms: ["linux/amd64"], revision: "abc" }],
  ])("resolves %s", async (name, image, expected) => {
    const tag = name.replaceAll(/\W/g, "-");
    await registry.push("team/app", tag, image);
    expect(await resolve(tag)).toMatchObject({ ...expected, digest: image.digest, mediaType: image.mediaType });
  });

  it("follows a tag that moves", async () => {
    await registry.push("team/app", "latest", single);
    const client = testClient();
    expect(await resolve("latest", client)).toMatchObject({ digest: single.digest });
    await registry.push("team/app", "latest", index);
    expect(await resolve("latest", client)).toMatchObject({ digest: index.digest });
  });

  it("notices a digest that was deleted", async () => {
    const image = singleImage({ platform: "linux/ppc64le" });
    const reference = { registry: registry.host, repository: "team/app", digest: image.digest };
    await registry.push("team/app", "gone", image);
    expect(await testClient().exists(reference)).toBe(true);
    await registry.remove("team/app", image.digest);
    expect(await testClient().exists(reference)).toBe(false);
    const { code, text } = told(await testClient().resolve(reference));
    expect(code).toBe("image-not-found");
    expect(text).toContain(`${registry.host} has no ${registry.host}/team/app@${image.digest}`);
  });

  it("tells a tag and a repository that are not there", async () => {
    expect(told(await resolve("no-such-tag")).code).toBe("image-not-found");
    const nowhere = await testClient().resolve({ registry: registry.host, repository: "no/such", tag: "1" });
    expect(told(nowhere).code).toBe("image-not-found");
  });

  it("is probed", async () => {
    expect(await testClient().probe(registry.host)).toMatchObject({ reachable: true, scheme: "http", auth: "none" });
  });

  it("answers for a hundred bases", async () => {
    const tags = Array.from({ length: 100 }, (_, number) => `n${number}`);
    await registry.push("team/many", "first", index);
    for (const tag of tags) await registry.tag("team/many", tag, index);
    const client = testClient();
    const all = await Promise.all(
      tags.map((tag) => client.resolve({ registry: registry.host, repository: "team/many", tag })),
    );
    expect(new Set(all.map((one) => ("digest" in one ? one.digest : one.code)))).toEqual(new Set([index.digest]));
  });
});

systemSuite("the registry client against docker-registry, with htpasswd", { programs: registryPrograms }, () => {
  let registry: RealRegistry;
  const reference = (tag: string) => ({ registry: registry.host, repository: "team/app", tag });

  beforeAll(async () => {
    registry = await startRegistry({ kind: "basic", users: { me: "pass:wörd" } });
    await registry.push("team/app", "1", index);
  });
  afterAll(() => registry.stop());

  it("resolves with the login of Docker's config", async () => {
    const client = testClient(withAuth(registry.host, auth("me", "pass:wörd")));
    expect(await client.resolve(reference("1"))).toMatchObject({ digest: index.digest });
    expect(told(await client.resolve(reference("2"))).code).toBe("image-not-found");
    const probe = await client.probe(registry.host);
    expect(probe).toMatchObject({ auth: "basic", credentials: { found: true } });
    expect(probe).not.toHaveProperty("problem");
  });

  it("tells a missing login from a wrong one", async () => {
    const anonymous = told(await testClient().resolve(reference("1")));
    expect(anonymous.code).toBe("registry-unauthorized");
    expect(anonymous.text).toContain("UNAUTHORIZED: authentication required (no credentials were found)");
    const result = await testClient(withAuth(registry.host, auth("me", "hunter22"))).resolve(reference("1"));
    expect(told(result).text).toContain("(with the credentials of auths in ~/.docker/config.json)");
    expect(JSON.stringify(result)).not.toContain("hunter22");
  });
});

systemSuite("the registry client against docker-registry, with tokens", { programs: registryPrograms }, () => {
  let registry: RealRegistry;

  beforeAll(async () => {
    registry = await startRegistry({ kind: "token", users: { me: "pass" } });
    await registry.push("public/app", "1", single);
    await registry.push("team/app", "1", index);
  });
  afterAll(() => registry.stop());

  it("pulls what is public with an anonymous token, one for all requests", async () => {
    const before = registry.tokens?.log().length ?? 0;
    const result = await testClient().resolve({ registry: registry.host, repository: "public/app", tag: "1" });
    expect(result).toMatchObject({ digest: single.digest, platforms: ["linux/arm64/v8"] });
    expect((registry.tokens?.log().length ?? 0) - before).toBe(1);
  });

  describe("of a private repository", () => {
    const reference = () => ({ registry: registry.host, repository: "team/app", tag: "1" });

    it("pulls with a login", async () => {
      const client = testClient(withAuth(registry.host, auth("me", "pass")));
      expect(await client.resolve(reference())).toMatchObject({ digest: index.digest });
    });

    it("pulls with an identity token", async () => {
      const identitytoken = registry.tokens?.identityToken("me");
      const client = testClient(withAuth(registry.host, { identitytoken }));
      expect(await client.resolve(reference())).toMatchObject({ digest: index.digest });
      expect(registry.tokens?.log().at(-1)).toBe("POST /token");
    });

    it("is refused without one", async () => {
      const { code, text } = told(await testClient().resolve(reference()));
      expect(code).toBe("registry-unauthorized");
      expect(text).toContain("no credentials were found");
      expect(told(await testClient(withAuth(registry.host, auth("me", "no"))).resolve(reference())).text).toContain(
        `the token server ${registry.tokens?.host} says: incorrect username or password`,
      );
    });
  });

  it("is probed, with the challenge for rules_oci", async () => {
    expect(await testClient(withAuth(registry.host, auth("me", "pass"))).probe(registry.host)).toMatchObject({
      auth: "bearer",
      realm: `http://${registry.tokens?.host}/token`,
      rulesOci: { challenge: `Bearer realm="http://${registry.tokens?.host}/token",service="registry.test"` },
    });
  });
});
