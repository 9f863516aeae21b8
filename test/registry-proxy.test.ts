import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { proxyFor } from "../src/shell/registry/proxy.ts";
import { content, serve, type TestServer } from "./support/fake-registry.ts";
import { singleImage } from "./support/image-content.ts";
import { testClient, told } from "./support/registry-client.ts";

describe("proxyFor", () => {
  const https = { HTTPS_PROXY: "http://secure:1", HTTP_PROXY: "http://plain:2" };

  it.each<[string, Record<string, string>, string | undefined]>([
    ["https://ghcr.io/", https, "http://secure:1"],
    ["http://ghcr.io/", https, "http://plain:2"],
    ["https://ghcr.io/", { https_proxy: "http://lower:3" }, "http://lower:3"],
    ["https://ghcr.io/", { HTTPS_PROXY: " ", https_proxy: "http://lower:3" }, "http://lower:3"],
    ["https://ghcr.io/", { HTTP_PROXY: "http://plain:2" }, undefined],
    ["https://ghcr.io/", {}, undefined],
    ["http://localhost:5000/", https, undefined],
    ["http://127.0.0.1:5000/", https, undefined],
    ["http://[::1]:5000/", https, undefined],
  ])("%s with %j goes through %s", (url, env, expected) => {
    expect(proxyFor(new URL(url), env)).toBe(expected);
  });

  it.each([
    ["*", "https://ghcr.io/", true],
    ["ghcr.io", "https://ghcr.io/", true],
    ["GHCR.io", "https://ghcr.io/", true],
    ["example.com", "https://registry.example.com/", true],
    [".example.com", "https://registry.example.com/", true],
    ["*.example.com", "https://registry.example.com/", true],
    [".example.com", "https://example.com/", false],
    ["example.com", "https://badexample.com/", false],
    ["a.b, example.com quay.io", "https://quay.io/", true],
    ["example.com:5000", "https://example.com:5000/", true],
    ["example.com:5000", "https://example.com/", false],
    ["example.com:443", "https://example.com/", true],
    ["10.0.0.0/8", "https://10.1.2.3:5000/", true],
    ["10.0.0.0/8", "https://11.1.2.3/", false],
    ["10.0.0.0/8", "https://ten.example.com/", false],
    ["10.1.2.3", "https://10.1.2.3/", true],
    ["2.3", "https://10.1.2.3/", false],
    ["fd00::/8", "https://[fd00::1]/", true],
    ["fd00::1", "https://[fd00::1]/", true],
    ["[fd00::1]:5000", "https://[fd00::1]:5000/", true],
    ["10.0.0.0/99, x/y", "https://10.1.2.3/", false],
    ["", "https://ghcr.io/", false],
  ])("NO_PROXY=%s for %s: %s", (entries, url, isExempt) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY: "http://p:1", NO_PROXY: entries }) === undefined).toBe(isExempt);
  });
});

describe("a client behind a proxy", () => {
  const image = singleImage();
  const closing: (() => unknown)[] = [];
  const reference = { registry: "registry.test", repository: "team/app", tag: "1" };

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function proxy(): Promise<TestServer> {
    const server = await serve(content({ 1: image }));
    closing.push(server.close);
    return server;
  }

  it("sends plain requests to it, with its login", async () => {
    const { host, seen } = await proxy();
    const env = { HTTP_PROXY: `http://me:p%40ss@${host}` };
    const client = testClient({ env, insecure: ["registry.test"] });
    expect(await client.resolve(reference)).toMatchObject({ digest: image.digest });
    expect(seen[0]?.url).toBe("http://registry.test/v2/team/app/manifests/1");
    expect(seen[0]?.headers["proxy-authorization"]).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  it("asks it for a tunnel to a registry with TLS", async () => {
    const asked: string[] = [];
    const server = createServer();
    server.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const env = { HTTPS_PROXY: `127.0.0.1:${(server.address() as AddressInfo).port}` };
    const { code, text } = told(await testClient({ env }).resolve({ ...reference, registry: "ghcr.io" }));
    expect(asked[0]).toBe("ghcr.io:443");
    expect(code).toBe("registry-unreachable");
    expect(text).toContain("403");
  });

  it("goes past it where NO_PROXY says so, and for loopback", async () => {
    const { host, log } = await proxy();
    const registry = await proxy();
    const client = testClient({ env: { HTTP_PROXY: `http://${host}`, NO_PROXY: "registry.test" } });
    expect(await client.resolve({ ...reference, registry: registry.host })).toMatchObject({ digest: image.digest });
    expect(log()).toEqual([]);
  });

  it("says that the variable is no URL, without its password", async () => {
    const env = { HTTPS_PROXY: "http://me:hunter22@pro xy:99999" };
    const result = await testClient({ env }).resolve({ ...reference, registry: "ghcr.io" });
    expect(told(result).text).toContain("the proxy of HTTPS_PROXY or HTTP_PROXY is not a URL");
    expect(JSON.stringify(result)).not.toContain("hunter22");
  });
});
