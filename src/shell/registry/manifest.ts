/** Media types, platforms and annotations of manifests and indexes, OCI's and Docker's. Pure. */

/** An entry of an index, or the config of a manifest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** os/arch or os/arch/variant, exactly as the index has it. */
  readonly platform?: string;
}

/** What a manifest says. */
export type Manifest =
  | {
      readonly kind: "index";
      readonly mediaType: string;
      readonly annotations: Readonly<Record<string, string>>;
      /** Images for a platform, without attestations. */
      readonly entries: readonly (Descriptor & { readonly platform: string })[];
    }
  | {
      readonly kind: "manifest";
      readonly mediaType: string;
      readonly annotations: Readonly<Record<string, string>>;
      readonly config: Descriptor;
    };

const indexTypes: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const manifestTypes: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** For the Accept header. */
export const acceptedTypes = [...indexTypes, ...manifestTypes].join(", ");

/**
 * Reads a manifest. The media type in the body wins, then the Content-Type, then the shape; that is what the OCI
 * specification asks for, and what rules_oci does. Says what is wrong when it is none.
 */
export function readManifest(body: unknown, contentType: string | undefined): Manifest | { readonly problem: string } {
  if (!isRecord(body)) return { problem: "the manifest is not a JSON object" };
  const mediaType = mediaTypeOf(body, contentType);
  if (body.schemaVersion === 1 || mediaType?.includes("manifest.v1+pretty") === true) {
    return { problem: "the image has a manifest of Docker's schema 1, which rules_oci does not pull either" };
  }
  const annotations = stringsOf(body.annotations);
  if (mediaType !== undefined && indexTypes.includes(mediaType)) {
    if (!Array.isArray(body.manifests)) return { problem: "the index lists no manifests" };
    const entries = body.manifests.flatMap((entry: unknown) => platformEntry(entry));
    return { kind: "index", mediaType, annotations, entries };
  }
  const config = descriptorOf(body.config);
  if (mediaType !== undefined && manifestTypes.includes(mediaType)) {
    return config === undefined
      ? { problem: "the manifest has no config" }
      : { kind: "manifest", mediaType, annotations, config };
  }
  return { problem: `the media type ${JSON.stringify(mediaType ?? "")} is no image` };
}

/** What the config of an image says about it. */
export interface ImageConfig {
  readonly platform?: string;
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads the config of an image; of an artifact that is none, little is left. */
export function readImageConfig(body: unknown): ImageConfig {
  if (!isRecord(body)) return { labels: {} };
  const platform = platformOf(body);
  const created = body.created;
  const config = isRecord(body.config) ? body.config : {};
  return {
    ...(platform !== undefined && { platform }),
    ...(typeof created === "string" && { created }),
    labels: stringsOf(config.Labels),
  };
}

/** When and from what the image was built, where it says so. */
export interface Origin {
  readonly created?: string;
  readonly revision?: string;
}

/** Takes the first that each of `sources` (annotations, labels) says. */
export function originOf(sources: readonly Readonly<Record<string, string>>[], created?: string): Origin {
  const first = (name: string): string | undefined =>
    sources
      .map((source) => source[`org.opencontainers.image.${name}`])
      .find((value) => value !== undefined && value !== "");
  const date = first("created") ?? created;
  const revision = first("revision");
  return {
    ...(date !== undefined && !isMadeUp(date) && { created: date }),
    ...(revision !== undefined && { revision }),
  };
}

/** Reproducible builds put the epoch, or Go's zero time, there. */
function isMadeUp(date: string): boolean {
  const time = Date.parse(date);
  return Number.isNaN(time) || time <= Date.parse("1980-01-02T00:00:00Z");
}

function mediaTypeOf(body: Record<string, unknown>, contentType: string | undefined): string | undefined {
  if (typeof body.mediaType === "string" && body.mediaType !== "") return body.mediaType;
  const type = contentType?.split(";")[0]?.trim();
  if (type?.startsWith("application/vnd.")) return type;
  if (body.schemaVersion !== 2) return type;
  return "manifests" in body ? indexTypes[0] : manifestTypes[0];
}

/** Nothing for attestations (`unknown/unknown`), nested indexes, and entries that say no platform. */
function platformEntry(value: unknown): readonly (Descriptor & { readonly platform: string })[] {
  const entry = descriptorOf(value);
  if (entry?.platform === undefined || entry.platform.startsWith("unknown/")) return [];
  if (indexTypes.includes(entry.mediaType)) return [];
  if (entry.annotations["vnd.docker.reference.type"] !== undefined) return [];
  return [{ ...entry, platform: entry.platform }];
}

function descriptorOf(value: unknown): Descriptor | undefined {
  if (!isRecord(value) || typeof value.digest !== "string") return undefined;
  const platform = isRecord(value.platform) ? platformOf(value.platform) : undefined;
  return {
    mediaType: typeof value.mediaType === "string" ? value.mediaType : "",
    digest: value.digest,
    annotations: stringsOf(value.annotations),
    ...(platform !== undefined && { platform }),
  };
}

function platformOf({ os, architecture, variant }: Record<string, unknown>): string | undefined {
  if (typeof os !== "string" || typeof architecture !== "string" || os === "" || architecture === "") return undefined;
  return typeof variant === "string" && variant !== "" ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
