import { afterEach, describe, expect, it } from "vitest";
import { chooseChallenge, parseChallenges } from "../src/shell/registry/challenge.ts";
import {
  content,
  type Handler,
  login,
  on,
  type Seen,
  serve,
  status,
  type TestServer,
} from "./support/fake-registry.ts";
import { singleImage } from "./support/image-content.ts";
import { app, testClient, told } from "./support/registry-client.ts";

const servers: TestServer[] = [];
const image = singleImage();
const env = { HOME: "/home/me" };

async function started(...handlers: readonly Handler[]): Promise<TestServer> {
  const server = await serve(...handlers);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function config(host: string, entry: object): () => Promise<string> {
  return async () => JSON.stringify({ auths: { [host]: entry } });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** A registry that takes the bearer token `t0ken` and sends people to `realm` for it. */
function bearerRegistry(realm: string, scope = 'scope="repository:team/app:pull"'): Promise<TestServer> {
  return started(
    login(`Bearer realm="${realm}",service="registry.test",${scope}`, "Bearer t0ken"),
    content({ 1: image }),
  );
}

/** A token server that answers `body` to who `isWelcome`. */
function tokenServer(body: object, isWelcome: (seen: Seen) => boolean = () => true): Promise<TestServer> {
  return started((seen, response) => {
    response.writeHead(isWelcome(seen) ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(isWelcome(seen) ? body : { details: "incorrect username or password" }));
  });
}

describe("basic", () => {
  const registry = (): Promise<TestServer> =>
    started(login('Basic realm="corp"', `Basic ${base64("me:päss:word")}`), content({ 1: image }));

  it.each([
    ["auth", { auth: base64("me:päss:word") }],
    ["username and password", { username: "me", password: "päss:word" }],
  ])("takes %s of Docker's config", async (_, entry) => {
    const { host } = await registry();
    expect(await testClient({ env, read: config(host, entry) }).resolve(app(host))).toMatchObject({
      digest: image.digest,
    });
  });

  it("says that no credentials were found", async () => {
    const { host } = await registry();
    const { code, text } = told(await testClient().resolve(app(host)));
    expect(code).toBe("registry-unauthorized");
    expect(text).toContain("no credentials were found");
  });

  it("says which credentials were refused, and not what they are", async () => {
    const { host } = await started((_, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="corp"', "content-type": "application/json" });
      response.end(
        JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: `bad login hunter22 ${base64("me:hunter22")}` }] }),
      );
    });
    const read = config(host, { auth: base64("me:hunter22") });
    const result = await testClient({ env, read }).resolve(app(host));
    expect(told(result).text).toContain("bad login *** *** (with the credentials of auths in ~/.docker/config.json)");
    expect(JSON.stringify(result)).not.toContain("hunter22");
  });

  it("sends nothing before it is asked", async () => {
    const server = await started(content({ 1: image }));
    await testClient({ env, read: config(server.host, { auth: base64("a:b") }) }).resolve(app(server.host));
    expect(server.seen.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });
});

describe("bearer", () => {
  it.each([
    ["token", { token: "t0ken" }],
    ["access_token", { access_token: "t0ken" }],
    ["token, with an empty access_token", { token: "t0ken", access_token: "" }],
  ])("gets an anonymous token (%s), once for a repository", async (_, body) => {
    const tokens = await tokenServer(body);
    const registry = await bearerRegistry(`http://${tokens.host}/token?x=1`);
    expect(await testClient().resolve(app(registry.host))).toMatchObject({ digest: image.digest });
    expect(tokens.log()).toEqual(["GET /token?x=1&service=registry.test&scope=repository%3Ateam%2Fapp%3Apull"]);
    expect(tokens.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("asks to pull when the challenge has no scope", async () => {
    const tokens = await tokenServer({ token: "t0ken" });
    const registry = await bearerRegistry(`http://${tokens.host}/`, 'x="y"');
    await testClient().resolve(app(registry.host));
    expect(tokens.log()[0]).toContain("scope=repository%3Ateam%2Fapp%3Apull");
  });

  it("gives the token server the user's login", async () => {
    const tokens = await tokenServer(
      { token: "t0ken" },
      (seen) => seen.headers.authorization === `Basic ${base64("me:hunter22")}`,
    );
    const registry = await bearerRegistry(`http://${tokens.host}/token`);
    const read = config(registry.host, { auth: base64("me:hunter22") });
    expect(await testClient({ env, read }).resolve(app(registry.host))).toMatchObject({ digest: image.digest });
    expect(registry.seen.every(({ headers }) => headers.authorization?.startsWith("Basic") !== true)).toBe(true);
    const wrong = config(registry.host, { auth: base64("me:wrong") });
    const { code, text } = told(await testClient({ env, read: wrong }).resolve(app(registry.host)));
    expect(code).toBe("registry-unauthorized");
    expect(text).toContain(
      `the token server ${tokens.host} says: incorrect username or password (with the credentials of`,
    );
  });

  it.each([
    ["identitytoken", { auth: base64("x:"), identitytoken: "id-t0ken" }],
    ["<token> as user", { auth: base64("<token>:id-t0ken") }],
  ])("exchanges an identity token (%s) by POST", async (_, entry) => {
    const tokens = await tokenServer({ access_token: "t0ken" });
    const registry = await bearerRegistry(`http://${tokens.host}/oauth2/token`);
    const client = testClient({ env, read: config(registry.host, entry) });
    expect(await client.resolve(app(registry.host))).toMatchObject({ digest: image.digest });
    expect(tokens.log()).toEqual(["POST /oauth2/token"]);
    expect(Object.fromEntries(new URLSearchParams(tokens.seen[0]?.body))).toEqual({
      grant_type: "refresh_token",
      service: "registry.test",
      client_id: "gen-bazel-images",
      scope: "repository:team/app:pull",
      refresh_token: "id-t0ken",
    });
  });

  it("does not take an identity token along a redirect", async () => {
    const thief = await tokenServer({ token: "t0ken" });
    const tokens = await started(status(307, { location: `http://${thief.host}/token` }));
    const registry = await bearerRegistry(`http://${tokens.host}/token`);
    const read = config(registry.host, { identitytoken: "id-t0ken" });
    expect(told(await testClient({ env, read }).resolve(app(registry.host))).text).toContain(
      "a redirect of a token request",
    );
    expect(thief.seen).toEqual([]);
  });

  it("sends a registry token as it is", async () => {
    const registry = await bearerRegistry("http://127.0.0.1:1/");
    const read = config(registry.host, { registrytoken: "t0ken" });
    expect(await testClient({ env, read }).resolve(app(registry.host))).toMatchObject({ digest: image.digest });
  });

  it("gets a new token when the old one has run out, once for all that wait", async () => {
    let current = 0;
    const tokens = await started((_, response) => {
      current += 1;
      response.writeHead(200).end(JSON.stringify({ token: `t${current}` }));
    });
    const guard: Handler = (seen, response) => {
      if (seen.headers.authorization === `Bearer t${current}`) return false;
      response.writeHead(401, { "www-authenticate": `Bearer realm="http://${tokens.host}/"` }).end();
      return true;
    };
    const { host } = await started(guard, content({ 1: image }));
    const client = testClient();
    await client.resolve(app(host));
    current = 10;
    const all = await Promise.all([1, 2, 3].map(() => client.resolveDigest(app(host))));
    expect(all).toEqual([image.digest, image.digest, image.digest]);
    expect(current).toBe(11);
  });

  it.each([
    ["no token", { token: "" }, "sent no token"],
    ["a token with a line break", { token: "a\nb" }, "sent no token"],
  ])("refuses %s", async (_, body, part) => {
    const tokens = await tokenServer(body);
    const registry = await bearerRegistry(`http://${tokens.host}/`);
    const { code, text } = told(await testClient().resolve(app(registry.host)));
    expect(code).toBe("registry-bad-answer");
    expect(text).toContain(part);
  });

  it("gives credentials to no token server without TLS, when the registry has it", async () => {
    const asked: string[] = [];
    const fetch = async (url: string) => {
      asked.push(url);
      const headers = new Headers({ "www-authenticate": 'Bearer realm="http://tokens.example/t"' });
      return { status: 401, headers, body: null };
    };
    const reference = { registry: "registry.example", repository: "x" };
    const { text } = told(await testClient({ fetch }).resolve(reference));
    expect(text).toContain("its token server would get the credentials without TLS, http://tokens.example");
    expect(asked).toHaveLength(1);
  });

  it("tells when the token is not enough", async () => {
    const tokens = await tokenServer({ token: "other" });
    const registry = await bearerRegistry(`http://${tokens.host}/`);
    expect(told(await testClient().resolve(app(registry.host))).code).toBe("registry-unauthorized");
  });
});

describe("probe", () => {
  const ping = on(/\/v2\/$/, status(200));

  it("knows an open registry", async () => {
    const { host } = await started(ping);
    expect(await testClient().probe(host)).toEqual({
      registry: host,
      reachable: true,
      scheme: "http",
      auth: "none",
      credentials: { found: false },
      rulesOci: { oauth2: false },
    });
  });

  it("knows basic auth, and says when the login is refused", async () => {
    const { host } = await started(login('Basic realm="corp"', `Basic ${base64("me:right")}`), ping);
    expect(await testClient().probe(host)).toMatchObject({ auth: "basic", credentials: { found: false } });
    const from = "auths in ~/.docker/config.json";
    const good = await testClient({ env, read: config(host, { auth: base64("me:right") }) }).probe(host);
    expect(good).toMatchObject({ auth: "basic", credentials: { found: true, from } });
    expect(good).not.toHaveProperty("problem");
    const bad = await testClient({ env, read: config(host, { auth: base64("me:wrong") }) }).probe(host);
    expect(told(bad.problem).code).toBe("registry-unauthorized");
  });

  it("gives the challenge that rules_oci needs for bearer tokens", async () => {
    const tokens = await tokenServer({ token: "t0ken" });
    const { host } = await bearerRegistry(`http://${tokens.host}/token?secret=1`);
    const probe = await testClient({ env, read: config(host, { identitytoken: "id-t0ken" }) }).probe(host);
    expect(probe).toMatchObject({
      auth: "bearer",
      realm: `http://${tokens.host}/token`,
      service: "registry.test",
      rulesOci: {
        challenge: `Bearer realm="http://${tokens.host}/token",service="registry.test"`,
        challengeSince: "2.2.4",
        oauth2: true,
      },
    });
  });

  it.each([
    ["ghcr.io", true],
    ["index.docker.io", true],
    ["acme.azurecr.io", true],
    ["quay.io", true],
    ["gitlab.example.com:5050", false],
  ])("compares %s with the list of rules_oci", async (registry, isKnown) => {
    const headers = new Headers({ "www-authenticate": 'Bearer realm="https://r.example/t",service="s"' });
    const probe = await testClient({ fetch: async () => ({ status: 401, headers, body: null }) }).probe(registry);
    expect(probe.rulesOci.challenge === undefined).toBe(isKnown);
  });

  it("says when nobody answers, or no registry", async () => {
    const { host, close } = await serve();
    await close();
    const gone = await testClient().probe(host);
    expect([gone.reachable, told(gone.problem).code]).toEqual([false, "registry-unreachable"]);
    const nonsense = await testClient().probe("no registry:99999");
    expect([nonsense.reachable, told(nonsense.problem).code]).toEqual([false, "registry-unreachable"]);
    const other = await started();
    const web = await testClient().probe(other.host);
    expect([web.auth, told(web.problem).code]).toEqual(["unknown", "registry-bad-answer"]);
  });
});

describe("parseChallenges", () => {
  it.each([
    ['Bearer realm="https://a/b?c=d",service="s",scope="repository:x:pull,push"', [["bearer", "https://a/b?c=d"]]],
    [
      'Basic realm="a, b", Bearer realm="c"',
      [
        ["basic", "a, b"],
        ["bearer", "c"],
      ],
    ],
    [
      "Negotiate, Basic realm=plain",
      [
        ["negotiate", undefined],
        ["basic", "plain"],
      ],
    ],
    ['BEARER REALM = "say \\"x\\""', [["bearer", 'say "x"']]],
    ["", []],
    ["???", []],
    ['"', []],
  ])("reads %j", (header, expected) => {
    expect(parseChallenges(header).map(({ scheme, parameters }) => [scheme, parameters.realm])).toEqual(expected);
  });

  it("takes bearer before basic, and nothing else", () => {
    expect(chooseChallenge('Basic realm="a", Bearer realm="b"')?.scheme).toBe("bearer");
    expect(chooseChallenge("Negotiate")).toBeUndefined();
    expect(chooseChallenge(undefined)).toBeUndefined();
  });
});
