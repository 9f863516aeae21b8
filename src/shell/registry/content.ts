import { createHash } from "node:crypto";
import { type ImageReference, isDigest } from "../../model/image-reference.ts";
import { type Endpoint, subjectOf } from "./endpoint.ts";
import type { HttpAnswer } from "./exchange.ts";
import { failure, isFailure, type RegistryFailure, type Subject } from "./failure.ts";
import { acceptedTypes } from "./manifest.ts";
import { parseJsonBody, statusFailure } from "./outcome.ts";
import type { ApiRequest, SendApiRequest } from "./session.ts";

/** Bytes of a registry whose digest has been checked. */
export interface Content {
  readonly digest: string;
  readonly contentType: string | undefined;
  readonly json: unknown;
}

/** What reading content of one reference needs. */
export interface ContentSource {
  readonly send: SendApiRequest;
  readonly endpoint: Endpoint;
  readonly reference: ImageReference;
  /** A larger manifest or config is refused. */
  readonly maxBytes: number;
}

/** Asks what a tag or digest stands for now; nothing when the registry does not say it in a HEAD. */
export async function headManifest(source: ContentSource): Promise<string | undefined | RegistryFailure> {
  const subject = subjectOf(source.endpoint, source.reference);
  const answer = await source.send(manifestRequest(source, "HEAD", identifierOf(source.reference)));
  if (isFailure(answer)) return answer;
  if (answer.status === 429 || answer.status >= 500) return statusFailure(answer, subject);
  // An answer to HEAD has no body: the GET that follows says why, and some registries know GET alone.
  if (answer.status !== 200) return undefined;
  const digest = answer.header("docker-content-digest");
  if (digest === undefined || !isDigest(digest)) return undefined;
  const { digest: expected } = source.reference;
  if (expected !== undefined && digest !== expected) return mismatch(subject, expected, digest);
  return digest;
}

/** Gets a manifest by tag or digest. What was announced or asked for has to be what the bytes say. */
export async function getManifest(source: ContentSource, identifier: string): Promise<Content | RegistryFailure> {
  const subject = subjectOf(source.endpoint, source.reference);
  const answer = await source.send(manifestRequest(source, "GET", identifier));
  if (isFailure(answer)) return answer;
  if (answer.status !== 200) return statusFailure(answer, subject);
  const announced = answer.header("docker-content-digest");
  const expected = [identifier, announced].filter((digest) => digest !== undefined).filter(isDigest);
  return checkedContent(answer, expected, subject);
}

/** Gets a blob that holds JSON, the config of an image; storage elsewhere is followed, without credentials. */
export async function getJsonBlob(source: ContentSource, digest: string): Promise<Content | RegistryFailure> {
  const subject = subjectOf(source.endpoint, source.reference);
  if (!isDigest(digest))
    return failure("registry-bad-answer", subject, { detail: "the digest of the config is not sha256" });
  const path = `/v2/${source.reference.repository}/blobs/${digest}`;
  const answer = await source.send({ ...common(source), method: "GET", path });
  if (isFailure(answer)) return answer;
  if (answer.status === 404)
    return failure("registry-bad-answer", subject, { detail: "the config of the image is gone" });
  if (answer.status !== 200) return statusFailure(answer, subject);
  return checkedContent(answer, [digest], subject);
}

/** The digest of a reference, else its tag, else what Docker takes then. */
export function identifierOf(reference: ImageReference): string {
  return reference.digest ?? reference.tag ?? "latest";
}

function manifestRequest(source: ContentSource, method: "GET" | "HEAD", identifier: string): ApiRequest {
  const path = `/v2/${source.reference.repository}/manifests/${identifier}`;
  return { ...common(source), method, path, accept: acceptedTypes };
}

function common({ endpoint, reference, maxBytes }: ContentSource): Omit<ApiRequest, "method" | "path"> {
  return { endpoint, subject: subjectOf(endpoint, reference), repository: reference.repository, maxBytes };
}

function checkedContent(answer: HttpAnswer, expected: readonly string[], subject: Subject): Content | RegistryFailure {
  const digest = `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
  const other = expected.find((wanted) => wanted !== digest);
  if (other !== undefined) return mismatch(subject, other, digest);
  const json = parseJsonBody(answer.body);
  if (json === undefined) return failure("registry-bad-answer", subject, { detail: "the answer is not JSON" });
  return { digest, contentType: answer.header("content-type"), json };
}

function mismatch(subject: Subject, expected: string, got: string): RegistryFailure {
  return failure("digest-mismatch", subject, { expected, got });
}
