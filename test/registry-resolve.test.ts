import { afterEach, describe, expect, it } from "vitest";
import { readManifest } from "../src/shell/registry/manifest.ts";
import { content, type Handler, inTurn, on, serve, status, type TestServer } from "./support/fake-registry.ts";
import { digestOf, imageIndex, singleImage } from "./support/image-content.ts";
import { app, testClient, told } from "./support/registry-client.ts";

const servers: TestServer[] = [];

async function started(...handlers: readonly Handler[]): Promise<TestServer> {
  const server = await serve(...handlers);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe("resolve", () => {
  const single = singleImage({
    platform: "linux/arm64/v8",
    created: "2026-02-03T04:05:06Z",
    labels: { "org.opencontainers.image.revision": "abc123" },
  });

  it("gives a single image the platform, date and revision of its config", async () => {
    const { host, log } = await started(content({ 1: single }));
    expect(await testClient().resolve(app(host))).toEqual({
      kind: "manifest",
      digest: single.digest,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      platforms: ["linux/arm64/v8"],
      created: "2026-02-03T04:05:06Z",
      revision: "abc123",
    });
    expect(log()).toEqual([
      "HEAD /v2/team/app/manifests/1",
      `GET /v2/team/app/manifests/${single.digest}`,
      `GET /v2/team/app/blobs/${digestOf(single.blobs[0] ?? "")}`,
    ]);
  });

  it.each(["oci", "docker"] as const)(
    "lists the platforms of an index (%s) as they are spelt there",
    async (format) => {
      const index = imageIndex(["linux/amd64", "linux/arm64/v8", "linux/arm/v7"], {
        format,
        attested: true,
        labels: { "org.opencontainers.image.revision": "r1", "org.opencontainers.image.created": "2026-01-01" },
      });
      const { host } = await started(content({ latest: index }));
      expect(await testClient().resolve(app(host, {}))).toMatchObject({
        kind: "index",
        digest: index.digest,
        mediaType: index.mediaType,
        platforms: ["linux/amd64", "linux/arm64/v8", "linux/arm/v7"],
        created: "2026-01-01",
        revision: "r1",
      });
    },
  );

  it("leaves out of the platforms what is no image for one", () => {
    const entry = { mediaType: single.mediaType, digest: single.digest };
    const amd64 = { os: "linux", architecture: "amd64" };
    const manifests = [
      { ...entry, platform: { os: "unknown", architecture: "unknown" } },
      {
        ...entry,
        platform: { ...amd64, variant: "v2" },
        annotations: { "vnd.docker.reference.type": "attestation-manifest" },
      },
      { ...entry, platform: { ...amd64, variant: "v3" }, mediaType: "application/vnd.oci.image.index.v1+json" },
      entry,
      { ...entry, platform: amd64 },
    ];
    const index = readManifest({ schemaVersion: 2, manifests }, undefined);
    expect("entries" in index && index.entries.map(({ platform }) => platform)).toEqual(["linux/amd64"]);
  });

  it("asks for no more when the index itself says date and revision", async () => {
    const annotations = { "org.opencontainers.image.created": "2026-05-05", "org.opencontainers.image.revision": "r2" };
    const { host, log } = await started(content({ 1: imageIndex(["linux/amd64"], { annotations }) }));
    expect(await testClient().resolve(app(host))).toMatchObject({ created: "2026-05-05", revision: "r2" });
    expect(log()).toHaveLength(2);
  });

  it("says no date where a reproducible build put the epoch", async () => {
    const { host } = await started(content({ 1: singleImage({ created: "1970-01-01T00:00:00Z" }) }));
    expect(await testClient().resolve(app(host))).not.toHaveProperty("created");
  });

  it("still resolves an index whose images cannot be read", async () => {
    const index = imageIndex(["linux/amd64"]);
    const { host } = await started(content({ 1: { ...index, children: [] } }));
    expect(await testClient().resolve(app(host))).toMatchObject({ kind: "index", platforms: ["linux/amd64"] });
  });

  it.each([
    ["405 to HEAD", on(/^HEAD/, status(405))],
    ["no digest in the header", on(/^HEAD/, status(200))],
    ["404 to HEAD alone", on(/^HEAD/, status(404))],
  ])("computes the digest by GET of the tag after %s", async (_, handler) => {
    const { host } = await started(handler, content({ 1: single }));
    expect(await testClient().resolve(app(host))).toMatchObject({ digest: single.digest });
    expect(await testClient().resolveDigest(app(host))).toBe(single.digest);
  });

  it("asks for the digest alone with one HEAD", async () => {
    const { host, log } = await started(content({ 1: single }));
    expect(await testClient().resolveDigest(app(host))).toBe(single.digest);
    expect(log()).toEqual(["HEAD /v2/team/app/manifests/1"]);
  });

  it("stays with the digest that HEAD named when the tag moves in between", async () => {
    const other = singleImage({ platform: "linux/s390x" });
    const both = content({ 1: other, old: single });
    const head: Handler = (_, response) => {
      response.writeHead(200, { "docker-content-digest": single.digest }).end();
    };
    const { host } = await started(on(/^HEAD/, head), both);
    expect(await testClient().resolve(app(host))).toMatchObject({
      digest: single.digest,
      platforms: ["linux/arm64/v8"],
    });
  });

  it("tells whether a digest exists", async () => {
    const { host } = await started(content({ 1: single }));
    const client = testClient();
    expect(await client.exists(app(host, { digest: single.digest }))).toBe(true);
    expect(await client.exists(app(host, { digest: digestOf("gone") }))).toBe(false);
  });
});

describe("content that is not what was asked for", () => {
  const image = singleImage();

  function body(text: string, headers: Record<string, string> = {}): Handler {
    return on(/^GET .*manifests/, status(200, { "content-type": image.mediaType, ...headers }, text));
  }

  it("refuses a body that does not match the digest of its header", async () => {
    const changed = image.body.replace("layers", "Layers");
    const { host } = await started(body(changed, { "docker-content-digest": image.digest }), content({ 1: image }));
    const result = told(await testClient().resolve(app(host)));
    expect(result.code).toBe("digest-mismatch");
    expect(result.text).toContain(`expected ${image.digest}, got ${digestOf(changed)}`);
  });

  it("refuses a body that matches its header but not the digest asked for", async () => {
    const other = singleImage({ platform: "linux/s390x" });
    const { host } = await started(body(other.body, { "docker-content-digest": other.digest }), content({ 1: image }));
    expect(told(await testClient().resolve(app(host))).code).toBe("digest-mismatch");
    const head = on(/^HEAD/, status(200, { "docker-content-digest": other.digest }));
    const liar = await started(head);
    expect(told(await testClient().exists(app(liar.host, { digest: image.digest }))).code).toBe("digest-mismatch");
  });

  it("refuses a config that does not match its digest", async () => {
    const { host } = await started(on(/blobs/, status(200, {}, "{}")), content({ 1: image }));
    expect(told(await testClient().resolve(app(host))).code).toBe("digest-mismatch");
  });

  it.each([
    ["is not JSON", "<html>", "is not JSON"],
    ["is a list", "[]", "not a JSON object"],
    ["is of schema 1", '{"schemaVersion":1}', "schema 1"],
    ["is something else", '{"schemaVersion":2,"mediaType":"application/vnd.x+json"}', "is no image"],
    ["has no config", JSON.stringify({ schemaVersion: 2, mediaType: image.mediaType }), "has no config"],
    ["is an index of nothing", '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}', "lists no"],
  ])("refuses a manifest that %s", async (_, text, part) => {
    const { host } = await started(body(text), on(/^HEAD/, status(200)));
    const result = told(await testClient().resolve(app(host)));
    expect(result.code).toBe("registry-bad-answer");
    expect(result.text).toContain(part);
  });

  it("refuses a manifest that is too long while it is read", async () => {
    const endless: Handler = (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write("x".repeat(64 << 10), more);
      };
      response.writeHead(200);
      more();
    };
    const { host } = await started(on(/^HEAD/, status(200)), endless);
    const result = told(await testClient({ maxBytes: 1 << 20 }).resolve(app(host)));
    expect(result.code).toBe("registry-bad-answer");
    expect(result.text).toContain("more than 1048576 bytes");
  });
});

describe("statuses", () => {
  it.each([
    [401, "registry-unauthorized"],
    [403, "registry-unauthorized"],
    [404, "image-not-found"],
    [418, "registry-bad-answer"],
    [503, "registry-failing"],
  ])("%i is %s", async (code, expected) => {
    const { host } = await started(status(code, {}, '{"errors":[{"code":"X","message":"said \\u001b[31mso"}]}'));
    const result = await testClient().resolve(app(host));
    expect(told(result).code).toBe(expected);
    expect(JSON.stringify(result)).not.toContain("\\u001b");
  });

  it("tells what the registry said, and the image", async () => {
    const denied = status(403, {}, '{"errors":[{"code":"DENIED","message":"access is denied"}]}');
    const { host } = await started(inTurn(denied), denied);
    const { text } = told(await testClient().resolve(app(host)));
    expect(text).toContain(`${host} does not let us read ${host}/team/app:1: DENIED: access is denied`);
    expect(text).toContain(`docker login ${host}`);
  });
});
