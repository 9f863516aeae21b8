/**
 * A real registry, Debian's docker-registry, on a free port of loopback with storage of its own, and uploads as a client
 * makes them. It is open, has logins (htpasswd), or takes tokens that the test's own token server signs.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, type ImageContent } from "../support/image-content.ts";
import { startTokenServer, type TokenServer } from "./token-server.ts";

/** Programs that a suite with registries needs. */
export const registryPrograms = ["docker-registry", "htpasswd", "openssl"] as const;

/** How a registry lets people in. Users are names with passwords. */
export type RegistryAuth =
  | { readonly kind: "open" }
  | { readonly kind: "basic" | "token"; readonly users: Readonly<Record<string, string>> };

/** A registry that runs. */
export interface RealRegistry {
  /** `127.0.0.1:PORT`, the registry part of a reference. */
  readonly host: string;
  /** With tokens: the server that gives them. */
  readonly tokens?: TokenServer;
  /** Uploads an image with all that belongs to it, under a tag; a tag that is there moves. Gives the digest. */
  readonly push: (repository: string, tag: string, image: ImageContent) => Promise<string>;
  /** Puts another tag on an image that is there. */
  readonly tag: (repository: string, tag: string, image: ImageContent) => Promise<void>;
  /** Deletes a manifest by its digest; its tags go with it. */
  readonly remove: (repository: string, digest: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a registry; the test has to stop it. */
export async function startRegistry(auth: RegistryAuth = { kind: "open" }): Promise<RealRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "docker-registry-"));
  const tokens = auth.kind === "token" ? await startTokenServer(folder, auth.users) : undefined;
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "config.yml");
  writeFileSync(config, JSON.stringify(configuration(host, folder, auth, tokens)));
  const child = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "ignore", "pipe"] });
  const kill = (): boolean => child.kill();
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    process.off("exit", kill);
    await ended(child);
    await tokens?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(host, child);
  } catch (error) {
    await stop();
    throw error;
  }
  const send = sender(host, auth, tokens);
  return {
    host,
    ...(tokens !== undefined && { tokens }),
    push: (repository, tag, image) => upload(send, repository, tag, image),
    tag: (repository, tag, image) => uploadManifest(send, repository, tag, image),
    remove: async (repository, digest) => {
      await send(repository, "DELETE", `/v2/${repository}/manifests/${digest}`, 202);
    },
    stop,
  };
}

/** The configuration, as JSON, which is YAML. No cache: what is deleted is gone at once. */
function configuration(host: string, folder: string, auth: RegistryAuth, tokens: TokenServer | undefined): object {
  return {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, "storage") },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: host, secret: "of-a-test" },
    ...(auth.kind === "basic" && { auth: { htpasswd: { realm: "test", path: htpasswd(folder, auth.users) } } }),
    ...(tokens !== undefined && { auth: { token: tokens.registrySettings } }),
  };
}

function htpasswd(folder: string, users: Readonly<Record<string, string>>): string {
  const path = join(folder, "htpasswd");
  const lines = Object.entries(users).map(([user, password]) => {
    const { status, stdout, stderr } = spawnSync("htpasswd", ["-niB", "-C", "5", user], {
      input: password,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`htpasswd: ${stderr}`);
    return stdout.trim();
  });
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(host: string, child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    const status = await fetch(`http://${host}/v2/`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 || status === 401) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`docker-registry does not answer at ${host}: ${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await exit;
}

/** Sends a request about a repository with the rights of the registry's owner, and expects a status. */
type Send = (
  repository: string,
  method: string,
  path: string,
  expected: number,
  body?: { readonly text: string; readonly type: string },
) => Promise<Response>;

function sender(host: string, auth: RegistryAuth, tokens: TokenServer | undefined): Send {
  return async (repository, method, path, expected, body) => {
    const authorization = authorizationOf(auth, tokens, repository);
    const headers = {
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { "content-type": body.type }),
    };
    const url = new URL(path, `http://${host}`);
    const answer = await fetch(url, { method, headers, ...(body !== undefined && { body: body.text }) });
    if (answer.status === expected) return answer;
    throw new Error(`${method} ${path}: ${answer.status}, not ${expected}: ${await answer.text()}`);
  };
}

function authorizationOf(auth: RegistryAuth, tokens: TokenServer | undefined, repository: string): string | undefined {
  if (tokens !== undefined) return `Bearer ${tokens.sign(repository, ["pull", "push", "delete"])}`;
  if (auth.kind === "open") return undefined;
  const [login] = Object.entries(auth.users);
  return login === undefined ? undefined : `Basic ${Buffer.from(login.join(":")).toString("base64")}`;
}

async function upload(send: Send, repository: string, tag: string, image: ImageContent): Promise<string> {
  for (const child of image.children) await upload(send, repository, child.digest, child);
  for (const blob of image.blobs) await uploadBlob(send, repository, blob);
  await uploadManifest(send, repository, tag, image);
  return image.digest;
}

async function uploadManifest(send: Send, repository: string, tag: string, image: ImageContent): Promise<void> {
  const body = { text: image.body, type: image.mediaType };
  await send(repository, "PUT", `/v2/${repository}/manifests/${tag}`, 201, body);
}

async function uploadBlob(send: Send, repository: string, text: string): Promise<void> {
  const begun = await send(repository, "POST", `/v2/${repository}/blobs/uploads/`, 202);
  const location = new URL(begun.headers.get("location") ?? "");
  location.searchParams.set("digest", digestOf(text));
  await send(repository, "PUT", location.href, 201, { text, type: "application/octet-stream" });
}
