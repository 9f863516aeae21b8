/**
 * Every attribute of every rule that we emit: declared, written by the tool, loaded by a real Bazel and found in its
 * answer. Faults planted in the tool's own text show that the check would notice.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attributeName, knownKeys } from "../../src/pipeline/declare/fields.ts";
import { type Workspace as Monorepo, workspace as monorepo, type Ran } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";
import { type BazelTarget, judge, query, shutdown, type Verdict, type Workspace } from "./bazel.ts";
import { factsOf, readFacts, type StubAttribute, writeStubs } from "./stubs/index.ts";
import { classOf, filesFor, type Sample, samplesOf } from "./stubs/samples.ts";
import { renderWorkspace } from "./stubs/workspace.ts";

const generations = [
  {
    oci: "1.8.0",
    pkg: "0.7.0",
    cst: "1.22.0",
    load: "oci_tarball",
    lib: "aspect_bazel_lib@2.9.1",
    pairs: 122,
    cases: 205,
  },
  { oci: "2.3.2", pkg: "1.2.0", cst: "1.22.0", load: "oci_load", lib: "bazel_lib@3.7.1", pairs: 130, cases: 222 },
] as const;

type Variant = "plain" | "selected" | "labels";

/** A value inside `select()`. */
class Selected {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** The text of a declared value in TypeScript. */
function source(value: unknown): string {
  if (value instanceof Selected) return `select({ "//conditions:default": ${source(value.value)} })`;
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${source(item)}`);
  return `{ ${entries.join(", ")} }`;
}

/** One rule with one attribute, in one of the ways to say it. */
interface Case {
  readonly sample: Sample;
  readonly attribute: string;
  readonly variant: Variant;
  readonly name: string;
}

/** Values that the facts' types alone do not tell. */
const special: Readonly<Record<string, unknown>> = {
  visibility: ["//visibility:public"],
  output_licenses: ["notice"],
  exposed_ports: ["8080/tcp"],
  "pkg_tar.extension": "tar.gz",
  "pkg_tar.mode": "0644",
  "oci_push.repository": "registry.example.com/special",
};

/** Attributes that the ruleset or we refuse without others beside them. */
const beside: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "pkg_tar.mtime": { portable_mtime: false },
  "oci_image.os": { architecture: "amd64" },
  "oci_image.architecture": { os: "linux" },
  "oci_image.variant": { os: "linux", architecture: "arm64" },
};

function fileFor({ files }: StubAttribute): string {
  const extension = Array.isArray(files) ? (files[0] ?? "") : ".txt";
  return `:sample${extension.startsWith(".") ? extension : `.${extension}`}`;
}

function plainValue(one: StubAttribute, name: string): unknown {
  const file = fileFor(one);
  const values: Readonly<Record<string, unknown>> = {
    string: one.values?.[0] ?? "text",
    int: one.values?.[0] ?? 1,
    bool: true,
    label: file,
    output: `${name}.out`,
    string_list: ["text"],
    label_list: [file],
    string_dict: { KEY: "text" },
    label_keyed_string_dict: { [file]: "text" },
    label_or_dict: { KEY: "text" },
    label_or_list: ["text"],
  };
  if (!(one.type in values)) throw new Error(`no value of type ${one.type}`);
  return values[one.type];
}

function declaredValue({ sample, attribute, variant, name }: Case): unknown {
  const one = sample.attributes[attribute];
  if (one === undefined) throw new Error(`no ${attribute}`);
  const either = one.type.startsWith("label_or_");
  const given = special[`${sample.name}.${attribute}`] ?? special[attribute];
  const value = either && variant !== "plain" ? fileFor(one) : (given ?? plainValue(one, name));
  return variant === "selected" ? new Selected(value) : value;
}

function casesOf(sample: Sample): readonly Case[] {
  const attributes = Object.entries(sample.attributes).filter(([, one]) => !one.internal);
  return attributes.flatMap(([attribute, one]) => {
    const variants: Variant[] = ["plain"];
    if (one.configurable !== false) variants.push("selected");
    if (one.type.startsWith("label_or_")) variants.push("labels");
    return variants.map((variant) => ({ sample, attribute, variant, name: `${attribute}.${variant}` }));
  });
}

type Part = Record<string, unknown>;

/** Attributes as a part of a declaration says them: by the property where there is one, else in `attributes`. */
function declare(attributes: Readonly<Record<string, unknown>>, properties: readonly string[]): Part {
  const property = (attribute: string): string | undefined =>
    properties.find((one) => one !== "attributes" && attributeName(one) === attribute);
  const part: Part = {};
  const others: Part = {};
  for (const [attribute, value] of Object.entries(attributes)) {
    const own = property(attribute);
    if (own === undefined) others[attribute] = value;
    else part[own] = value;
  }
  return Object.keys(others).length === 0 ? part : { ...part, attributes: others };
}

function attributesOf(one: Case): Readonly<Record<string, unknown>> {
  return { ...beside[`${one.sample.name}.${one.attribute}`], [one.attribute]: declaredValue(one) };
}

/** The services that hold the cases of a rule, in a package named after it. */
function servicesFor(rule: string, cases: readonly Case[]): readonly Part[] {
  const folder = `matrix/${rule}`;
  const parts = (properties: readonly string[], needed: (one: Case) => Part): readonly Part[] =>
    cases.map((one) => ({ name: one.name, ...declare({ ...needed(one), ...attributesOf(one) }, properties) }));
  const around = { name: rule, package: folder, base: "base" };
  switch (rule) {
    case "pkg_tar":
      return [{ name: rule, package: folder, image: false, layers: parts(knownKeys.layer, () => ({})) }];
    case "oci_image":
      return cases.map((one) => imageService(one, folder));
    case "container_structure_test":
      return [{ ...around, test: parts(knownKeys.test, () => ({ configs: ["sample.txt"] })) }];
    case "oci_push":
      return [
        {
          ...around,
          push: parts(knownKeys.push, ({ attribute, name }) =>
            attribute === "repository_file" ? {} : { repository: `registry.example.com/${name}` },
          ),
        },
      ];
    default:
      return [{ ...around, load: parts(knownKeys.load, () => ({ repo_tags: ["text"] })) }];
  }
}

/** The content stands on the service, what every rule takes on its `image`; tars are layers. */
function imageService(one: Case, folder: string): Part {
  const { tars, ...attributes } = attributesOf(one);
  const content = declare(attributes, knownKeys.imageFields);
  const { attributes: others, ...fields } = content;
  const image = { name: one.name, ...declare((others ?? {}) as Part, knownKeys.image) };
  const base = "os" in attributes || "base" in fields ? {} : { base: "base" };
  return {
    name: one.name,
    package: folder,
    image,
    ...base,
    ...fields,
    ...(tars === undefined ? {} : { layers: tars }),
  };
}

/** A service whose rules stand on files and binaries that other rules make: what `stamp` and `crossBinary` give. */
function stampedSource(oci: string): string {
  const version = `stamp("STABLE_VERSION", { fallback: "dev" })`;
  const created = `created: stamp("STABLE_GIT_COMMIT_DATE", { fallback: "2000-01-01T00:00:00Z" }),`;
  return `{
    name: "stamped",
    package: "matrix/stamped",
    base: "base",
    layers: [{ name: "tar", srcs: [":binary"], crossBinary: "linux/arm64", testonly: true, tags: ["manual"] }],
    image: { testonly: true, tags: ["no-remote"] },
    labels: { version: ${version}, plain: "text" },
    annotations: { version: ${version} },
    ${oci.startsWith("1.") ? "" : created}
    push: { repository: "registry.example.com/stamped", testonly: true, remoteTags: [${version}, "latest"] },
  }`;
}

const goBinary = `load("@io_bazel_rules_go//go:def.bzl", "go_binary")

go_binary(
    name = "binary",
    testonly = True,
    srcs = ["main.go"],
)
`;

const digest = `sha256:${"6".repeat(64)}`;
/** What a base says by `image` instead, and what is not for users. */
const notInBases = ["name", "registry", "repository", "is_bzlmod"];

function basesFor(oci: string): Readonly<Record<string, Part>> {
  const attributes = Object.entries(readFacts("rules_oci", oci).rules["oci_pull"]?.attributes ?? {});
  const image = { image: "registry.example.com/base", digest };
  const values: Part = { ...image, tag: "latest", platforms: ["linux/amd64"], config: "//matrix/pkg_tar:sample.txt" };
  const bases = attributes
    .filter(([name]) => !notInBases.includes(name))
    .map(([name, one]) => {
      const value = values[name] ?? (one.type === "label" ? "//matrix/pkg_tar:sample.txt" : plainValue(one, name));
      return [`pull_${name}`, { ...image, ...declare({ [name]: value }, knownKeys.base) }] as const;
    });
  return { base: image, ...Object.fromEntries(bases) };
}

/** `rule.attribute` of every case that Bazel gives back with the attribute. */
function answered(targets: readonly BazelTarget[], cases: readonly Case[]): readonly string[] {
  const byLabel = new Map(targets.map((target) => [`${target.package}:${target.name}`, target]));
  return cases.flatMap((one) => {
    const target = byLabel.get(`matrix/${one.sample.name}:${one.name}`);
    const found = target?.rule === classOf(one.sample) && target.attributes.has(one.attribute);
    return found ? [`${one.sample.name}.${one.attribute} ${one.variant}`] : [];
  });
}

systemSuite("bazel-matrix", { programs: ["bazel"] }, () => {
  for (const generation of generations)
    describe(`rules_oci ${generation.oci}, rules_pkg ${generation.pkg}`, () => {
      const rules = ["pkg_tar", "oci_image", generation.load, "container_structure_test", "oci_push"];
      const samples = factsOf(generation)
        .flatMap(samplesOf)
        .filter(({ name }) => rules.includes(name));
      const cases = samples.flatMap(casesOf);
      const bases = basesFor(generation.oci);
      let repo: Monorepo;
      let stubs: Monorepo;
      let ran: Ran;
      let workspace: Workspace;
      let verdict: Verdict;

      beforeAll(async () => {
        const services = rules.flatMap((rule) =>
          servicesFor(
            rule,
            cases.filter(({ sample }) => sample.name === rule),
          ),
        );
        const rulesets = {
          oci: `rules_oci@${generation.oci}`,
          pkg: `rules_pkg@${generation.pkg}`,
          structureTest: `container_structure_test@${generation.cst}`,
          lib: generation.lib,
          go: "rules_go@0.50.1",
        };
        const config = source({ rulesets, bases, services }).replace(/\] \}$/, `, ${stampedSource(generation.oci)}] }`);
        const files = samples.flatMap((sample) =>
          ["sample.txt", ...filesFor(sample)].map((file) => [`matrix/${sample.name}/${file}`, ""] as const),
        );
        repo = monorepo({
          ...Object.fromEntries(files),
          "matrix/stamped/BUILD.bazel": goBinary,
          "matrix/stamped/main.go": "package main\n",
          "bazel-images.config.ts": `import { defineConfig, select, stamp } from "gen-bazel-images";\nexport default defineConfig(${config});\n`,
          WORKSPACE: `${renderWorkspace(generation)}load("//dev:oci_deps.bzl", "oci_deps")\noci_deps()\n`,
        });
        stubs = monorepo({});
        workspace = { root: repo.root, repositories: writeStubs(stubs.root, generation) };
        ran = await repo.run(["generate"]);
        verdict = await judge(workspace);
      });
      afterAll(async () => {
        await shutdown(repo.root);
        repo.remove();
        stubs.remove();
      });

      it("is written by the tool without a complaint", () => {
        expect(ran.err).toBe("");
        expect(ran.code).toBe(0);
      });

      it("is loaded by Bazel with all of its labels", () => {
        expect(verdict.stderr).toBe("");
        expect(verdict.ok).toBe(true);
      });

      it("has every (rule, attribute) pair of the facts in Bazel's answer", () => {
        const wanted = cases.map((one) => `${one.sample.name}.${one.attribute} ${one.variant}`);
        expect(answered(verdict.targets, cases)).toEqual(wanted);
        const pairs = new Set(cases.map((one) => `${one.sample.name}.${one.attribute}`));
        expect({ pairs: pairs.size, cases: cases.length }).toEqual({
          pairs: generation.pairs,
          cases: generation.cases,
        });
      });

      it("has the files and binaries that stamps and `crossBinary` ask for, and the rules that take them", () => {
        const own = verdict.targets.filter((target) => target.package === "matrix/stamped");
        const attribute = (name: string, which: string) =>
          own.find((target) => target.name === name)?.attributes.get(which);
        const files = ["image_labels", "image_annotations", "candidate_push_tags"];
        for (const name of generation.load === "oci_load" ? [...files, "image_created"] : files) {
          expect(own.find((target) => target.name === name)?.rule).toBe("expand_template");
          expect(attribute(name, "out")).toBe(`//matrix/stamped:${name}.txt`);
          const taken = name.replace(/^.*_/, "").replace("tags", "remote_tags");
          expect(attribute(name.startsWith("image") ? "image" : "candidate_push", taken)).toBe(
            `//matrix/stamped:${name}`,
          );
        }
        expect(attribute("candidate_push_tags", "stamp_substitutions")).toEqual({
          dict: [["{{STABLE_VERSION}}", "{{STABLE_VERSION}}"]],
        });
        expect(attribute("image_labels", "tags")).toEqual(["no-remote"]);
        expect(attribute("tar_cross/binary", "target")).toBe("//matrix/stamped:binary");
        expect(attribute("tar_cross/binary", "platform")).toBe("@io_bazel_rules_go//go/toolchain:linux_arm64");
        expect(attribute("tar", "srcs")).toEqual(["//matrix/stamped:tar_cross/binary"]);
      });

      it("says each attribute of the rulesets' own by a property", () => {
        const properties: Readonly<Record<string, readonly string[]>> = {
          pkg_tar: knownKeys.layer,
          oci_image: ["tars", ...knownKeys.imageFields],
          container_structure_test: knownKeys.test,
          oci_push: knownKeys.push,
          [generation.load]: knownKeys.load,
        };
        const others = cases.filter(
          ({ sample, attribute }) =>
            attribute in sample.kind.attributes &&
            !properties[sample.name]?.some((property) => attributeName(property) === attribute),
        );
        expect(others.map(({ sample, attribute }) => `${sample.name}.${attribute}`)).toEqual([]);
      });

      it("has every attribute of oci_pull", async () => {
        const made = (await query(workspace, "//external:all", "label")).stdout.split("\n");
        const names = Object.keys(bases);
        expect(names.filter((name) => !made.some((label) => label.startsWith(`//external:${name}`)))).toEqual([]);
        const text = readFileSync(join(repo.root, "dev/oci_deps.bzl"), "utf8");
        const facts = Object.keys(readFacts("rules_oci", generation.oci).rules["oci_pull"]?.attributes ?? {});
        const said = facts.filter((name) => new RegExp(`^ {8}${name} = `, "m").test(text));
        expect(said).toEqual(facts.filter((name) => name === "name" || !notInBases.includes(name)));
      });

      const image = "matrix/oci_image/BUILD.bazel";
      const faults: ReadonlyArray<readonly [what: string, from: string | RegExp, to: string, says: RegExp]> = [
        ["a wrong attribute", "    workdir = ", "    work_dir = ", /no such attribute 'work_dir'/],
        ["a wrong type", /user = "text"/, "user = 7", /expected value of type 'string'/],
        ["a missing load", /^load\(.*\n/m, "", /'oci_image' is not defined/],
        ["a label that leads nowhere", /base = "@base"/, 'base = "@abse"', /abse/],
        ["a misspelt file", /env = ":sample.txt"/, 'env = ":smaple.txt"', /smaple/],
        [
          "a select of dictionaries for env",
          /env = \{\n {8}"KEY": "text",\n {4}\}/,
          'env = select({"//conditions:default": {"KEY": "text"}})',
          /env/,
        ],
      ];
      it.each(faults)("would notice %s", async (_, from, to, says) => {
        const text = readFileSync(join(repo.root, image), "utf8");
        expect(text).toMatch(from);
        repo.write({ [image]: text.replace(from, to) });
        const faulty = await judge(workspace);
        repo.write({ [image]: text });
        expect(faulty.ok).toBe(false);
        expect(faulty.stderr).toMatch(says);
      });

      it("is fine again without the faults", async () => {
        expect(await judge(workspace)).toMatchObject({ ok: true, stderr: "" });
        expect((await repo.run(["check"])).code).toBe(0);
      });
    });
});
