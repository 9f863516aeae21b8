import { type BadInput, config, service } from "./bad-input.ts";

const oci2 = { rulesets: `{ oci: "rules_oci@2" }` };
const version = `stamp("STABLE_VERSION", { fallback: "dev" })`;
const tags = (items: string) =>
  service(`base: "debian", push: { repository: "ghcr.io/acme/app", remoteTags: [${items}] },`);
const labels = (entries: string) => service(`base: "debian", labels: { ${entries} },`);
const cross = (layer: string) => service(`base: "debian", layers: [{ name: "tar", ${layer} }],`);

/** Stamps where they cannot stand or of what they cannot be, and Go binaries that cannot be rebuilt. */
export const stampingCases: readonly BadInput[] = [
  {
    code: "stamp-misplaced",
    why: "in the environment",
    files: service(`base: "debian", env: { ‸VERSION: ${version} },`),
    says: "stamps are items of `remoteTags` of a push, values of `labels` and `annotations`, and `created`",
  },
  { code: "stamp-misplaced", why: "as the user", files: service(`base: "debian", ‸user: ${version},`) },
  { code: "stamp-misplaced", why: "as a base", files: service(`‸base: ${version},`) },
  {
    code: "stamp-misplaced",
    why: "as the name of a push",
    files: service(`base: "debian", push: { repository: "ghcr.io/acme/app", ‸name: ${version} },`),
  },
  {
    code: "stamp-misplaced",
    why: "as a tag to load under",
    files: service(`base: "debian", load: { repoTags: [‸${version}] },`),
  },
  {
    code: "stamp-misplaced",
    why: "inside concat",
    files: service(
      `base: "debian", push: { repository: "ghcr.io/acme/app", remoteTags: concat([‸${version}], ident("TAGS")) },`,
    ),
    says: "not inside select, concat",
  },
  {
    code: "stamp-misplaced",
    why: "inside select",
    files: service(`base: "debian", labels: select({ ‸"//conditions:default": ${version} }),`),
  },
  {
    code: "stamp-misplaced",
    why: "under attributes",
    files: service(
      `base: "debian", push: { repository: "ghcr.io/acme/app", attributes: { remote_tags: [‸${version}] } },`,
    ),
  },
  { code: "stamp-key-invalid", files: tags(`‸stamp("STABLE VERSION", { fallback: "dev" })`), says: '"STABLE VERSION"' },
  { code: "stamp-key-invalid", why: "no text", files: tags(`‸stamp(undefined, { fallback: "dev" })`) },
  {
    code: "stamp-key-invalid",
    why: "of goStamps",
    files: config({ goStamps: `{ ‸"example.com/a.version": "{STABLE_VERSION}" }` }),
  },
  { code: "stamp-fallback-invalid", files: labels(`‸v: stamp("STABLE_VERSION")`), says: "no fallback" },
  { code: "stamp-fallback-invalid", why: "empty", files: labels(`‸v: stamp("STABLE_VERSION", { fallback: "" })`) },
  {
    code: "stamp-fallback-invalid",
    why: "with a variable of make",
    files: labels(`‸v: stamp("STABLE_VERSION", { fallback: "$(VERSION)" })`),
    says: "a fallback with `$`",
  },
  {
    code: "stamp-fallback-invalid",
    why: "a suffix of two lines",
    files: labels(`‸v: stamp("STABLE_VERSION", { fallback: "dev", suffix: "\\n" })`),
  },
  {
    code: "tag-invalid",
    why: "of an unstamped build",
    files: tags(`"latest", ‸stamp("STABLE_VERSION", { fallback: "dev", suffix: "+1" })`),
    says: '"dev+1" is not a tag',
  },
  {
    code: "stamp-volatile",
    severity: "warning",
    files: labels(`a: "b", ‸t: stamp("VERSION_TIMESTAMP", { fallback: "0" })`),
    says: "begins with STABLE_",
  },
  {
    code: "stamp-volatile",
    severity: "warning",
    why: "of the time of creation",
    files: service(
      `base: "debian", ‸created: stamp("BUILD_TIME", { fallback: "2000-01-01T00:00:00Z" }), labels: { u: stamp("BUILD_USER", { fallback: "nobody" }) },`,
      oci2,
    ),
  },
  {
    code: "stamp-line-broken",
    why: "a text of two lines",
    files: labels(`v: ${version}, ‸motto: "one\\ntwo"`),
    says: "more than one line",
  },
  { code: "stamp-line-broken", why: "a key with =", files: labels(`"‸a=b": ${version}`.replace('"‸', '‸"')) },
  {
    code: "stamp-line-broken",
    why: "a select beside it",
    files: tags(`${version}, ‸select({ "//conditions:default": "a" })`),
    says: "select() and concat()",
  },
  { code: "stamp-line-broken", why: "a number beside it", files: labels(`v: ${version}, ‸n: 3`) },
  {
    code: "stamp-created-invalid",
    files: service(`base: "debian", ‸created: stamp("STABLE_DATE", { fallback: "yesterday" }),`, oci2),
    says: '"yesterday" is no time',
  },
  {
    code: "attribute-version",
    why: "created before it could be stamped",
    files: service(`base: "debian", ‸created: stamp("STABLE_DATE", { fallback: "2000-01-01T00:00:00Z" }),`),
    says: "from rules_oci 2.1.0",
  },
  {
    code: "attribute-version",
    why: "a bazel-lib that does not stamp",
    files: service(`base: "debian", ‸labels: { v: ${version} },`, {
      rulesets: `{ oci: "rules_oci@1.8.0", lib: "aspect_bazel_lib@1.30.0" }`,
    }),
    says: "`stamp_substitutions` of expand_template is there from aspect_bazel_lib 1.31.4",
  },
  {
    code: "target-duplicate",
    why: "a target of ours and a declared one",
    files: service(`base: "debian", layers: [{ name: "image_labels" }], ‸labels: { v: ${version} },`),
  },
  {
    code: "target-duplicate",
    why: "the file of a target of ours, in another service",
    files: {
      ...service(`base: "debian", ‸labels: { v: ${version} },`),
      "app/b.image.ts": `export default { name: "b", layers: [{ name: "image_labels_tmpl" }] };\n`,
    },
  },
  {
    code: "push-overlap",
    why: "the same stamp with other fallbacks",
    files: service(
      `base: "debian", push: [{ repository: "ghcr.io/acme/app", remoteTags: [${version}] },\n    ‸{ repository: "ghcr.io/acme/app", stage: "release", remoteTags: [stamp("STABLE_VERSION", { fallback: "none" })] }],`,
    ),
    says: "ghcr.io/acme/app:{{STABLE_VERSION}}",
  },
  {
    code: "wrong-type",
    why: "stage of a push",
    files: service(`base: "debian", push: { repository: "ghcr.io/acme/app", ‸stage: "final" },`),
    says: '"candidate" or "release", got "final"',
  },
  { code: "go-stamp-invalid", files: config({ goStamps: `{ ‸version: "STABLE_VERSION" }` }) },
  { code: "wrong-type", why: "goStamps", files: config({ "‸goStamps": `["STABLE_VERSION"]` }) },
  {
    code: "cross-binary-srcs",
    files: cross(`‸srcs: [":a", ":b"], crossBinary: "linux/amd64"`),
    says: "got 2 items",
  },
  { code: "cross-binary-srcs", why: "no srcs", files: cross(`‸crossBinary: "linux/amd64"`), says: "got none" },
  {
    code: "cross-binary-srcs",
    why: "a glob",
    files: cross(`‸srcs: glob(["*"]), crossBinary: "linux/amd64"`),
    says: "got an expression",
  },
  {
    code: "cross-binary-platform",
    files: cross(`srcs: [":a"], ‸crossBinary: "linux/arm64/v8"`),
    says: 'did you mean "linux/arm64"?',
  },
  { code: "cross-binary-platform", why: "unknown", files: cross(`srcs: [":a"], ‸crossBinary: "plan9/vax"`) },
  {
    code: "attribute-pair",
    why: "a prefix to strip off a rebuilt binary",
    files: cross(`srcs: [":a"], crossBinary: "linux/amd64", ‸stripPrefix: "."`),
  },
  { code: "wrong-type", why: "crossBinary", files: cross(`srcs: [":a"], ‸crossBinary: true`) },
];
