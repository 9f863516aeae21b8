import { join } from "node:path";
import { dockerHub } from "../../model/image-reference.ts";
import type { Credentials } from "./credential-helper.ts";
import type { Env } from "./proxy.ts";

/** Reads a file; nothing when there is none. Rejects when it cannot be read. */
export type ReadFile = (path: string) => Promise<string | undefined>;

/** What we use of Docker's `config.json`. */
export interface DockerConfig {
  /** For people: `~/.docker/config.json`. */
  readonly file: string;
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore: string | undefined;
}

/** A configuration or entry that does not say what it should. */
export interface ConfigProblem {
  readonly kind: "config-problem";
  readonly file: string;
  readonly detail: string;
}

/** The server name under which Docker keeps the credentials of Docker Hub. */
export const dockerHubServer = "https://index.docker.io/v1/";

/** Loads the first configuration that exists: Docker's, else Podman's. The order is that of rules_oci. */
export async function loadDockerConfig(env: Env, read: ReadFile): Promise<DockerConfig | ConfigProblem | undefined> {
  for (const path of configPaths(env)) {
    const file = displayPath(path, env);
    try {
      const text = await read(path);
      if (text !== undefined) return parseDockerConfig(file, text);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read";
      return { kind: "config-problem", file, detail: code };
    }
  }
  return undefined;
}

/** Reads `config.json`. Never repeats its text, which holds secrets. */
export function parseDockerConfig(file: string, text: string): DockerConfig | ConfigProblem {
  const problem = (detail: string): ConfigProblem => ({ kind: "config-problem", file, detail });
  let config: unknown;
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return problem("it is not JSON");
  }
  if (!isRecord(config)) return problem("it is not a JSON object");
  const { auths = {}, credHelpers = {}, credsStore } = config;
  if (!isRecord(auths)) return problem("`auths` is not an object");
  if (!isRecord(credHelpers) || !isRecordOfStrings(credHelpers)) return problem("`credHelpers` does not map to names");
  if (credsStore !== undefined && typeof credsStore !== "string") return problem("`credsStore` is not a string");
  return { file, auths, credHelpers, credsStore: credsStore === "" ? undefined : credsStore };
}

/** The name that Docker gives a registry when it talks to a helper. */
export function serverName(registry: string): string {
  return registry === dockerHub ? dockerHubServer : registry;
}

/** Finds the entry of a registry in `auths` or `credHelpers`: keys are hosts or URLs, Docker Hub has several names. */
export function entryOf<T>(entries: Readonly<Record<string, T>>, registry: string): T | undefined {
  const names = registry === dockerHub ? [dockerHub, "docker.io", "registry-1.docker.io"] : [registry];
  const exact = [serverName(registry), ...names].find((name) => Object.hasOwn(entries, name));
  const key = exact ?? Object.keys(entries).find((name) => names.includes(hostOf(name)));
  return key === undefined ? undefined : entries[key];
}

/** Reads the credentials that an entry of `auths` holds; `{}` is Docker's way to say that a helper has them. */
export function readAuthEntry(
  entry: unknown,
): Credentials | "none" | { readonly kind: "problem"; readonly detail: string } {
  if (!isRecord(entry)) return { kind: "problem", detail: "its entry is not an object" };
  const text = (name: string): string => (typeof entry[name] === "string" ? entry[name] : "");
  if (text("identitytoken") !== "") return { kind: "identity-token", token: text("identitytoken") };
  if (text("registrytoken") !== "") return { kind: "registry-token", token: text("registrytoken") };
  if (text("auth") !== "") return readAuth(text("auth"));
  if (text("username") === "" && text("password") === "") return "none";
  return { kind: "basic", username: text("username"), password: text("password") };
}

function readAuth(auth: string): ReturnType<typeof readAuthEntry> {
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) return { kind: "problem", detail: "`auth` is not the base64 of user:password" };
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1).replace(/\0+$/, "");
  return username === "<token>" ? { kind: "identity-token", token: password } : { kind: "basic", username, password };
}

function configPaths(env: Env): readonly string[] {
  const home = env.HOME ?? env.USERPROFILE;
  const docker = env.DOCKER_CONFIG || (home && join(home, ".docker"));
  const runtime = env.XDG_RUNTIME_DIR || (home && join(home, ".config"));
  const podman = env.REGISTRY_AUTH_FILE || (runtime && join(runtime, "containers", "auth.json"));
  return [docker && join(docker, "config.json"), podman].flatMap((path) => path || []);
}

function displayPath(path: string, env: Env): string {
  const home = env.HOME;
  return home !== undefined && home !== "" && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecordOfStrings(record: Record<string, unknown>): record is Record<string, string> {
  return Object.values(record).every((value) => typeof value === "string");
}
