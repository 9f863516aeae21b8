import type { CatalogueEntry } from "./entry.ts";

/** What can go wrong between us and a registry; all end in exit code 3. `{image}` is a whole reference. */
export const registries = {
  "registry-unreachable": {
    message: "{registry} cannot be reached: {detail}",
    hint: "try: curl -sSI {url}   (behind a proxy, HTTPS_PROXY and NO_PROXY are honoured)",
    doc: "No connection to the registry, or it closed the connection in the middle of an answer, on every attempt.",
    exit: 3,
  },
  "registry-certificate": {
    message: "{registry} has a certificate that is not trusted: {detail}",
    hint: "for a certificate authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem",
    doc: "TLS to the registry failed because of its certificate.",
    exit: 3,
  },
  "registry-plain-http": {
    message: "{registry} is asked for without TLS, which is for loopback only",
    hint: 'if that is meant, add to the config: insecure: ["{registry}"]',
    doc: "Plain HTTP sends credentials in the clear; the config has to allow it for a registry by name.",
    exit: 3,
  },
  "registry-timeout": {
    message: "{registry} did not answer within {seconds} s",
    hint: "try: curl -sSI --max-time {seconds} {url}",
    doc: "The registry, its token server or the storage that it redirects to was silent for too long.",
    exit: 3,
  },
  "registry-failing": {
    message: "{registry} answers {status}, {attempts} times in a row: {detail}",
    hint: "the registry itself has a problem; run the same command later",
    doc: "The registry answers with errors of its own (5xx) after all retries.",
    exit: 3,
  },
  "registry-rate-limited": {
    message: "{registry} limits the rate of requests: {detail}",
    hint: "log in, which raises the limit of most registries: docker login {login}",
    doc: "The registry answers 429 after all retries, or asks to wait for longer than we do.",
    exit: 3,
  },
  "registry-unauthorized": {
    message: "{registry} does not let us read {image}: {detail}",
    hint: "log in, or check the name (registries answer like this for names that do not exist): docker login {login}",
    doc: "The registry refuses the image with the credentials that Docker's configuration has for it, or without any.",
    exit: 3,
  },
  "image-not-found": {
    message: "{registry} has no {image}",
    hint: "check the name and the tag: docker manifest inspect {image}",
    doc: "The registry answers, but knows no such repository, tag or digest.",
    exit: 3,
  },
  "digest-mismatch": {
    message: "{registry} sent something else for {image} than the digest says: expected {expected}, got {got}",
    hint: "nothing was pinned; something between you and the registry changes content, a mirror or a proxy for example",
    doc: "The digest is computed from the bytes received and has to equal the one asked for and the one announced.",
    exit: 3,
  },
  "registry-bad-answer": {
    message: "{registry} gave an answer that is no use for {image}: {detail}",
    hint: "is it a registry? try: curl -sSI {url}",
    doc: "The answer does not follow the OCI distribution specification 1.1 or Docker's schema 2.",
    exit: 3,
  },
  "credential-helper-failed": {
    message: "{helper}, which {file} names for {registry}, failed: {detail}",
    hint: "run it as we do: printf %s {server} | {helper} get",
    doc: "A credential helper is missing, ended with an error, hung, or printed something that is not its protocol.",
    exit: 3,
  },
  "docker-config-invalid": {
    message: "{file} is no configuration of Docker: {detail}",
    hint: "mend it, or log in again: docker login {login}",
    doc: "Credentials come from config.json in DOCKER_CONFIG or ~/.docker, else from Podman's auth.json.",
    exit: 3,
  },
} as const satisfies Record<string, CatalogueEntry>;
