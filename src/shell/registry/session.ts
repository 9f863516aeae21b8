import { type Challenge, chooseChallenge } from "./challenge.ts";
import type { FindCredentials, FoundCredentials } from "./credentials.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HttpAnswer } from "./exchange.ts";
import { failure, isFailure, type Redactor, type RegistryFailure, type Subject } from "./failure.ts";
import type { Http } from "./http.ts";
import { errorText, problemFailure } from "./outcome.ts";
import { basicAuthorization, requestToken } from "./token.ts";

/** A request to the API of a registry. */
export interface ApiRequest {
  readonly endpoint: Endpoint;
  readonly subject: Subject;
  readonly method: "GET" | "HEAD";
  /** Below the origin: `/v2/library/node/manifests/20`. */
  readonly path: string;
  /** For the scope of a token; none for `/v2/` itself. */
  readonly repository?: string;
  readonly accept?: string;
  readonly maxBytes: number;
}

/** Sends requests to registries, authenticated where they ask for it. */
export type SendApiRequest = (request: ApiRequest) => Promise<HttpAnswer | RegistryFailure>;

/** What a session is made of. */
export interface SessionOptions {
  readonly http: Http;
  readonly find: FindCredentials;
  readonly redactor: Redactor;
}

/**
 * Makes a session. The first request goes out bare; a 401 is answered as its challenge asks, and what worked is kept for
 * the repository. A kept token that has run out gets the same 401 and is asked for anew, once for all who wait for it.
 */
export function createSession({ http, find, redactor }: SessionOptions): SendApiRequest {
  const kept = new Map<string, ReturnType<typeof authorize>>();
  return async (request) => {
    const key = `${request.endpoint.origin} ${request.repository ?? ""}`;
    const before = kept.get(key);
    const header = await before;
    const first = await send(request, http, isFailure(header) ? undefined : header);
    if (isFailure(first) || !asksForLogin(first, request.endpoint)) return first;
    const challenge = chooseChallenge(first.header("www-authenticate"));
    if (challenge === undefined) return first;
    if (kept.get(key) === before) kept.set(key, authorize(request, challenge, { http, find, redactor }));
    const authorization = await kept.get(key);
    if (isFailure(authorization)) return authorization;
    // The same login again would only count as one more wrong one.
    const isNew = authorization !== undefined && authorization !== header;
    const second = isNew ? await send(request, http, authorization) : first;
    if (isFailure(second) || (second.status !== 401 && second.status !== 403)) return second;
    // Why, says the body, and HEAD has none: the caller goes on with a GET.
    if (request.method === "HEAD") return second;
    const found = await find(request.subject);
    const note = credentialsNote(isFailure(found) ? undefined : found);
    return failure("registry-unauthorized", request.subject, { detail: `${said(second)} (${note})` });
  };
}

/** Says where the credentials came from, never what they are. */
export function credentialsNote(found: FoundCredentials | undefined): string {
  return found === undefined ? "no credentials were found" : `with the credentials of ${found.from}`;
}

function said(answer: HttpAnswer): string {
  return errorText(answer) ?? `HTTP ${answer.status}`;
}

/** A challenge of the host that a redirect led to is not answered: the credentials are not for it. */
function asksForLogin(answer: HttpAnswer, endpoint: Endpoint): boolean {
  return answer.status === 401 && answer.url.origin === endpoint.origin;
}

async function send(
  request: ApiRequest,
  http: Http,
  authorization: string | undefined,
): Promise<HttpAnswer | RegistryFailure> {
  const outcome = await http({
    method: request.method,
    url: new URL(request.path, request.endpoint.origin),
    headers: {
      "user-agent": "gen-bazel-images",
      ...(request.accept !== undefined && { accept: request.accept }),
      ...(authorization !== undefined && { authorization }),
    },
    maxBytes: request.maxBytes,
    allowsPlainHttp: request.endpoint.scheme === "http",
  });
  return outcome.kind === "problem" ? problemFailure(outcome, request.subject) : outcome;
}

/** Makes the Authorization header that a challenge asks for; nothing when there is nothing to say. */
async function authorize(
  request: ApiRequest,
  challenge: Challenge,
  { http, find, redactor }: SessionOptions,
): Promise<string | undefined | RegistryFailure> {
  const found = await find(request.subject);
  if (isFailure(found)) return found;
  if (challenge.scheme === "basic") {
    return found?.credentials.kind === "basic" ? basicAuthorization(found.credentials) : undefined;
  }
  const pull = request.repository === undefined ? undefined : `repository:${request.repository}:pull`;
  const token = await requestToken(
    {
      challenge,
      scope: challenge.parameters.scope ?? pull,
      credentials: found?.credentials,
      note: credentialsNote(found),
      subject: request.subject,
      allowsPlainHttp: request.endpoint.scheme === "http",
    },
    http,
  );
  if (isFailure(token)) return token;
  redactor.add(token);
  return `Bearer ${token}`;
}
