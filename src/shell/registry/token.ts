import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credential-helper.ts";
import type { HttpRequest } from "./exchange.ts";
import { failure, type RegistryFailure, type Subject } from "./failure.ts";
import type { Http } from "./http.ts";
import { parseJsonBody, problemFailure, statusFailure } from "./outcome.ts";

/** What a token is asked for. */
export interface TokenRequest {
  readonly challenge: Challenge;
  /** Space-separated, as in the challenge; none for a login alone. */
  readonly scope: string | undefined;
  readonly credentials: Credentials | undefined;
  /** Where the credentials are from, for messages. */
  readonly note: string;
  readonly subject: Subject;
  readonly allowsPlainHttp: boolean;
}

const clientId = "gen-bazel-images";

/** Gets a bearer token from the token server that the challenge names. */
export async function requestToken(request: TokenRequest, http: Http): Promise<string | RegistryFailure> {
  const { challenge, credentials, subject } = request;
  if (credentials?.kind === "registry-token") return credentials.token;
  const realm = realmOf(challenge, request.allowsPlainHttp);
  if (typeof realm === "string") return failure("registry-bad-answer", subject, { detail: realm });
  const outcome = await http(
    credentials?.kind === "identity-token"
      ? refreshRequest(request, realm, credentials.token)
      : plainRequest(request, realm, credentials),
  );
  if (outcome.kind === "problem") return problemFailure(outcome, subject);
  if (outcome.status !== 200) return refused(statusFailure(outcome, subject, request.note), realm);
  const token = tokenOf(parseJsonBody(outcome.body));
  const detail = `the token server ${realm.host} sent no token`;
  return token ?? failure("registry-bad-answer", subject, { detail });
}

/** The token server's 400 and 404 are about the login, not about the image. */
function refused(result: RegistryFailure, realm: URL): RegistryFailure {
  const { code, args } = result;
  if (code !== "image-not-found" && code !== "registry-bad-answer" && code !== "registry-unauthorized") return result;
  const detail = `the token server ${realm.host} says: ${args.detail}`;
  return { ...result, code: "registry-unauthorized", args: { ...args, detail } };
}

function realmOf(challenge: Challenge, allowsPlainHttp: boolean): URL | string {
  const realm = challenge.parameters.realm ?? "";
  if (!URL.canParse(realm)) return "its WWW-Authenticate header names no token server";
  const url = new URL(realm);
  url.username = "";
  url.password = "";
  if (url.protocol === "https:" || (url.protocol === "http:" && allowsPlainHttp)) return url;
  return `its token server would get the credentials without TLS, ${url.origin}`;
}

function plainRequest(request: TokenRequest, realm: URL, credentials: Credentials | undefined): HttpRequest {
  const url = new URL(realm);
  const service = request.challenge.parameters.service;
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of request.scope?.split(" ") ?? []) url.searchParams.append("scope", scope);
  if (credentials?.kind !== "basic") return { ...base(request), method: "GET", url, headers: {} };
  url.searchParams.set("account", credentials.username);
  return { ...base(request), method: "GET", url, headers: { authorization: basicAuthorization(credentials) } };
}

function refreshRequest(request: TokenRequest, url: URL, refreshToken: string): HttpRequest {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: request.challenge.parameters.service ?? "",
    client_id: clientId,
    ...(request.scope !== undefined && { scope: request.scope }),
    refresh_token: refreshToken,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { ...base(request), method: "POST", url, headers, body: form.toString() };
}

function base(request: TokenRequest): { maxBytes: number; allowsPlainHttp: boolean } {
  return { maxBytes: 1 << 20, allowsPlainHttp: request.allowsPlainHttp };
}

/** The header of basic authentication, in UTF-8. */
export function basicAuthorization(credentials: Credentials & { readonly kind: "basic" }): string {
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}

/** Servers send `token`, `access_token`, or one of them empty. A token with a line break would end the header. */
function tokenOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(body));
  const tokens = [fields.get("token"), fields.get("access_token")];
  return tokens.find((token): token is string => typeof token === "string" && /^[\x21-\x7e]+$/.test(token));
}
