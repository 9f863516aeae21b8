import { createLimit } from "../limit.ts";
import { exchange, type HttpAnswer, type HttpProblem, type HttpRequest, problem, type Timeouts } from "./exchange.ts";
import type { FetchLike } from "./proxy.ts";
import { type Clock, type RetryPolicy, type Wait, withRetries } from "./retry.ts";

/** Sends a request with everything around it. Never throws. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer | HttpProblem>;

/** What the HTTP layer is made of. */
export interface HttpOptions {
  readonly fetch: FetchLike;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  /** Requests under way to one host at a time. */
  readonly concurrency: number;
  readonly onWait: (wait: Wait) => void;
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];
const mostRedirects = 8;

/** Makes the HTTP layer: redirects around retries around a limit for each host around one exchange. */
export function createHttp(options: HttpOptions): Http {
  const limit = createLimit(options.concurrency);
  const send = (request: HttpRequest): Promise<HttpAnswer | HttpProblem> =>
    withRetries(() => limit(request.url.host, () => exchange(request, options.fetch, options.timeouts)), {
      ...options,
      host: request.url.host,
    });
  return async (first) => {
    let request = first;
    for (let count = 0; count <= mostRedirects; count += 1) {
      const answer = await send(request);
      if (answer.kind === "problem" || !redirects.includes(answer.status)) return answer;
      const next = redirected(request, answer.header("location"));
      if ("kind" in next) return next;
      request = next;
    }
    return problem("unusable", `more than ${mostRedirects} redirects`);
  };
}

/** The request that a redirect asks for. Credentials stay with the host that they were meant for. */
function redirected(request: HttpRequest, location: string | undefined): HttpRequest | HttpProblem {
  if (location === undefined || !URL.canParse(location, request.url.href)) {
    return problem("unusable", "a redirect without a place to go to");
  }
  const url = new URL(location, request.url);
  url.username = "";
  url.password = "";
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return problem("unusable", `a redirect to ${url.protocol}`);
  const isDowngrade = url.protocol === "http:" && !request.allowsPlainHttp;
  if (isDowngrade) return problem("unusable", `a redirect from https to plain HTTP, ${url.origin}`);
  if (url.origin === request.url.origin) return { ...request, url };
  // The body of a POST holds a refresh token.
  if (request.method === "POST") return problem("unusable", `a redirect of a token request to ${url.origin}`);
  const { authorization: _, ...headers } = request.headers;
  return { ...request, url, headers };
}
