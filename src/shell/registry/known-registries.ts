/**
 * What rules_oci knows about registries. Bazel's downloader hides the `WWW-Authenticate` header, so rules_oci 1.7.6 to
 * 2.3.2 carries a list of registries with bearer tokens; `www_authenticate_challenges` adds others, from 2.2.4 on.
 */

/** Registries by name; a leading dot stands for every subdomain. */
const knownRegistries: readonly string[] = [
  "index.docker.io",
  "public.ecr.aws",
  "ghcr.io",
  "cgr.dev",
  ".azurecr.io",
  "registry.gitlab.com",
  ".app.snowflake.com",
  "docker.elastic.co",
  "quay.io",
  "nvcr.io",
];

/** The first version of rules_oci with `www_authenticate_challenges`. */
export const challengesSince = "2.2.4";

/** Reports whether rules_oci gets bearer tokens for a registry by itself. It compares ends, so a port is unknown to it. */
export function isKnownToRulesOci(registry: string): boolean {
  return knownRegistries.some((known) => registry.endsWith(known));
}

/** The value that `www_authenticate_challenges` takes for a registry, in the form that rules_oci parses. */
export function rulesOciChallenge(realm: string, service: string | undefined): string {
  return `Bearer realm="${realm}",service="${service ?? ""}"`;
}
