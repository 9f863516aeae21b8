import { dockerHub, type ImageReference, printImageReference } from "../../model/image-reference.ts";
import { failure, type RegistryFailure, type Subject } from "./failure.ts";
import { isLoopback } from "./proxy.ts";

/** Where the API of a registry is. */
export interface Endpoint {
  readonly registry: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly scheme: "https" | "http";
}

/** Finds the API of a registry: https, but for loopback and for what `insecure` lists. */
export function endpointOf(registry: string, insecure: readonly string[]): Endpoint {
  const host = registry === dockerHub ? "registry-1.docker.io" : registry;
  const isPlain = insecure.includes(registry) || isLoopback(host.replace(/:\d+$/, ""));
  const scheme = isPlain ? "http" : "https";
  const base = `${scheme}://${host}`;
  return { registry, origin: URL.canParse(base) ? new URL(base).origin : base, scheme };
}

/** Names a registry, and an image of it, for messages. */
export function subjectOf(endpoint: Endpoint, reference?: ImageReference): Subject {
  const { registry } = endpoint;
  return {
    registry,
    image: reference === undefined ? registry : printImageReference(reference),
    url: `${endpoint.origin}/v2/`,
    login: registry === dockerHub ? "docker.io" : registry,
  };
}

/** The endpoint of a reference; `http://` in front is obeyed only where plain HTTP is allowed. */
export function endpointOfReference(
  reference: ImageReference,
  insecure: readonly string[],
): Endpoint | RegistryFailure {
  const endpoint = endpointOf(reference.registry, insecure);
  const isRefused = reference.scheme === "http" && endpoint.scheme !== "http";
  return isRefused ? failure("registry-plain-http", subjectOf(endpoint, reference)) : endpoint;
}
