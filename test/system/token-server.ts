/** A token server as Docker's registry trusts it: JWTs, signed with a key whose certificate the registry has. */
import { spawnSync } from "node:child_process";
import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Handler, type Seen, serve } from "../support/fake-registry.ts";

/** A token server that runs. */
export interface TokenServer {
  readonly host: string;
  /** `METHOD path` of the requests so far. */
  readonly log: () => readonly string[];
  /** What the registry's configuration says under `auth.token`. */
  readonly registrySettings: object;
  /** Signs a token for a repository, without asking for a login. */
  readonly sign: (repository: string, actions: readonly string[]) => string;
  /** The identity token of a user, which the server exchanges for tokens. */
  readonly identityToken: (user: string) => string;
  readonly close: () => Promise<void>;
}

const service = "registry.test";
const issuer = "token server of a test";

/** Starts a token server with a key pair in `folder`. Users may pull everything, others what is below `public/`. */
export async function startTokenServer(folder: string, users: Readonly<Record<string, string>>): Promise<TokenServer> {
  const files = { key: join(folder, "token.key"), certificate: join(folder, "token.crt") };
  const subject = ["-subj", "/CN=token-server", "-days", "2", "-nodes"];
  const request = ["req", "-x509", "-newkey", "rsa:2048", ...subject, "-keyout", files.key, "-out", files.certificate];
  const { status, stderr } = spawnSync("openssl", request, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  const signToken = signer(files);
  const identityToken = (user: string): string => `identity-${Buffer.from(user).toString("hex")}`;
  const server = await serve(tokenHandler(users, identityToken, signToken));
  const realm = `http://${server.host}/token`;
  return {
    host: server.host,
    log: server.log,
    registrySettings: { realm, service, issuer, rootcertbundle: files.certificate },
    sign: (repository, actions) => signToken("owner", [{ type: "repository", name: repository, actions }]),
    identityToken,
    close: server.close,
  };
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

type Signer = (user: string, access: readonly Access[]) => string;

function signer(files: { readonly key: string; readonly certificate: string }): Signer {
  const key = createPrivateKey(readFileSync(files.key));
  const certificate = new X509Certificate(readFileSync(files.certificate)).raw.toString("base64");
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return (user, access) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: user,
      aud: service,
      exp: now + 60,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const text = `${encode({ typ: "JWT", alg: "RS256", x5c: [certificate] })}.${encode(claims)}`;
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
  };
}

function tokenHandler(
  users: Readonly<Record<string, string>>,
  identityToken: (user: string) => string,
  signToken: Signer,
): Handler {
  return (seen, response) => {
    const asked = new URLSearchParams(seen.method === "POST" ? seen.body : new URL(seen.url, "http://x").search);
    const user = seen.method === "POST" ? refreshedUser(asked, users, identityToken) : basicUser(seen, users);
    if (user === undefined) {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ details: "incorrect username or password" }));
      return;
    }
    const granted = asked.getAll("scope").flatMap((scope) => grant(scope, user));
    const name = seen.method === "POST" ? "access_token" : "token";
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ [name]: signToken(user, granted), expires_in: 60 }));
  };
}

function refreshedUser(
  asked: URLSearchParams,
  users: Readonly<Record<string, string>>,
  identityToken: (user: string) => string,
): string | undefined {
  if (asked.get("grant_type") !== "refresh_token" || asked.get("service") !== service) return undefined;
  return Object.keys(users).find((user) => identityToken(user) === asked.get("refresh_token"));
}

/** The user of a login, "" for nobody in particular, nothing when the login is wrong. */
function basicUser(seen: Seen, users: Readonly<Record<string, string>>): string | undefined {
  const { authorization } = seen.headers;
  if (authorization === undefined) return "";
  const login = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
  return Object.keys(users).find((user) => `${user}:${users[user]}` === login);
}

function grant(scope: string, user: string): readonly Access[] {
  const [type = "", name = "", actions = ""] = scope.split(":");
  const isAllowed = user !== "" || name.startsWith("public/");
  return isAllowed ? [{ type, name, actions: actions.split(",").filter((action) => action === "pull") }] : [];
}
