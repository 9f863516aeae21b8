import { type BadInput, config, configWith, digest, service } from "./bad-input.ts";

const push = `base: "debian", ‸push: { repository: "ghcr.io/acme/app", remoteTags: ["v1"] },`;
const two = (first: string, second: string) => ({
  ...config({}),
  "app/app.image.ts": `export default [\n  { name: "a", ${first} },\n  { name: "b", ${second} },\n];\n`,
});
const inline = (body: string) => ({
  "bazel-images.config.ts": configWith({ services: `[{ name: "app", base: "debian", ${body} }]` }),
});

/** Services that say what cannot be. */
export const serviceCases: readonly BadInput[] = [
  {
    code: "unknown-key",
    why: "of a service",
    files: service(`base: "debian", ‸entryPoint: ["/a"],`),
    says: "did you mean `entrypoint`?",
  },
  {
    code: "unknown-key",
    why: "of a layer",
    files: service(`base: "debian", layers: [{ name: "tar", ‸packagedir: "/" }],`),
    says: "`packageDir`",
  },
  {
    code: "unknown-key",
    why: "of a load",
    files: service(`base: "debian", load: { repoTags: ["a:b"], ‸repo_tags: [] },`),
    says: "`repoTags`",
  },
  {
    code: "unknown-key",
    why: "of a command test",
    files: service(`base: "debian", test: { commandTests: [{ name: "a", command: "/a", ‸exit: 1 }] },`),
  },
  {
    code: "unknown-key",
    why: "several at once, in two files",
    files: {
      ...config({}),
      "app/a.image.ts": `export default {\n  name: "a", base: "debian",\n  ‸usr: "a",\n  ‸envs: {},\n};\n`,
      "app/b.image.ts": `export default { name: "b", image: false, ‸tar: 1 };\n`,
      "app/app.image.ts": `export default { name: "c", image: false };\n`,
    },
  },
  {
    code: "missing-key",
    why: "name of a service",
    files: { ...config({}), "app/app.image.ts": `export default ‸{ base: "debian" };\n` },
  },
  { code: "missing-key", why: "name of a layer", files: service(`base: "debian", layers: [‸{ srcs: [":a"] }],`) },
  {
    code: "missing-key",
    why: "command of a command test",
    files: service(`base: "debian", test: { commandTests: [‸{ name: "a" }] },`),
  },
  {
    code: "wrong-type",
    why: "name",
    files: { ...config({}), "app/app.image.ts": `export default { ‸name: 3, base: "debian" };\n` },
  },
  { code: "wrong-type", why: "image", files: service(`base: "debian", ‸image: "x",`) },
  { code: "wrong-type", why: "load", files: service(`base: "debian", ‸load: "x",`) },
  { code: "wrong-type", why: "manual", files: service(`base: "debian", load: { repoTags: ["a:b"], ‸manual: "no" },`) },
  {
    code: "wrong-type",
    why: "exitCode of a command test",
    files: service(`base: "debian", test: { commandTests: [{ name: "a", command: "/a", ‸exitCode: "1" }] },`),
  },
  { code: "wrong-type", why: "attributes", files: service(`base: "debian", image: { ‸attributes: [] },`) },
  { code: "wrong-type", why: "layers", files: service(`base: "debian", ‸layers: ":tar",`) },
  { code: "value-unsupported", why: "a function", files: service(`base: "debian", ‸user: () => "me",`) },
  { code: "value-unsupported", why: "a Date", files: service(`base: "debian", env: { ‸A: new Date(0) },`) },
  { code: "number-not-integer", files: service(`base: "debian", layers: [{ name: "tar", ‸stamp: 0.5 }],`) },
  { code: "lone-surrogate", files: service(`base: "debian", ‸user: "\\ud800",`) },
  {
    code: "dict-key-order",
    files: service(`base: "debian", env: { a: "1", ‸10: "a", 2: "b" },`.replace("‸10", "10").replace("2:", "‸2:")),
    says: "pairs",
  },
  { code: "dict-key-twice", files: service(`base: "debian", env: [["A", "1"], ["B", "2"], [‸"A", "3"]],`) },
  { code: "identifier-invalid", files: service(`base: "debian", ‸user: ident("a b"),`) },
  {
    code: "load-label-invalid",
    why: "of an identifier",
    files: service(`base: "debian", ‸user: ident("A", { from: "dev/tags.bzl" }),`),
  },
  { code: "package-in-declaration-file", files: service(`base: "debian", ‸package: "app",`) },
  {
    code: "package-missing",
    files: { "bazel-images.config.ts": configWith({ services: `[‸{ name: "app", base: "debian" }]` }) },
  },
  ...["../app", "/app", "a/../../b", "C:/app"].map(
    (folder): BadInput => ({ code: "package-outside-root", why: folder, files: inline(`‸package: "${folder}"`) }),
  ),
  {
    code: "package-outside-root",
    why: "through a link",
    files: inline(`‸package: "link/app"`),
    links: { link: "<outside>" },
  },
  {
    code: "package-outside-root",
    why: "through a link to a link",
    files: inline(`‸package: "b"`),
    links: { a: "<outside>", b: "a" },
  },
  ...["a\\nb", "a/./b", "a//b", "a/", "a:b"].map(
    (folder): BadInput => ({ code: "package-invalid", why: folder, files: inline(`‸package: "${folder}"`) }),
  ),
  {
    code: "package-invalid",
    why: "the folder of a declaration file",
    files: {
      "bazel-images.config.ts": configWith({ services: `["*/*.image.ts"]` }),
      "a:b/app.image.ts": `export default ‸{ name: "app", base: "debian" };\n`,
    },
  },
  {
    code: "service-duplicate",
    files: {
      ...config({}),
      "app/app.image.ts": `export default [\n  { name: "a", image: false },\n  { ‸name: "a", image: false },\n];\n`,
    },
  },
  {
    code: "service-duplicate",
    why: "in two files",
    files: {
      ...config({}),
      "app/app.image.ts": `export default { name: "a", image: false };\n`,
      "app/b.image.ts": `export default { ‸name: "a", image: false };\n`,
    },
  },
  {
    code: "target-duplicate",
    why: "two images",
    files: two(`base: "debian"`, `base: "debian", ‸image: {}`),
    says: `"a" in app/app.image.ts`,
  },
  {
    code: "target-duplicate",
    why: "a layer and an image",
    files: service(`base: "debian", layers: [{ name: "image" }], ‸image: { tags: [] },`),
  },
  {
    code: "target-duplicate",
    why: "two loads",
    files: service(`base: "debian", load: [{ repoTags: ["a:b"] }, ‸{ repoTags: ["a:c"] }],`),
  },
  {
    code: "target-duplicate",
    why: "two layers",
    files: service(`base: "debian", layers: [{ name: "tar" }, { ‸name: "tar" }],`),
  },
  {
    code: "push-overlap",
    why: "one tag in common",
    files: two(
      push.replace("‸", ""),
      `base: "debian", image: { name: "b_image" }, ‸push: { repository: "ghcr.io/acme/app", remoteTags: ["v0", "v1"] }`,
    ),
    says: "ghcr.io/acme/app:v1",
  },
  {
    code: "push-overlap",
    why: "both without tags",
    files: two(
      `base: "debian", push: { repository: "ghcr.io/acme/app" }`,
      `base: "debian", image: { name: "b_image" }, ‸push: { repository: "ghcr.io/acme/app" }`,
    ),
  },
  {
    code: "push-overlap",
    why: "a short and a whole name",
    files: {
      ...two(
        `base: "debian", push: { repository: "ghcr.io/acme/app" }`,
        `base: "debian", image: { name: "b_image" }, ‸push: { repository: "app" }`,
      ),
      ...{ "bazel-images.config.ts": configWith({ repositoryPrefix: `"ghcr.io/acme"` }) },
    },
  },
  ...["//", "//a:", "@", "//a b:\\tc", ":a//b", "//../b:c"].map(
    (label): BadInput => ({
      code: "label-invalid",
      why: label,
      files: service(`base: "debian", layers: [‸"${label}"],`),
    }),
  ),
  { code: "label-invalid", why: "base", files: service(`‸base: "//a:b:c",`) },
  {
    code: "label-invalid",
    why: "srcs of a layer",
    files: service(`base: "debian", layers: [{ name: "tar", srcs: [":a", ‸"//"] }],`),
  },
  {
    code: "label-invalid",
    why: "image of a push",
    files: service(`base: "debian", push: { repository: "a.b/c", ‸image: "//:" },`),
  },
  ...["", "/a", "a/", "a//b", "a:b", "a\\nb", "..", "ä"].map(
    (name): BadInput => ({
      code: "target-name-invalid",
      why: JSON.stringify(name),
      files: service(`base: "debian", image: { ‸name: "${name}" }, load: false,`),
    }),
  ),
  ...["", "A=B", "A B", "A\\t"].map(
    (name): BadInput => ({
      code: "env-name-invalid",
      why: JSON.stringify(name),
      files: service(`base: "debian", env: { OK: "1", ‸"${name}": "x" },`),
    }),
  ),
  ...["0", "65536", "http", "80/sctp", "", "80-90"].map(
    (port): BadInput => ({
      code: "port-invalid",
      why: JSON.stringify(port),
      files: service(`base: "debian", exposedPorts: ["80", ‸"${port}"],`),
    }),
  ),
  {
    code: "test-port-protocol",
    files: service(`base: "debian", test: { metadataTest: { exposedPorts: ["80", ‸"81/tcp"] } },`),
  },
  { code: "base-unknown", files: service(`‸base: "debain",`), says: `did you mean "debian"?` },
  { code: "base-unknown", why: "a name of a registry", files: service(`‸base: "docker.io/library/debian",`) },
  {
    code: "tag-invalid",
    why: "of a push",
    files: service(`base: "debian", push: { repository: "a.b/c", remoteTags: ["v1", ‸"a/b"] },`),
  },
  { code: "repository-prefix-missing", files: service(`base: "debian", push: { ‸repository: "app" },`) },
  ...["ghcr.io/acme/app:v1", `ghcr.io/acme/app@${digest}`, ""].map(
    (repository): BadInput => ({
      code: "repository-invalid",
      why: JSON.stringify(repository),
      files: service(`base: "debian", push: { ‸repository: "${repository}" },`, { repositoryPrefix: `"a.b"` }),
    }),
  ),
  ...["load: { repoTags: ['a:b'] }", "test: { configs: ['a.yaml'] }", "push: { repository: 'a.b/c' }"].map(
    (part): BadInput => ({ code: "image-missing", why: part, files: service(`‸${part},`) }),
  ),
  { code: "image-platform-missing", files: service(`§user: "me",`) },
  { code: "image-platform-missing", why: "os alone", files: service(`‸image: { name: "x" }, os: "linux",`) },
  { code: "image-platform-twice", files: service(`base: "debian", ‸os: "linux", ‸architecture: "amd64",`) },
  { code: "test-empty", files: service(`base: "debian", ‸test: { driver: "docker" },`) },
  {
    code: "test-driver-tar-commands",
    files: service(
      `base: "debian", load: { repoTags: ["a:b"] }, test: { driver: "tar", ‸commandTests: [{ name: "a", command: "/a" }] },`,
    ),
  },
  {
    code: "test-driver-host",
    files: service(`base: "debian", test: { ‸driver: "host", fileExistenceTests: [{ name: "a", path: "/a" }] },`),
  },
  {
    code: "test-driver-tar-needs-load",
    files: service(`base: "debian", test: { ‸driver: "tar", fileExistenceTests: [{ name: "a", path: "/a" }] },`),
  },
  { code: "entrypoint-comma", files: service(`base: "debian", entrypoint: ["/a", ‸"-o=a,b"], cmd: [‸"c,d"],`) },
  { code: "attribute-unknown", files: service(`base: "debian", image: { attributes: { ‸compatible: [] } },`) },
  {
    code: "attribute-unknown-swapped",
    severity: "warning",
    files: service(`base: "debian", layers: [{ name: "tar", attributes: { ‸race: "on" } }],`, {
      loads: `{ pkg_tar: "//dev:rules.bzl" }`,
    }),
  },
  {
    code: "attribute-version",
    why: "volumes on rules_oci 1.8.0",
    files: service(`base: "debian", ‸volumes: ["/data"],`),
  },
  {
    code: "attribute-version",
    why: "created on rules_oci 2.0.0",
    files: service(`base: "debian", ‸created: ":time",`, { rulesets: `{ oci: "rules_oci@2.0.0" }` }),
    says: "2.1.0",
  },
  {
    code: "attribute-version",
    why: "exposedPorts on rules_oci 1.4.0",
    files: service(`base: "debian", ‸exposedPorts: ["80"],`, { rulesets: `{ oci: "rules_oci@1.4.0" }` }),
  },
  {
    code: "attribute-version",
    why: "createParents on rules_pkg 0.9.1",
    files: service(`base: "debian", layers: [{ name: "tar", ‸createParents: true }],`, {
      rulesets: `{ oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.9.1" }`,
    }),
  },
  {
    code: "attribute-version",
    why: "compressionLevel on rules_pkg 1.0.1",
    files: service(`base: "debian", layers: [{ name: "tar", ‸compressionLevel: 9 }],`, {
      rulesets: `{ oci: "rules_oci@1.8.0", pkg: "rules_pkg@1.0.1" }`,
    }),
  },
  {
    code: "attribute-version",
    why: "platform on container_structure_test 1.19.0",
    files: service(`base: "debian", test: { configs: ["a.yaml"], ‸platform: "linux/arm64" },`, {
      rulesets: `{ oci: "rules_oci@1.8.0", structureTest: "container_structure_test@1.19.0" }`,
    }),
  },
  {
    code: "attribute-removed",
    files: config({
      rulesets: `{ oci: "rules_oci@2.0.0" }`,
      bases: `{ debian: { image: "a.b/c", digest: "${digest}", attributes: { ‸config_path: "//:c" } } }`,
    }),
  },
  {
    code: "attribute-internal",
    files: service(`base: "debian", layers: [{ name: "tar", attributes: { ‸private_stamp_detect: true } }],`),
  },
  { code: "attribute-missing", files: service(`base: "debian", ‸load: {},`) },
  { code: "attribute-type", why: "a list", files: service(`base: "debian", ‸user: ["a"],`) },
  { code: "attribute-type", why: "a number in a list", files: service(`base: "debian", ‸entrypoint: ["/a", 1],`) },
  { code: "attribute-type", why: "a number in a dictionary", files: service(`base: "debian", ‸env: { A: 1 },`) },
  {
    code: "attribute-type",
    why: "a number for a string",
    files: service(`base: "debian", layers: [{ name: "tar", ‸owner: 70.5 }],`.replace("70.5", "70")),
  },
  { code: "attribute-type", why: "tags", files: service(`base: "debian", image: { ‸tags: "manual" },`) },
  { code: "attribute-value", files: service(`base: "debian", test: { configs: ["a.yaml"], ‸driver: "podman" },`) },
  {
    code: "attribute-value",
    why: "size",
    files: service(`base: "debian", test: { configs: ["a.yaml"], ‸size: "huge" },`),
  },
  {
    code: "attribute-select",
    files: service(`base: "debian", layers: [{ name: "tar", ‸extension: select({ "//conditions:default": "tar" }) }],`),
  },
  {
    code: "select-branches-labels",
    why: "dictionaries for env",
    files: service(`base: "debian", ‸env: select({ "//conditions:default": { A: "1" } }),`),
  },
  {
    code: "select-branches-labels",
    why: "lists for entrypoint",
    files: service(
      `base: "debian", ‸entrypoint: select({ "//a:b": ["/a"], "//conditions:default": ["/b"] }),`.replace(
        `"//a:b": ["/a"], `,
        "",
      ),
    ),
  },
  {
    code: "cmd-cleared",
    severity: "warning",
    files: service(`base: "debian", entrypoint: ["/a"], ‸cmd: "inherit",`),
  },
  {
    code: "attribute-twice",
    files: service(
      `base: "debian", user: "a", layers: [{ name: "tar", mode: "0555", attributes: { ‸mode: "0644" } }],`,
    ),
  },
  {
    code: "attribute-twice",
    why: "of the image",
    files: service(`base: "debian", user: "a", image: { attributes: { ‸user: "b" } },`),
  },
  {
    code: "attribute-pair",
    why: "both homes of a repository",
    files: service(`base: "debian", push: { repository: "a.b/c", ‸repositoryFile: ":r" },`),
  },
  { code: "attribute-pair", why: "no repository", files: service(`base: "debian", ‸push: {},`) },
  {
    code: "attribute-pair",
    why: "packageDir twice",
    files: service(`base: "debian", layers: [{ name: "tar", packageDir: "/", ‸packageDirFile: ":f" }],`),
  },
  {
    code: "attribute-pair",
    why: "mtime alone",
    files: service(`base: "debian", layers: [{ name: "tar", ‸mtime: 1 }],`),
  },
  {
    code: "expression-syntax",
    why: "a template that is no expression",
    files: service(`base: "debian", ‸user: starlark\`a b\`,`),
    says: "near b",
  },
];
