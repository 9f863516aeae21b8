import { cleanText } from "./failure.ts";
import type { FetchAnswer, FetchLike } from "./proxy.ts";

/** One request, without redirects and retries. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A longer body is refused while it is read. */
  readonly maxBytes: number;
  /** Redirects may lead to `http:` as well. */
  readonly allowsPlainHttp: boolean;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** Where it came from in the end. */
  readonly url: URL;
  readonly attempts: number;
}

/** No answer, or one that was given up. */
export interface HttpProblem {
  readonly kind: "problem";
  readonly reason: "unreachable" | "certificate" | "timeout" | "unusable" | "rate-limited";
  readonly detail: string;
  /** Another attempt may go better. */
  readonly isPassing: boolean;
}

/** How long to wait for what, in milliseconds. */
export interface Timeouts {
  /** Until the first byte of the answer. */
  readonly answer: number;
  /** Between two pieces of the body. */
  readonly idle: number;
  /** For the whole exchange. */
  readonly total: number;
}

const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS/;
const passingCode = /^(?:ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR_SOCKET|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/;

/** Sends one request and reads its whole answer, within the timeouts and the size limit. Never throws. */
export async function exchange(
  request: HttpRequest,
  fetchLike: FetchLike,
  timeouts: Timeouts,
): Promise<HttpAnswer | HttpProblem> {
  const watch = createWatch(timeouts);
  let isReading = false;
  try {
    const answer = await fetchLike(request.url.href, {
      method: request.method,
      // Digests are of the bytes as stored; a compressed answer could also be a small one that grows without end.
      headers: { ...request.headers, "accept-encoding": "identity" },
      ...(request.body !== undefined && { body: request.body }),
      redirect: "manual",
      signal: watch.signal,
    });
    isReading = true;
    const body = await readBody(answer, request.maxBytes, watch.restart);
    if (body === undefined) return problem("unusable", `more than ${request.maxBytes} bytes`);
    const header = (name: string): string | undefined => answer.headers.get(name) ?? undefined;
    return { kind: "answer", status: answer.status, header, body, url: request.url, attempts: 1 };
  } catch (error) {
    const seconds = watch.silentSeconds();
    return seconds === undefined ? classify(error, isReading) : problem("timeout", String(seconds));
  } finally {
    watch.stop();
  }
}

/** Makes a problem that another attempt would not mend, unless said. */
export function problem(reason: HttpProblem["reason"], detail: string, isPassing = false): HttpProblem {
  return { kind: "problem", reason, detail, isPassing };
}

interface Watch {
  readonly signal: AbortSignal;
  readonly restart: () => void;
  readonly stop: () => void;
  readonly silentSeconds: () => number | undefined;
}

function createWatch(timeouts: Timeouts): Watch {
  const controller = new AbortController();
  let expired: number | undefined;
  const expireAfter = (ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      expired = Math.round(ms / 100) / 10;
      controller.abort();
    }, ms);
  const total = expireAfter(timeouts.total);
  let idle = expireAfter(timeouts.answer);
  return {
    signal: controller.signal,
    restart: () => {
      clearTimeout(idle);
      idle = expireAfter(timeouts.idle);
    },
    stop: () => {
      clearTimeout(idle);
      clearTimeout(total);
    },
    silentSeconds: () => expired,
  };
}

async function readBody(answer: FetchAnswer, maxBytes: number, onPiece: () => void): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  onPiece();
  for await (const piece of answer.body ?? []) {
    onPiece();
    size += piece.byteLength;
    if (size > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function classify(error: unknown, isReading: boolean): HttpProblem {
  const { code, message } = rootOf(error);
  if (certificateCode.test(code)) return problem("certificate", cleanText(message || code));
  if (code === "UND_ERR_CONNECT_TIMEOUT") return problem("unreachable", "no connection in time", true);
  if (isReading) return problem("unreachable", "the connection was closed in the middle of the answer", true);
  return problem("unreachable", cleanText(message || code), passingCode.test(code));
}

/** `fetch` wraps what happened, sometimes twice. */
function rootOf(error: unknown): { code: string; message: string } {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (!(current instanceof Error)) return { code: "", message: String(current) };
  const code = "code" in current && typeof current.code === "string" ? current.code : "";
  return { code, message: current.message === "" ? code : current.message };
}
