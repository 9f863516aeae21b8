/** HTTP servers of a test: a small registry whose answers can be replaced, and what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { digestOf, type ImageContent } from "./image-content.ts";

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Answers a request; `false` leaves it to the next handler. */
export type Handler = (seen: Seen, response: ServerResponse) => boolean | undefined | undefined;

/** A server on loopback. */
export interface TestServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly seen: readonly Seen[];
  /** `METHOD path` of every request so far. */
  readonly log: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Serves with the handlers, the first that answers wins; otherwise 404. */
export async function serve(...handlers: readonly Handler[]): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const now: Seen = { method, url, headers, body: Buffer.concat(pieces).toString() };
      seen.push(now);
      if (!handlers.some((handler) => handler(now, response) !== false)) response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    seen,
    log: () => seen.map(({ method, url }) => `${method} ${url}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves images as a registry does, each under its tag and its digest. */
export function content(images: Readonly<Record<string, ImageContent>>): Handler {
  const manifests = new Map<string, ImageContent>();
  const blobs = new Map<string, string>();
  const add = (image: ImageContent): void => {
    manifests.set(image.digest, image);
    for (const blob of image.blobs) blobs.set(digestOf(blob), blob);
    for (const child of image.children) add(child);
  };
  for (const [tag, image] of Object.entries(images)) {
    manifests.set(tag, image);
    add(image);
  }
  return (seen, response) => {
    const [, kind = "", name = ""] = /\/(manifests|blobs)\/([^/?]+)/.exec(seen.url) ?? [];
    const manifest = kind === "manifests" ? manifests.get(name) : undefined;
    const body = manifest?.body ?? (kind === "blobs" ? blobs.get(name) : undefined);
    if (body === undefined) return false;
    response.writeHead(200, {
      "content-type": manifest?.mediaType ?? "application/octet-stream",
      "docker-content-digest": manifest?.digest ?? name,
      "content-length": Buffer.byteLength(body),
    });
    response.end(seen.method === "HEAD" ? undefined : body);
    return true;
  };
}

/** Answers with these, one request each, then leaves requests to the next handler. */
export function inTurn(...handlers: readonly Handler[]): Handler {
  let next = 0;
  return (seen, response) => {
    const handler = handlers[next];
    next += 1;
    return handler === undefined ? false : handler(seen, response);
  };
}

/** Answers with a status, headers and a text. */
export function status(code: number, headers: Record<string, string> = {}, body = ""): Handler {
  return (seen, response) => {
    response.writeHead(code, headers).end(seen.method === "HEAD" ? undefined : body);
  };
}

/** Restricts a handler to requests whose `METHOD path` matches. */
export function on(pattern: RegExp, handler: Handler): Handler {
  return (seen, response) => (pattern.test(`${seen.method} ${seen.url}`) ? handler(seen, response) : false);
}

/** Answers 401 with `challenge` until the Authorization header is `authorization`, then leaves it to the next. */
export function login(challenge: string, authorization: string): Handler {
  return (seen, response) => {
    if (seen.headers.authorization === authorization) return false;
    response.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  };
}
