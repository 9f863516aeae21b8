/** Images as bytes, to be served or uploaded by tests: OCI's and Docker's media types, real digests. */
import { createHash } from "node:crypto";

/** A manifest and the blobs that it needs. */
export interface ImageContent {
  readonly body: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly blobs: readonly string[];
  /** Manifests that have to be there first. */
  readonly children: readonly ImageContent[];
}

/** What an image says of itself. */
export interface ImageOptions {
  /** os/arch or os/arch/variant; linux/amd64 unless set. */
  readonly platform?: string;
  readonly format?: "oci" | "docker";
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const types = {
  oci: {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
} as const;

/** The sha256 digest of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** An image for one platform, with one made-up layer. */
export function singleImage(options: ImageOptions = {}): ImageContent {
  const { platform = "linux/amd64", format = "oci", created, labels, annotations } = options;
  const [os, architecture, variant] = platform.split("/");
  const layer = `layer of ${platform}`;
  const config = JSON.stringify({
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(created !== undefined && { created }),
    config: { ...(labels !== undefined && { Labels: labels }) },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: types[format].manifest,
    config: descriptor(types[format].config, config),
    layers: [descriptor(types[format].layer, layer)],
    ...(annotations !== undefined && { annotations }),
  });
  return { body, digest: digestOf(body), mediaType: types[format].manifest, blobs: [config, layer], children: [] };
}

/** An index, or Docker's manifest list, of images by platform; `attested` adds an attestation as buildx does. */
export function imageIndex(
  platforms: readonly string[],
  options: Omit<ImageOptions, "platform"> & { readonly attested?: boolean } = {},
): ImageContent {
  const { annotations, attested = false, ...image } = options;
  const format = options.format ?? "oci";
  const children = platforms.map((platform) => singleImage({ ...image, platform }));
  const entries = children.map((child, index) => entry(child, platforms[index] ?? ""));
  const attestation = singleImage({ platform: "unknown/unknown", format });
  const note = { annotations: { "vnd.docker.reference.type": "attestation-manifest" } };
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: types[format].index,
    manifests: attested ? [...entries, { ...entry(attestation, "unknown/unknown"), ...note }] : entries,
    ...(annotations !== undefined && { annotations }),
  });
  const all = attested ? [...children, attestation] : children;
  return { body, digest: digestOf(body), mediaType: types[format].index, blobs: [], children: all };
}

function entry(image: ImageContent, platform: string): object {
  const [os, architecture, variant] = platform.split("/");
  const parts = { os, architecture, ...(variant !== undefined && { variant }) };
  return { mediaType: image.mediaType, digest: image.digest, size: image.body.length, platform: parts };
}

function descriptor(mediaType: string, text: string): object {
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
}
