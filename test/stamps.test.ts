/** Stamps, rebuilt Go binaries and stages of pushes: what they give, byte for byte. */
import { describe, expect, test } from "vitest";
import { config, declaration } from "./golden/seed.ts";
import { type Workspace, workspaces } from "./support/run.ts";

const made = workspaces();

const path = "cmd/app/BUILD.bazel";

function place(body: string, more = "", oci = "rules_oci@1.8.0"): Workspace {
  return made({
    "bazel-images.config.ts": config(more, oci),
    "cmd/app/app.image.ts": declaration(body).replace("select, ", "select, stamp, "),
  });
}

/** Generates without a complaint, and a second time without a change. */
async function generate(where: Workspace): Promise<string> {
  const { err, code, tree } = await where.run([]);
  expect(err).toBe("");
  expect(code).toBe(0);
  expect((await where.run(["check"])).code).toBe(0);
  return tree[path] ?? "";
}

/** The statements of the file that begin with the name of a rule, in order. */
function rules(text: string, ...kinds: readonly string[]): readonly string[] {
  const all = text.match(/^\w+\(\n[\s\S]*?^\)$/gm) ?? [];
  return all.filter((rule) => kinds.length === 0 || kinds.includes(rule.slice(0, rule.indexOf("("))));
}

function namesOf(text: string): readonly string[] {
  return rules(text).map((rule) => `${/^\w+/.exec(rule)?.[0]} ${/name = "([^"]*)"/.exec(rule)?.[1]}`);
}

const version = `stamp("STABLE_VERSION", { fallback: "dev" })`;

describe("stamps", () => {
  test("in the tags of a push give a template before it, one tag a line in the order declared", async () => {
    const text = await generate(
      place(
        `{ name: "app", base: "wolfi_base", push: { repository: "app", remoteTags: ["first", ${version}, commented("latest", "moves"), ident("TAG")], tags: ["manual"] } }`,
      ),
    );
    expect(text).toContain(`load("@aspect_bazel_lib//lib:expand_template.bzl", "expand_template")\n`);
    expect(namesOf(text)).toEqual([
      "oci_image image",
      "expand_template candidate_push_tags",
      "oci_push candidate_push",
    ]);
    expect(rules(text, "expand_template", "oci_push")).toEqual([
      `expand_template(
    name = "candidate_push_tags",
    out = "candidate_push_tags.txt",
    stamp_substitutions = {
        "{{STABLE_VERSION}}": "{{STABLE_VERSION}}",
    },
    substitutions = {
        "{{STABLE_VERSION}}": "dev",
    },
    tags = ["manual"],
    template = [
        "first",
        "{{STABLE_VERSION}}",
        # moves
        "latest",
        TAG,
    ],
)`,
      `oci_push(
    name = "candidate_push",
    image = ":image",
    remote_tags = ":candidate_push_tags",
    repository = image_repository("app"),
    tags = ["manual"],
)`,
    ]);
  });

  test("in labels, annotations and created of rules_oci 2 give KEY=VALUE lines and a time", async () => {
    const body = `{ name: "app", base: "wolfi_base", image: { name: "web_image" },
      labels: { a: "b=c", revision: stamp("STABLE_GIT_COMMIT", { fallback: "none", prefix: "git:", suffix: "!" }), x: ident("X"), y: starlark\`"p" if P else "q"\` },
      annotations: commented([["10", ${version}], ["2", "b"]], "of the manifest"),
      created: commented(stamp("STABLE_GIT_COMMIT_DATE", { fallback: "2000-01-01T00:00:00Z" }), "of the commit") }`;
    const text = await generate(place(body, "", "rules_oci@2"));
    expect(namesOf(text)).toEqual([
      "expand_template web_image_labels",
      "expand_template web_image_annotations",
      "expand_template web_image_created",
      "oci_image web_image",
    ]);
    expect(text).toContain(
      `    template = [
        "a=b=c",
        "revision=git:{{STABLE_GIT_COMMIT}}!",
        "x=" + X,
        "y=" + ("p" if P else "q"),
    ],
`,
    );
    expect(text).toContain(`    template = [\n        "10={{STABLE_VERSION}}",\n        "2=b",\n    ],\n`);
    expect(text).toContain(`    template = ["{{STABLE_GIT_COMMIT_DATE}}"],\n`);
    expect(rules(text, "oci_image")).toEqual([
      `oci_image(
    name = "web_image",
    # of the manifest
    annotations = ":web_image_annotations",
    base = "@wolfi_base",
    # of the commit
    created = ":web_image_created",
    labels = ":web_image_labels",
)`,
    ]);
  });

  test("have a placeholder each where a key has two fallbacks, or a text looks like one", async () => {
    const body = `{ name: "app", base: "wolfi_base", labels: {
      a: ${version}, b: stamp("STABLE_VERSION", { fallback: "none" }), c: ${version}, d: stamp("STABLE_VERSION_2", { fallback: "{{X}}" }),
      e: "{{Y}} stays", f: stamp("Y".replace("Y", "STABLE_Z"), { fallback: "z" }), g: "{{STABLE_Z}}" } }`;
    const [template = ""] = rules(await generate(place(body)), "expand_template");
    expect(template).toContain(`    template = [
        "a={{STABLE_VERSION}}",
        "b={{STABLE_VERSION_2}}",
        "c={{STABLE_VERSION}}",
        "d={{STABLE_VERSION_2_2}}",
        "e={{Y}} stays",
        "f={{STABLE_Z_2}}",
        "g={{STABLE_Z}}",
    ],`);
    expect(template).toContain(`    stamp_substitutions = {
        "{{STABLE_VERSION}}": "{{STABLE_VERSION}}",
        "{{STABLE_VERSION_2}}": "{{STABLE_VERSION}}",
        "{{STABLE_VERSION_2_2}}": "{{STABLE_VERSION_2}}",
        "{{STABLE_Z_2}}": "{{STABLE_Z}}",
    },`);
    expect(template).toContain(`        "{{STABLE_VERSION_2_2}}": "{{X}}",\n`);
  });

  test("of the defaults are merged like other values", async () => {
    const defaults = `defaults: { labels: { v: ${version}, w: "1" }, push: { remoteTags: [${version}] } },`;
    const where = place(`{ name: "app", base: "wolfi_base", labels: { v: "own" }, push: { repository: "a" } }`);
    where.write({ "bazel-images.config.ts": config(defaults).replace("defineConfig }", "defineConfig, stamp }") });
    const text = await generate(where);
    expect(text).toContain(`    labels = {\n        "v": "own",\n        "w": "1",\n    },\n`);
    expect(text).toContain(`    remote_tags = ":candidate_push_tags",\n`);
  });

  test("follow the config from one bazel-lib to the other, and go with the last stamp", async () => {
    const body = (labels: string) => `{ name: "app", base: "wolfi_base", labels: { ${labels} } }`;
    const where = place(body(`v: ${version}`));
    const first = await generate(where);
    where.write({ "bazel-images.config.ts": config("", `rules_oci@1.8.0", lib: "bazel_lib@3`) });
    expect(await generate(where)).toBe(first.replaceAll("@aspect_bazel_lib//", "@bazel_lib//"));
    where.write({ "cmd/app/app.image.ts": declaration(body(`v: "1"`)) });
    const without = await generate(where);
    expect(without).not.toContain("expand_template");
    expect(without).toContain(`    labels = {\n        "v": "1",\n    },\n`);
  });

  test("go through the repo's own macro where `loads` names one", async () => {
    const loads = `loads: { expand_template: { from: "//dev:rules.bzl", symbol: "stamped" }, go_cross_binary: "//dev:rules.bzl" },`;
    const body = `{ name: "app", base: "wolfi_base", labels: { v: ${version} }, layers: [{ name: "tar", srcs: [":app"], crossBinary: "linux/amd64" }] }`;
    const text = await generate(place(body, loads));
    expect(text).toContain(`load("//dev:rules.bzl", "go_cross_binary", "stamped")\n`);
    expect(namesOf(text)).toEqual([
      "go_cross_binary tar_cross/app",
      "pkg_tar tar",
      "stamped image_labels",
      "oci_image image",
    ]);
  });
});

describe("crossBinary", () => {
  const body = (cross: string) =>
    `{ name: "app", layers: [{ name: "tar", srcs: [commented("//cmd/lib:bin/app", "the program")], packageDir: "/opt", tags: ["manual"], testonly: true${cross} }] }`;

  test("rebuilds the binary under its own name, so that it has this name in the tar", async () => {
    const text = await generate(place(body(`, crossBinary: "linux/arm64"`)));
    expect(text).toContain(`load("@io_bazel_rules_go//go:def.bzl", "go_cross_binary")\n`);
    expect(rules(text)).toEqual([
      `go_cross_binary(
    name = "tar_cross/app",
    testonly = True,
    platform = "@io_bazel_rules_go//go/toolchain:linux_arm64",
    tags = ["manual"],
    target = "//cmd/lib:bin/app",
)`,
      `pkg_tar(
    name = "tar",
    testonly = True,
    srcs = [
        # the program
        ":tar_cross/app",
    ],
    package_dir = "/opt",
    tags = ["manual"],
)`,
    ]);
  });

  test("loads from the name that rules_go has under Bzlmod, and leaves no load behind", async () => {
    const where = place(body(`, crossBinary: "linux/amd64"`));
    const first = await generate(where);
    where.write({ "bazel-images.config.ts": config(`externalDeps: "bzlmod",`) });
    const second = await generate(where);
    expect(second).toBe(first.replaceAll("@io_bazel_rules_go//", "@rules_go//"));
    where.write({ "cmd/app/app.image.ts": declaration(body("")) });
    const third = await generate(where);
    expect(third).not.toMatch(/rules_go|go_cross_binary/);
    expect(third).toContain(`"//cmd/lib:bin/app"`);
  });

  test("stands beside Gazelle's rules, with one load for both", async () => {
    const where = place(`{ name: "app", layers: [{ name: "tar", srcs: [":app"], crossBinary: "linux/amd64" }] }`);
    where.write({
      [path]: `load("@io_bazel_rules_go//go:def.bzl", "go_binary")\n\ngo_binary(\n    name = "app",\n    srcs = ["main.go"],\n)\n`,
    });
    const text = await generate(where);
    expect(text).toContain(`load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_cross_binary")\n`);
    expect(namesOf(text)).toEqual(["go_binary app", "go_cross_binary tar_cross/app", "pkg_tar tar"]);
  });
});

describe("stages of pushes", () => {
  test("are targets of their own, and a service without a push is not published", async () => {
    const push = `push: [{ repository: "a" }, { repository: "b", stage: "release" }, { repository: "c", stage: "release", name: "other" }]`;
    const pushes = (text: string) => namesOf(text).filter((name) => name.startsWith("oci_push"));
    expect(pushes(await generate(place(`{ name: "app", base: "wolfi_base", ${push} }`)))).toEqual([
      "oci_push candidate_push",
      "oci_push release_push",
      "oci_push other",
    ]);
    const image = `{ name: "app", base: "wolfi_base", image: { name: "s3_proxy_image" }, ${push} }`;
    expect(pushes(await generate(place(image)))).toEqual([
      "oci_push s3_proxy_candidate_push",
      "oci_push s3_proxy_release_push",
      "oci_push other",
    ]);
    const off = place(`{ name: "app", base: "wolfi_base", push: false }`, `defaults: { push: { repository: "a" } },`);
    expect(pushes(await generate(off))).toEqual([]);
  });

  test("are told by `list`, with repositories and tags", async () => {
    const where = place(
      `{ name: "app", base: "wolfi_base", push: [
        { repository: "app", remoteTags: ["latest", stamp("STABLE_VERSION", { fallback: "dev", prefix: "v" }), ident("TAG")] },
        { repository: "ghcr.io/acme/app", stage: "release", remoteTags: "tags.txt" },
        { name: "by_file", repositoryFile: "repository.txt" },
      ] }`,
    );
    const { out } = await where.run(["list", "--format", "json"]);
    const [row] = JSON.parse(out) as readonly { pushes: unknown }[];
    expect(row?.pushes).toEqual([
      {
        label: "//cmd/app:candidate_push",
        stage: "candidate",
        repository: "us.gcr.io/sourcegraph-dev/app",
        name: "app",
        tags: ["latest", { key: "STABLE_VERSION", fallback: "dev", prefix: "v", suffix: "" }, { starlark: true }],
      },
      { label: "//cmd/app:release_push", stage: "release", repository: "ghcr.io/acme/app", name: "acme/app" },
      { label: "//cmd/app:by_file", stage: "candidate", tags: [] },
    ]);
  });
});
