/**
 * References to images as people write them (`node`, `ghcr.io/x/y:tag@sha256:…`), normalised to what rules_oci pulls
 * correctly: always a registry, and `library/` for the official images of Docker Hub. Pure; asks no registry.
 */

/** An image of a registry; Docker Hub is always `index.docker.io`. */
export interface ImageReference {
  /** `http` when the reference began with `http://`, which is how rules_oci is told to pull without TLS. */
  readonly scheme?: "http";
  /** Host with an optional port: `ghcr.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Path below the registry: `library/node`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Why a text is no reference; a clause that fits behind "is not an image name:". */
export interface ReferenceProblem {
  readonly problem: string;
}

/** The name that rules_oci knows Docker Hub by. */
export const dockerHub = "index.docker.io";

const dockerHubNames: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
const host =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const pathComponent = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;

/** Reads a reference as Docker reads it, or says what is wrong with it. */
export function parseImageReference(text: string): ImageReference | ReferenceProblem {
  if (text === "") return { problem: "it is empty" };
  if (/\s/.test(text)) return { problem: "it has a space in it" };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text);
  if (scheme !== null && scheme[1] !== "http" && scheme[1] !== "https") {
    return { problem: `it takes no scheme ${scheme[1]}://` };
  }
  const { name, tag, digest } = splitReference(text.slice(scheme?.[0].length ?? 0));
  if (digest !== undefined && !isDigest(digest)) {
    return { problem: `"${digest}" is not a digest (sha256: and 64 hexadecimal digits, in lower case)` };
  }
  if (tag !== undefined && !isTag(tag)) return { problem: `"${tag}" is not a tag` };
  const { registry, repository } = splitName(name, scheme !== null);
  const problem = registryProblem(registry) ?? repositoryProblem(repository);
  if (problem !== undefined) return { problem };
  return {
    ...(scheme?.[1] === "http" && { scheme: "http" as const }),
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Prints registry and repository, with `http://` before them when the reference had it. */
export function imageName(reference: ImageReference): string {
  const prefix = reference.scheme === undefined ? "" : `${reference.scheme}://`;
  return `${prefix}${reference.registry}/${reference.repository}`;
}

/** Prints the whole reference, with tag and digest. */
export function printImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${imageName(reference)}${tag}${digest}`;
}

/** Reports whether `text` is a digest that rules_oci takes: sha256 in lower case. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Reports whether `text` is a tag that a registry takes. */
export function isTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text);
}

/** Reports whether `text` has the shape os/arch or os/arch/variant. */
export function isPlatform(text: string): boolean {
  return /^[a-z0-9]+\/[a-z0-9_]+(?:\/[A-Za-z0-9_.]+)?$/.test(text);
}

/**
 * Replaces the beginning of a reference as `mirrors` says: whole parts only, and the longest prefix wins. A prefix may
 * name Docker Hub by any of its names. Tag and digest stay.
 */
export function mirrored(reference: ImageReference, mirrors: Readonly<Record<string, string>>): ImageReference {
  const name = `${reference.registry}/${reference.repository}`;
  const [best] = Object.entries(mirrors)
    .map(([prefix, replacement]) => ({ prefix: normalisedPrefix(prefix), replacement }))
    .filter(({ prefix }) => name === prefix || name.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (best === undefined) return reference;
  const replaced = `${normalisedPrefix(best.replacement)}${name.slice(best.prefix.length)}`;
  const slash = replaced.indexOf("/");
  if (slash <= 0) return reference;
  return {
    ...(best.replacement.startsWith("http://") && { scheme: "http" as const }),
    registry: replaced.slice(0, slash),
    repository: replaced.slice(slash + 1),
    ...(reference.tag !== undefined && { tag: reference.tag }),
    ...(reference.digest !== undefined && { digest: reference.digest }),
  };
}

/** A colon behind the last slash begins a tag; one before it begins a port. */
function splitReference(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf("@");
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const rest = at === -1 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const isTagColon = colon > rest.lastIndexOf("/") && !rest.endsWith("]");
  return isTagColon
    ? { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest }
    : { name: rest, tag: undefined, digest };
}

/** The first part is a registry when it cannot be a part of a path: a dot, a colon, a capital letter, `localhost`. */
function splitName(name: string, hasScheme: boolean): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isRegistry = slash !== -1 && (hasScheme || /[.:[A-Z]/.test(first) || first === "localhost");
  const registry = isRegistry ? first : dockerHub;
  const repository = isRegistry ? name.slice(slash + 1) : name;
  if (!dockerHubNames.includes(registry)) return { registry, repository };
  return { registry: dockerHub, repository: repository.includes("/") ? repository : `library/${repository}` };
}

function registryProblem(registry: string): string | undefined {
  if (!host.test(registry)) return `"${registry}" is not the name of a registry`;
  const port = Number(/:(\d+)$/.exec(registry.replace(/^\[.*\]/, ""))?.[1] ?? 1);
  return port >= 1 && port <= 65535 ? undefined : `${port} is not a port`;
}

function repositoryProblem(repository: string): string | undefined {
  const name = repository.replace(/^library\/(?=$|\/)/, "");
  if (name === "" || repository === "library/") return "it names no repository";
  if (name.startsWith("/") || name.endsWith("/") || name.includes("//")) return "it has an empty part between slashes";
  if (/[A-Z]/.test(name)) return "repositories are in lower case";
  if (name.length > 255) return "its repository is longer than 255 characters";
  const wrong = name.split("/").find((part) => !pathComponent.test(part));
  return wrong === undefined ? undefined : `"${wrong}" cannot be a part of a repository`;
}

function normalisedPrefix(prefix: string): string {
  const bare = prefix.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const [registry = "", ...rest] = bare.split("/");
  return [dockerHubNames.includes(registry) ? dockerHub : registry, ...rest].join("/");
}
