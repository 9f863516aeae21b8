import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryOf, parseDockerConfig, readAuthEntry } from "../src/shell/registry/docker-config.ts";
import { content, login, serve, type TestServer } from "./support/fake-registry.ts";
import { singleImage } from "./support/image-content.ts";
import { app, type TestClient, testClient, told } from "./support/registry-client.ts";

const image = singleImage();
let home = "";
let registry: TestServer;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "registry-credentials-"));
  mkdirSync(join(home, "bin"));
  mkdirSync(join(home, ".docker"));
  const right = `Basic ${Buffer.from("me:hunter22").toString("base64")}`;
  registry = await serve(login('Basic realm="corp"', right), content({ 1: image }));
});

afterEach(async () => {
  await registry.close();
  rmSync(home, { recursive: true });
});

/** Puts `docker-credential-NAME` on the PATH of the client: a real program, in sh. */
function program(name: string, script: string): void {
  const path = join(home, "bin", `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function configured(config: object | string, options: Parameters<typeof testClient>[0] = {}): TestClient {
  writeFileSync(join(home, ".docker", "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return testClient({ env: { HOME: home, PATH: `${join(home, "bin")}:/usr/bin:/bin` }, ...options });
}

const good = 'echo "$1 $(cat)" >> "$HOME/calls"; echo \'{"ServerURL":"x","Username":"me","Secret":"hunter22"}\'';

describe("credential helpers", () => {
  it("are asked as Docker asks them, once for a registry", async () => {
    program("good", `${good}; [ "$(cat "$HOME/calls")" = "get ${registry.host}" ]`);
    const client = configured({ credHelpers: { [registry.host]: "good" } });
    expect(await client.resolve(app(registry.host))).toMatchObject({ digest: image.digest });
    expect(await client.resolve(app(registry.host))).toMatchObject({ digest: image.digest });
    expect((await client.probe(registry.host)).credentials).toEqual({
      found: true,
      from: "helper docker-credential-good",
    });
  });

  it("of a registry go before the store of all", async () => {
    program("good", good);
    program("bad", "exit 1");
    const client = configured({ credsStore: "bad", credHelpers: { [`https://${registry.host}/v1/`]: "good" } });
    expect(await client.resolve(app(registry.host))).toMatchObject({ digest: image.digest });
  });

  it("of all are asked for every registry, and auths are next when they have nothing", async () => {
    program("store", "echo credentials not found in native keychain; exit 1");
    const client = configured({ credsStore: "store" });
    expect(told(await client.resolve(app(registry.host))).text).toContain("no credentials were found");
    const auths = { [registry.host]: { username: "me", password: "hunter22" } };
    const both = configured({ credsStore: "store", auths });
    expect(await both.resolve(app(registry.host))).toMatchObject({ digest: image.digest });
  });

  it.each([
    ["fails", "echo no keychain today; exit 3", "exit code 3, no keychain today"],
    ["fails on stderr", "echo locked >&2; exit 1", "exit code 1, locked"],
    ["fails with a secret", 'echo \'{"Username":"me","Secret":"hunter22"}\'; exit 1', "exit code 1"],
    ["prints rubbish", "echo hunter22 is the password", "something else than JSON with Username and Secret"],
    ["prints other JSON", 'echo \'{"user":"hunter22"}\'', "something else than JSON"],
    ["prints numbers", 'echo \'{"Username":1,"Secret":2}\'', "are no strings"],
    ["prints without end", "yes hunter22", "it prints without end"],
    ["hangs", "sleep 30", "no answer within 0.3 s"],
  ])("one that %s is told, without what it printed of secrets", async (_, script, part) => {
    program("bad", script);
    const before = Date.now();
    const result = await configured({ credsStore: "bad" }, { helperTimeout: 300 }).resolve(app(registry.host));
    const { code, text } = told(result);
    expect(code).toBe("credential-helper-failed");
    expect(text).toContain("docker-credential-bad, which ~/.docker/config.json names for");
    expect(text).toContain(part);
    expect(text).toContain(`printf %s ${registry.host} | docker-credential-bad get`);
    expect(JSON.stringify(result)).not.toContain("hunter22");
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  it("one that is not there is told", async () => {
    const { code, text } = told(await configured({ credsStore: "desktop.exe" }).resolve(app(registry.host)));
    expect(code).toBe("credential-helper-failed");
    expect(text).toContain("docker-credential-desktop.exe");
    expect(text).toContain("no such program on PATH");
  });

  it("one that is no program's name is not run", async () => {
    const client = configured({ credsStore: "../../bin/x" });
    expect(told(await client.resolve(app(registry.host))).text).toContain("cannot name a program");
  });

  it("one that does not read its input works all the same", async () => {
    program("deaf", 'exec <&-; echo \'{"Username":"me","Secret":"hunter22"}\'');
    expect(await configured({ credsStore: "deaf" }).resolve(app(registry.host))).toMatchObject({
      digest: image.digest,
    });
  });

  it("with an empty answer means anonymous", async () => {
    program("empty", 'echo \'{"Username":"","Secret":""}\'');
    const client = configured({ credsStore: "empty" });
    expect((await client.probe(registry.host)).credentials).toEqual({ found: false });
  });

  it("is not asked while the registry wants no login", async () => {
    program("bad", "exit 1");
    const open = await serve(content({ 1: image }));
    expect(await configured({ credsStore: "bad" }).resolve(app(open.host))).toMatchObject({ digest: image.digest });
    await open.close();
  });
});

describe("Docker's configuration", () => {
  const entry = { username: "me", password: "hunter22" };

  it("is looked for in DOCKER_CONFIG, then at home, then where Podman keeps it", async () => {
    const env = { HOME: home };
    const client = (extra: object) => testClient({ env: { ...env, ...extra } });
    const auths = JSON.stringify({ auths: { [registry.host]: entry } });
    mkdirSync(join(home, "ci"));
    writeFileSync(join(home, "ci", "config.json"), auths);
    const from = async (extra: object) => (await client(extra).probe(registry.host)).credentials;
    expect(await from({})).toEqual({ found: false });
    expect(await from({ DOCKER_CONFIG: join(home, "ci") })).toEqual({ found: true, from: "auths in ~/ci/config.json" });
    expect(await from({ REGISTRY_AUTH_FILE: join(home, "ci", "config.json") })).toMatchObject({ found: true });
    mkdirSync(join(home, ".config", "containers"), { recursive: true });
    writeFileSync(join(home, ".config", "containers", "auth.json"), auths);
    expect(await from({})).toEqual({ found: true, from: "auths in ~/.config/containers/auth.json" });
  });

  it.each([
    ["is not JSON", '{"auths": hunter22}', "it is not JSON"],
    ["is a list", "[]", "it is not a JSON object"],
    ["has a list of auths", '{"auths": []}', "`auths` is not an object"],
    ["has a list of helpers", '{"credHelpers": {"x": 1}}', "`credHelpers` does not map to names"],
    ["has a store that is no name", '{"credsStore": 1}', "`credsStore` is not a string"],
  ])("that %s is told, without its text", async (_, text, part) => {
    const result = await configured(text).resolve(app(registry.host));
    expect(told(result).code).toBe("docker-config-invalid");
    expect(told(result).text).toContain(`~/.docker/config.json is no configuration of Docker: ${part}`);
    expect(JSON.stringify(result)).not.toContain("hunter22");
  });

  it("with an entry that says nothing usable is told", async () => {
    const result = await configured({ auths: { [registry.host]: { auth: "aHVudGVyMjI=" } } }).resolve(
      app(registry.host),
    );
    expect(told(result).text).toContain("`auth` is not the base64 of user:password");
  });

  it("finds registries by host and by URL, and Docker Hub by all its names", () => {
    const of = (key: string, registry: string) => entryOf({ [key]: 1 }, registry);
    expect(
      ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/", "http://ghcr.io/v1/"].map((k) => of(k, "ghcr.io")),
    ).toEqual([1, 1, 1, 1]);
    expect(["ghcr.io.evil", "ghcr.io:443", "evil/ghcr.io", "io"].map((k) => of(k, "ghcr.io"))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const hub = [
      "https://index.docker.io/v1/",
      "index.docker.io",
      "docker.io",
      "registry-1.docker.io",
      "https://docker.io",
    ];
    expect(hub.map((k) => of(k, "index.docker.io"))).toEqual([1, 1, 1, 1, 1]);
    expect(entryOf({ __proto__: 1 }, "__proto__")).toBeUndefined();
  });

  it("reads entries as Docker writes them", () => {
    expect(readAuthEntry({})).toBe("none");
    expect(readAuthEntry({ auth: Buffer.from("u:p\0\0").toString("base64") })).toEqual({
      kind: "basic",
      username: "u",
      password: "p",
    });
    expect(readAuthEntry("x")).toMatchObject({ kind: "problem" });
    expect(parseDockerConfig("f", '\uFEFF{"credsStore":""}')).toEqual({
      file: "f",
      auths: {},
      credHelpers: {},
      credsStore: undefined,
    });
  });
});
