import { afterEach, describe, expect, it } from "vitest";
import { retryAfter } from "../src/shell/registry/retry.ts";
import { content, type Handler, inTurn, login, on, serve, status, type TestServer } from "./support/fake-registry.ts";
import { singleImage } from "./support/image-content.ts";
import { app, testClient, told } from "./support/registry-client.ts";

const servers: TestServer[] = [];
const image = singleImage();

async function started(...handlers: readonly Handler[]): Promise<TestServer> {
  const server = await serve(...handlers);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const silence: Handler = () => {};
const cut: Handler = (_, response) => {
  response.writeHead(200, { "content-length": image.body.length });
  response.write(image.body.slice(0, 20), () => response.destroy());
};
const hangUp: Handler = (_, response) => {
  response.destroy();
};

describe("retries", () => {
  it("goes on after 500 twice", async () => {
    const { host } = await started(inTurn(status(500), status(502)), content({ 1: image }));
    const client = testClient();
    expect(await client.resolve(app(host))).toMatchObject({ digest: image.digest });
    expect(client.waits).toEqual([500, 1000]);
  });

  it("gives up after four attempts, and says how many", async () => {
    const { host, log } = await started(status(503));
    const client = testClient();
    const { code, text } = told(await client.resolve(app(host)));
    expect([code, log().length, client.waits]).toEqual(["registry-failing", 4, [500, 1000, 2000]]);
    expect(text).toContain("answers 503, 4 times in a row");
  });

  it.each([
    ["seconds", "7", 7000],
    ["a date", "Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["a date gone by", "Thu, 01 Jan 2020 00:00:30 GMT", 0],
    ["rubbish", "soon", 500],
  ])("waits as Retry-After says: %s", async (_, value, ms) => {
    const { host } = await started(inTurn(status(429, { "retry-after": value })), content({ 1: image }));
    const client = testClient();
    expect(await client.resolve(app(host))).toMatchObject({ digest: image.digest });
    expect(client.waits).toEqual([ms]);
  });

  it("does not wait for an hour", async () => {
    const { host, log } = await started(status(429, { "retry-after": "3600" }));
    const client = testClient();
    const { code, text } = told(await client.resolve(app(host)));
    expect([code, log().length, client.waits]).toEqual(["registry-rate-limited", 1, []]);
    expect(text).toContain("it asks to wait for 3600 s");
  });

  it("tells what a limit is about when it stays", async () => {
    const limited = status(429, {}, '{"errors":[{"code":"TOOMANYREQUESTS","message":"pull rate limit"}]}');
    const { host } = await started(on(/^HEAD/, status(405)), limited);
    const { code, text } = told(await testClient().resolve(app(host)));
    expect(code).toBe("registry-rate-limited");
    expect(text).toContain("TOOMANYREQUESTS: pull rate limit");
  });

  it("says each wait to whoever shows progress", async () => {
    const { host } = await started(inTurn(status(429, { "retry-after": "2" })), content({ 1: image }));
    const waits: object[] = [];
    await testClient({ onWait: (wait) => waits.push(wait) }).resolve(app(host));
    expect(waits).toEqual([{ host, ms: 2000, status: 429 }]);
  });

  it("reads no Retry-After where there is none", () => {
    expect(retryAfter(undefined, 0)).toBeUndefined();
  });

  it("does not repeat what will not change", async () => {
    const { host, log } = await started(status(404));
    await testClient().resolve(app(host));
    expect(log()).toHaveLength(2);
  });
});

describe("connections", () => {
  it("goes on after a connection was reset", async () => {
    const { host } = await started(inTurn(hangUp), content({ 1: image }));
    expect(await testClient().resolve(app(host))).toMatchObject({ digest: image.digest });
  });

  it("goes on after an answer was cut off in the body", async () => {
    const { host } = await started(on(/^GET .*manifests/, inTurn(cut)), content({ 1: image }));
    expect(await testClient().resolve(app(host))).toMatchObject({ digest: image.digest });
  });

  it("gives up when the body is cut off each time", async () => {
    const { host } = await started(on(/^GET .*manifests/, cut), content({ 1: image }));
    const { code, text } = told(await testClient().resolve(app(host)));
    expect(code).toBe("registry-unreachable");
    expect(text).toContain("closed in the middle of the answer");
  });

  it("tells when nobody listens", async () => {
    const { host, close } = await serve();
    await close();
    const { code, text } = told(await testClient().resolve(app(host)));
    expect(code).toBe("registry-unreachable");
    expect(text).toContain("ECONNREFUSED");
    expect(text).toContain(`curl -sSI http://${host}/v2/`);
  });

  it("waits for an answer only so long", async () => {
    const { host, log } = await started(silence);
    const { code, text } = told(await testClient({ timeouts: { answer: 200 } }).resolve(app(host)));
    expect([code, log().length]).toEqual(["registry-timeout", 1]);
    expect(text).toContain("within 0.2 s");
  });

  it("waits for the rest of a body only so long", async () => {
    const stall: Handler = (_, response) => {
      response.writeHead(200);
      response.write("{");
    };
    const { host } = await started(on(/^GET/, stall), content({ 1: image }));
    expect(told(await testClient({ timeouts: { idle: 200 } }).resolve(app(host))).code).toBe("registry-timeout");
  });

  it("does not let a body drip for ever", async () => {
    const drip: Handler = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    };
    const { host } = await started(on(/^GET/, drip), content({ 1: image }));
    const timeouts = { idle: 200, total: 500 };
    expect(told(await testClient({ timeouts }).resolve(app(host))).code).toBe("registry-timeout");
  });

  it("asks one host no more than so many things at once", async () => {
    let now = 0;
    let most = 0;
    const slow: Handler = (_, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.writeHead(200, { "docker-content-digest": image.digest }).end();
      }, 10);
    };
    const { host, log } = await started(slow);
    const client = testClient({ concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => client.resolveDigest(app(host, { tag: `t${index}` }))));
    expect([most, log().length]).toEqual([3, 20]);
  });
});

describe("redirects", () => {
  const secret = `Basic ${Buffer.from("me:hunter22").toString("base64")}`;
  const read = async (): Promise<string> => JSON.stringify({ auths: {} });

  function withLogin(host: string): () => Promise<string> {
    return async () => JSON.stringify({ auths: { [host]: { username: "me", password: "hunter22" } } });
  }

  it("follows to another host without the credentials", async () => {
    const storage = await started(content({ 1: image }));
    const away: Handler = (seen, response) => {
      response.writeHead(307, { location: `http://${storage.host}${seen.url}?X-Signature=s` }).end();
    };
    const registry = await started(login('Basic realm="r"', secret), on(/blobs/, away), content({ 1: image }));
    const client = testClient({ env: { HOME: "/home/me" }, read: withLogin(registry.host) });
    expect(await client.resolve(app(registry.host))).toMatchObject({ platforms: ["linux/amd64"] });
    expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(registry.seen.at(-1)?.headers.authorization).toBe(secret);
  });

  it("keeps the credentials on the same host", async () => {
    const moved: Handler = (_, response) => {
      response.writeHead(302, { location: "/v2/team/other/manifests/1" }).end();
    };
    const { host } = await started(
      login('Basic realm="r"', secret),
      on(/app\/manifests\/1$/, moved),
      content({ 1: image }),
    );
    const client = testClient({ env: { HOME: "/home/me" }, read: withLogin(host) });
    expect(await client.resolveDigest(app(host))).toBe(image.digest);
  });

  it("gives no credentials to a host that asks after a redirect", async () => {
    const greedy = await started(status(401, { "www-authenticate": 'Basic realm="mine"' }));
    const away: Handler = (seen, response) => {
      response.writeHead(307, { location: `http://${greedy.host}${seen.url}` }).end();
    };
    const registry = await started(away);
    const client = testClient({ env: { HOME: "/home/me" }, read: withLogin(registry.host) });
    expect(told(await client.resolve(app(registry.host))).code).toBe("registry-unauthorized");
    expect(greedy.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it("gives no credentials to the token server of a host that asks after a redirect", async () => {
    const thief = await started(status(200, {}, '{"token":"t"}'));
    const greedy = await started(status(401, { "www-authenticate": `Bearer realm="http://${thief.host}/"` }));
    const away: Handler = (seen, response) => {
      response.writeHead(307, { location: `http://${greedy.host}${seen.url}` }).end();
    };
    const registry = await started(away);
    const client = testClient({ env: { HOME: "/home/me" }, read: withLogin(registry.host) });
    expect(told(await client.resolve(app(registry.host))).code).toBe("registry-unauthorized");
    expect(thief.seen).toEqual([]);
  });

  it("does not go in circles", async () => {
    const { host } = await started((seen, response) => {
      response.writeHead(302, { location: seen.url }).end();
    });
    const { code, text } = told(await testClient({ read }).resolve(app(host)));
    expect(code).toBe("registry-bad-answer");
    expect(text).toContain("redirects");
  });

  it("does not go from https to http, nor to other schemes", async () => {
    const answer = (location: string) => async () => ({
      status: 302,
      headers: new Headers({ location }),
      body: null,
    });
    const reference = { registry: "ghcr.io", repository: "x/y" };
    const plain = told(await testClient({ fetch: answer("http://storage.example/x") }).resolve(reference));
    expect(plain.text).toContain("a redirect from https to plain HTTP, http://storage.example");
    const file = told(await testClient({ fetch: answer("file:///etc/passwd") }).resolve(reference));
    expect(file.text).toContain("a redirect to file:");
  });
});

describe("plain HTTP", () => {
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    return { status: 404, headers: new Headers(), body: null };
  };

  it.each([
    ["ghcr.io", "https://ghcr.io"],
    ["index.docker.io", "https://registry-1.docker.io"],
    ["localhost:5000", "http://localhost:5000"],
    ["[::1]:5000", "http://[::1]:5000"],
    ["127.0.0.2", "http://127.0.0.2"],
    ["registry.corp:5000", "http://registry.corp:5000"],
    ["127.0.0.1.evil.com", "https://127.0.0.1.evil.com"],
  ])("asks %s at %s", async (registry, origin) => {
    asked.length = 0;
    await testClient({ fetch, insecure: ["registry.corp:5000"] }).exists({ registry, repository: "x", tag: "1" });
    expect(asked[0]).toBe(`${origin}/v2/x/manifests/1`);
  });

  it("refuses http:// where the config does not allow it", async () => {
    asked.length = 0;
    const reference = { scheme: "http", registry: "registry.corp", repository: "x" } as const;
    const { code, text } = told(await testClient({ fetch }).resolve(reference));
    expect([code, asked.length]).toEqual(["registry-plain-http", 0]);
    expect(text).toContain('insecure: ["registry.corp"]');
  });
});
