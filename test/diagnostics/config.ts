import { type BadInput, config, configWith, goodService, service } from "./bad-input.ts";

/** Configs and files that are no declarations. */
export const configCases: readonly BadInput[] = [
  { code: "config-not-found", files: { "app/app.image.ts": goodService }, placeless: 1, says: "<root>" },
  {
    code: "config-not-found",
    why: "--config names no file",
    files: config({}),
    placeless: 1,
    argv: ["--config", "no.ts"],
    says: "<root>/no.ts",
  },
  { code: "init-exists", files: config({}), placeless: 1, argv: ["init"] },
  {
    code: "image-reference-invalid",
    why: "init --base that is no image",
    files: {},
    placeless: 1,
    argv: ["init", "--base", "Debian:latest"],
  },
  {
    code: "declaration-syntax",
    why: "in the config",
    files: { "bazel-images.config.ts": "export default {\n  a: ‸];\n" },
  },
  {
    code: "declaration-syntax",
    why: "in two declaration files at once",
    files: {
      "bazel-images.config.ts": configWith({}),
      "app/app.image.ts": "export default {\n  name: ‸%,\n};\n",
      "app/other.image.ts": "export default (‸;\n",
    },
  },
  {
    code: "declaration-syntax",
    why: "an import of what is not there",
    files: { ...config({}), "app/app.image.ts": `import { x } from ‸"./nowhere";\nexport default x;\n` },
  },
  {
    code: "declaration-threw",
    files: { ...config({}), "app/app.image.ts": `const x = undefined;\nexport default { name: x.‸y };\n` },
  },
  {
    code: "declaration-threw",
    why: "in a shared file, for each of the files that import it",
    files: {
      ...config({}),
      "app/app.image.ts": `import { goService } from "../lib/go";\nexport default goService("a");\n`,
      "lib/go.ts": `export function goService(name) {\n  throw ‸new Error("no " + name);\n}\n`,
    },
  },
  {
    code: "declaration-threw",
    why: "in the config, something that is no Error",
    files: { "bazel-images.config.ts": `‸throw "up";\nexport default {};\n` },
  },
  {
    code: "default-export-missing",
    why: "in a declaration file",
    files: { ...config({}), "app/app.image.ts": `‸export const app = {};\n` },
    says: "defineService",
  },
  {
    code: "default-export-missing",
    why: "in the config",
    files: { "bazel-images.config.ts": `‸export const config = {};\n` },
    says: "defineConfig",
  },
  { code: "default-export-wrong", why: "a config", files: { "bazel-images.config.ts": `export default ‸42;\n` } },
  {
    code: "default-export-wrong",
    why: "a service",
    files: { ...config({}), "app/app.image.ts": `export default ‸"app";\n` },
  },
  {
    code: "default-export-wrong",
    why: "an element of an array",
    files: { ...config({}), "app/app.image.ts": `export default [\n  { name: "a", image: false },\n  ‸null,\n];\n` },
  },
  {
    code: "services-glob-empty",
    files: { "bazel-images.config.ts": configWith({ "‸services": `["src/*.image.ts"]` }) },
  },
  {
    code: "unknown-key",
    why: "of the config",
    files: config({ "‸repositoryPrefx": `"a.b/c"` }),
    says: "`repositoryPrefix`",
  },
  {
    code: "unknown-key",
    why: "of a base",
    files: config({ bases: `{ debian: { image: "a.b/c", digest: "sha256:${"1".repeat(64)}", ‸platform: [] } }` }),
  },
  { code: "unknown-key", why: "of rulesets", files: config({ rulesets: `{ oci: "rules_oci@1.8.0", ‸tests: "x@1" }` }) },
  { code: "unknown-key", why: "of push", files: config({ push: `{ ‸branches: ["main"] }` }), says: "`branch`" },
  { code: "wrong-type", why: "of push's branch", files: config({ push: `{ ‸branch: ["main"] }` }) },
  { code: "unknown-key", why: "of defaults", files: config({ defaults: `{ ‸usr: "x" }` }) },
  {
    code: "missing-key",
    why: "rulesets",
    files: {
      "bazel-images.config.ts": configWith({ rulesets: undefined }).replace("default ", "default ‸"),
      "app/app.image.ts": goodService,
    },
  },
  { code: "missing-key", why: "rulesets.oci", files: config({ "‸rulesets": "{}" }) },
  {
    code: "missing-key",
    why: "services",
    files: { "bazel-images.config.ts": configWith({ services: undefined }).replace("default ", "default ‸") },
  },
  {
    code: "missing-key",
    why: "image of a base",
    files: config({ bases: `{ ‸extra: {}, debian: { image: "a.b/c", digest: "sha256:${"1".repeat(64)}" } }` }),
  },
  { code: "wrong-type", why: "services", files: { "bazel-images.config.ts": configWith({ "‸services": `"app/*"` }) } },
  { code: "wrong-type", why: "externalDeps", files: config({ "‸externalDeps": `"modules"` }) },
  {
    code: "wrong-type",
    why: "a base",
    files: config({ bases: `{ debian: { image: "a.b/c", digest: "sha256:${"1".repeat(64)}" }, ‸x: "a.b/c" }` }),
  },
  { code: "wrong-type", why: "a load", files: config({ loads: `{ ‸pkg_tar: true }` }) },
  { code: "load-label-invalid", files: config({ loads: `{ ‸pkg_tar: "dev/rules.bzl" }` }) },
  { code: "load-kind-unknown", files: config({ loads: `{ ‸oci_imag: "//dev:rules.bzl" }` }) },
  {
    code: "base-name-invalid",
    files: config({
      bases: `{ debian: { image: "a.b/c", digest: "sha256:${"1".repeat(64)}" }, ‸"1 x": { image: "a.b/c", digest: "sha256:${"2".repeat(64)}" } }`,
    }),
  },
  ...[`"Debian"`, `"a.b/c:tag"`, `"https://a.b/c/"`, `""`, `"a.b/c@sha256:12"`].map(
    (image): BadInput => ({
      code: "image-reference-invalid",
      why: image,
      files: config({ bases: `{ debian: { ‸image: ${image}, digest: "sha256:${"1".repeat(64)}" } }` }),
    }),
  ),
  {
    code: "tag-invalid",
    why: "of a base",
    files: config({ bases: `{ debian: { image: "a.b/c", ‸tag: ".x", digest: "sha256:${"1".repeat(64)}" } }` }),
  },
  ...["", "latest", `sha256:${"1".repeat(63)}`, `sha256:${"A".repeat(64)}`, `md5:${"1".repeat(32)}`].map(
    (digest): BadInput => ({
      code: "digest-invalid",
      why: digest,
      files: config({ bases: `{ debian: { image: "a.b/c", ‸digest: "${digest}" } }` }),
    }),
  ),
  {
    code: "platform-invalid",
    files: config({
      bases: `{ debian: { image: "a.b/c", digest: "sha256:${"1".repeat(64)}", platforms: ["linux/amd64", ‸"arm"] } }`,
    }),
  },
  ...["", "a.b/c/", "https://a.b", "a b"].map(
    (prefix): BadInput => ({
      code: "repository-prefix-invalid",
      why: prefix,
      files: config({ "‸repositoryPrefix": `"${prefix}"` }),
    }),
  ),
  { code: "ruleset-unknown", files: config({ rulesets: `{ ‸oci: "rules_docker@1.0.0" }` }) },
  { code: "ruleset-version-invalid", files: config({ rulesets: `{ ‸oci: "rules_oci@one" }` }) },
  { code: "ruleset-too-old", files: config({ rulesets: `{ ‸oci: "rules_oci@0.3.0" }` }) },
  {
    code: "ruleset-too-old",
    why: "rules_pkg",
    files: config({ rulesets: `{ oci: "rules_oci@1.8.0", ‸pkg: "rules_pkg@0.6.0" }` }),
  },
  { code: "ruleset-newer", severity: "warning", files: config({ rulesets: `{ ‸oci: "rules_oci@2.99.0" }` }) },
  {
    code: "package-outside-root",
    why: "a shared file above the root",
    files: config({ files: `{ ‸deps: "../deps.bzl" }` }),
  },
  {
    code: "package-outside-root",
    why: "a shared file with an absolute path",
    files: config({ files: `{ ‸defs: "/tmp/defs.bzl" }` }),
  },
  { code: "argument-unknown", files: config({}), placeless: 1, argv: ["generat"], says: `did you mean "generate"?` },
  {
    code: "argument-unknown",
    why: "a service",
    files: config({}),
    placeless: 1,
    argv: ["check", "ap"],
    says: `did you mean "app"?`,
  },
  {
    code: "defaults-threw",
    files: { ...service(`base: "debian", §`, { defaults: `() => { throw new Error("none"); }` }) },
    says: "none",
  },
];
