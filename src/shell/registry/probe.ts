import { type Challenge, chooseChallenge } from "./challenge.ts";
import type { FindCredentials, FoundCredentials } from "./credentials.ts";
import { type Endpoint, subjectOf } from "./endpoint.ts";
import { type HttpAnswer, problem } from "./exchange.ts";
import { failure, isFailure, type RegistryFailure } from "./failure.ts";
import type { Http } from "./http.ts";
import { challengesSince, isKnownToRulesOci, rulesOciChallenge } from "./known-registries.ts";
import { problemFailure, statusFailure } from "./outcome.ts";
import type { SendApiRequest } from "./session.ts";

/** What rules_oci will need besides credentials, to pull from a registry. */
export interface RulesOciNeeds {
  /** Its bearer tokens work only with this value, `{ registry: challenge }`, in `www_authenticate_challenges`. */
  readonly challenge?: string;
  /** The first version of rules_oci that takes it; older ones need a credential helper of Bazel's. */
  readonly challengeSince?: string;
  /** An identity token works only with `--repo_env=OCI_ENABLE_OAUTH2_SUPPORT=1`. */
  readonly oauth2: boolean;
}

/** What `doctor` says about a registry. */
export interface Probe {
  readonly registry: string;
  readonly reachable: boolean;
  readonly scheme: "https" | "http";
  readonly auth: "none" | "basic" | "bearer" | "unknown";
  /** The token server, without its query. */
  readonly realm?: string;
  readonly service?: string;
  readonly credentials: { readonly found: boolean; readonly from?: string };
  readonly rulesOci: RulesOciNeeds;
  /** Not reachable, or credentials that cannot be had or are refused. */
  readonly problem?: RegistryFailure;
}

/** What probing needs. */
export interface ProbeOptions {
  readonly http: Http;
  readonly find: FindCredentials;
  readonly send: SendApiRequest;
}

/** Asks a registry how it authenticates, and whether the credentials at hand are good for it. */
export async function probeRegistry(endpoint: Endpoint, { http, find, send }: ProbeOptions): Promise<Probe> {
  const subject = subjectOf(endpoint);
  const outcome = URL.canParse(endpoint.origin)
    ? await http(pingRequest(endpoint))
    : problem("unreachable", "that is not the name of a registry");
  const found = await find(subject);
  const credentials = isFailure(found) ? undefined : found;
  const base = {
    registry: endpoint.registry,
    scheme: endpoint.scheme,
    credentials: { found: credentials !== undefined, ...(credentials !== undefined && { from: credentials.from }) },
  };
  if (outcome.kind === "problem") {
    const needs = { oauth2: false };
    return { ...base, reachable: false, auth: "unknown", rulesOci: needs, problem: problemFailure(outcome, subject) };
  }
  const challenge = outcome.status === 401 ? chooseChallenge(outcome.header("www-authenticate")) : undefined;
  const login = isFailure(found) ? found : await loginProblem(outcome, credentials, endpoint, send);
  return {
    ...base,
    reachable: true,
    auth: authOf(outcome, challenge),
    ...challengeParts(challenge),
    rulesOci: rulesOciNeeds(endpoint.registry, challenge, credentials),
    ...(login !== undefined && { problem: login }),
  };
}

function pingRequest(endpoint: Endpoint): Parameters<Http>[0] {
  const url = new URL("/v2/", endpoint.origin);
  return { method: "GET", url, headers: {}, maxBytes: 1 << 20, allowsPlainHttp: endpoint.scheme === "http" };
}

function authOf(answer: HttpAnswer, challenge: Challenge | undefined): Probe["auth"] {
  if (challenge !== undefined) return challenge.scheme === "basic" ? "basic" : "bearer";
  return answer.status === 200 ? "none" : "unknown";
}

/** Without credentials a login is not tried: public images may need none. */
async function loginProblem(
  ping: HttpAnswer,
  credentials: FoundCredentials | undefined,
  endpoint: Endpoint,
  send: SendApiRequest,
): Promise<RegistryFailure | undefined> {
  const subject = subjectOf(endpoint);
  if (ping.status === 200 || (ping.status === 401 && credentials === undefined)) return undefined;
  if (ping.status !== 401) {
    const result = statusFailure(ping, subject);
    const detail = "/v2/ is not there";
    return result.code === "image-not-found" ? failure("registry-bad-answer", subject, { detail }) : result;
  }
  const answer = await send({ endpoint, subject, method: "GET", path: "/v2/", maxBytes: 1 << 20 });
  if (isFailure(answer)) return answer;
  // A token without a scope is refused by some registries, although the login behind it was fine.
  return answer.status >= 500 ? statusFailure(answer, subject) : undefined;
}

function challengeParts(challenge: Challenge | undefined): { realm?: string; service?: string } {
  const realm = realmOf(challenge);
  const service = challenge?.scheme === "bearer" ? challenge.parameters.service : undefined;
  return { ...(realm !== undefined && { realm }), ...(service !== undefined && { service }) };
}

function realmOf(challenge: Challenge | undefined): string | undefined {
  const realm = challenge?.parameters.realm;
  if (challenge?.scheme !== "bearer" || realm === undefined || !URL.canParse(realm)) return undefined;
  const { origin, pathname } = new URL(realm);
  return `${origin}${pathname}`;
}

function rulesOciNeeds(
  registry: string,
  challenge: Challenge | undefined,
  found: FoundCredentials | undefined,
): RulesOciNeeds {
  const oauth2 = found?.credentials.kind === "identity-token";
  const realm = realmOf(challenge);
  if (realm === undefined || isKnownToRulesOci(registry)) return { oauth2 };
  const value = rulesOciChallenge(realm, challenge?.parameters.service);
  return { challenge: value, challengeSince: challengesSince, oauth2 };
}
