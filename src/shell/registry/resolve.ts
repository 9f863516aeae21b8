import { type Content, type ContentSource, getJsonBlob, getManifest, headManifest, identifierOf } from "./content.ts";
import { subjectOf } from "./endpoint.ts";
import { failure, isFailure, type RegistryFailure } from "./failure.ts";
import { type ImageConfig, type Manifest, type Origin, originOf, readImageConfig, readManifest } from "./manifest.ts";

/** What a reference stands for at its registry. */
export interface Resolved extends Origin {
  readonly kind: "index" | "manifest";
  readonly digest: string;
  readonly mediaType: string;
  /** os/arch or os/arch/variant as the index has them, in its order; of a single image the one of its config. */
  readonly platforms: readonly string[];
}

/** Asks for the digest alone: a HEAD, which most registries do not count as a pull. */
export async function resolveDigest(source: ContentSource): Promise<string | RegistryFailure> {
  const digest = await headManifest(source);
  if (digest !== undefined) return digest;
  const content = await getManifest(source, identifierOf(source.reference));
  return isFailure(content) ? content : content.digest;
}

/** HEAD, then GET of the digest that it named, so that a tag which moves in between changes nothing. */
export async function resolveImage(source: ContentSource): Promise<Resolved | RegistryFailure> {
  const head = await headManifest(source);
  if (isFailure(head)) return head;
  const content = await getManifest(source, head ?? identifierOf(source.reference));
  if (isFailure(content)) return content;
  const manifest = manifestOf(content, source);
  if (isFailure(manifest)) return manifest;
  const { digest } = content;
  const { kind, mediaType } = manifest;
  if (manifest.kind === "index") {
    const platforms = [...new Set(manifest.entries.map((entry) => entry.platform))];
    return { kind, digest, mediaType, platforms, ...(await indexOrigin(manifest, source)) };
  }
  const config = await configOf(manifest, source);
  if (isFailure(config)) return config;
  const platforms = config.platform === undefined ? [] : [config.platform];
  return { kind, digest, mediaType, platforms, ...originOf([manifest.annotations, config.labels], config.created) };
}

/** Of the index itself, else of its first image for Linux. A help for people: that it cannot be had is no failure. */
async function indexOrigin(index: Manifest & { readonly kind: "index" }, source: ContentSource): Promise<Origin> {
  const own = originOf([index.annotations]);
  if (own.created !== undefined && own.revision !== undefined) return own;
  const entry = index.entries.find(({ platform }) => platform.startsWith("linux/")) ?? index.entries[0];
  if (entry === undefined) return own;
  const content = await getManifest(source, entry.digest);
  const manifest = isFailure(content) ? content : manifestOf(content, source);
  if (isFailure(manifest) || manifest.kind === "index") return own;
  const config = await configOf(manifest, source);
  const { created, labels }: ImageConfig = isFailure(config) ? { labels: {} } : config;
  return originOf([index.annotations, entry.annotations, manifest.annotations, labels], created);
}

async function configOf(
  manifest: Manifest & { readonly kind: "manifest" },
  source: ContentSource,
): Promise<ImageConfig | RegistryFailure> {
  const content = await getJsonBlob(source, manifest.config.digest);
  return isFailure(content) ? content : readImageConfig(content.json);
}

function manifestOf(content: Content, source: ContentSource): Manifest | RegistryFailure {
  const manifest = readManifest(content.json, content.contentType);
  if (!("problem" in manifest)) return manifest;
  return failure("registry-bad-answer", subjectOf(source.endpoint, source.reference), { detail: manifest.problem });
}
