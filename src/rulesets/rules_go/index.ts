/** rules_go, as far as layers need it: `go_cross_binary` rebuilds a `go_binary` for another platform. */
import { type Attribute, isLabel, parseLabel } from "../../bazel/index.ts";
import { didYouMean } from "../../diagnostics/index.ts";
import type { Config, CrossBinary, Field, LayerPart } from "../../model/index.ts";
import { list, type StarlarkValue, string } from "../../starlark/index.ts";
import { emitRule } from "../emit.ts";
import type { ChosenRuleset, KindFacts } from "../facts.ts";
import type { BinaryRuleset, Objection } from "../ruleset.ts";

/**
 * rules_go in the version chosen. Its repository has another name in a WORKSPACE (DIFFERENCES.md 2), which a module may
 * keep by `repo_name`: then `loads` says so.
 */
export function rulesGo(chosen: ChosenRuleset, { externalDeps, loads }: Config): BinaryRuleset {
  const swapped = /^@([\w.+~-]+)\/\/go:def\.bzl$/.exec(loads.get("go_cross_binary")?.from ?? "")?.[1];
  const repository = swapped ?? (externalDeps === "bzlmod" ? "rules_go" : "io_bazel_rules_go");
  const named = withRepository(chosen, repository);
  return {
    chosen: named,
    crossBinary: (layer) => crossBinary(layer, named, repository),
    recognise: (layer, rules) => recognise(layer, rules, repository),
    object,
  };
}

function withRepository(chosen: ChosenRuleset, repository: string): ChosenRuleset {
  const rename = (label: string) => label.replace(/^@rules_go\/\//, `@${repository}//`);
  const rules = Object.entries(chosen.facts.rules).map(([name, kind]): [string, KindFacts] => {
    return [name, kind.load === null ? kind : { ...kind, load: rename(kind.load) }];
  });
  return { ...chosen, facts: { ...chosen.facts, rules: Object.fromEntries(rules) } };
}

/**
 * What the rebuilt binary of a layer is called: in a folder named after the layer, because rules_go names the file after
 * the target, and in the tar it has to be called as the binary is: `tar_worker_cross/worker`.
 */
export function crossBinaryName(layer: string, binary: string): string {
  return `${layer}_cross/${binary.split("/").at(-1)}`;
}

function crossBinary(
  layer: LayerPart,
  chosen: ChosenRuleset,
  repository: string,
): ReturnType<BinaryRuleset["crossBinary"]> {
  const { crossBinary: cross } = layer;
  if (!cross) return { layer };
  const srcs = layer.fields.find((field) => field.name === "srcs");
  const binary = srcs && binaryOf(srcs.value);
  const label = binary === undefined ? undefined : parseLabel(binary);
  if (!srcs || binary === undefined || !label) return { layer };
  const name = crossBinaryName(layer.name, label.target);
  const attributes = [
    attribute("platform", string(platformLabel(cross, repository)), cross),
    ...layer.fields.filter((field) => field.name === "tags" || field.name === "testonly"),
    attribute("target", string(binary), cross),
  ];
  const rule = emitRule("go_cross_binary", { name, fields: [], path: cross.path }, chosen, attributes);
  const fields = layer.fields.map((field) => (field === srcs ? withLabel(field, `:${name}`) : field));
  return { layer: { ...layer, fields }, rule };
}

/** The reverse of {@link crossBinary}. */
function recognise(
  { name, fields }: Parameters<BinaryRuleset["recognise"]>[0],
  rules: Parameters<BinaryRuleset["recognise"]>[1],
  repository: string,
): ReturnType<BinaryRuleset["recognise"]> {
  const srcs = fields.find((field) => field.name === "srcs");
  const label = srcs && binaryOf(srcs.value);
  const rule = rules.find((candidate) => label === `:${candidate.name}`);
  if (!srcs || !rule?.name.startsWith(`${name}_cross/`)) return undefined;
  const text = (wanted: string) => {
    const value = rule.attributes.find((one) => one.name === wanted)?.value;
    return value?.kind === "string" ? value.value : undefined;
  };
  const target = text("target");
  const start = `@${repository}//go/toolchain:`;
  const platform = text("platform");
  if (target === undefined || !platform?.startsWith(start)) return undefined;
  return {
    rule: rule.name,
    fields: fields.map((field) => (field === srcs ? withLabel(field, target) : field)),
    platform: platform.slice(start.length).replace("_", "/"),
  };
}

function attribute(name: string, value: StarlarkValue, { path }: CrossBinary): Attribute {
  return { name, value, comments: [], path };
}

/** The platform that rules_go itself declares for an `os/arch`. */
function platformLabel({ platform }: CrossBinary, repository: string): string {
  return `@${repository}//go/toolchain:${platform.replace("/", "_")}`;
}

function binaryOf(srcs: StarlarkValue): string | undefined {
  if (srcs.kind !== "list" || srcs.items.length !== 1) return undefined;
  const only = srcs.items[0]?.value;
  return only?.kind === "string" && isLabel(only.value) ? only.value : undefined;
}

function withLabel(field: Field, label: string): Field {
  if (field.value.kind !== "list") return { ...field, value: list([string(label)]) };
  return {
    ...field,
    value: { kind: "list", items: field.value.items.map((item) => ({ ...item, value: string(label) })) },
  };
}

function object(layer: LayerPart): readonly Objection[] {
  const { crossBinary: cross } = layer;
  if (!cross) return [];
  const srcs = layer.fields.find((field) => field.name === "srcs");
  const strip = layer.fields.find((field) => field.name === "strip_prefix");
  const objections: Objection[] = [];
  if (!srcs || binaryOf(srcs.value) === undefined)
    objections.push({ code: "cross-binary-srcs", args: { got: describe(srcs) }, path: srcs?.path ?? cross.path });
  if (!platforms.includes(cross.platform)) objections.push(unknownPlatform(cross));
  if (strip) {
    const message = "pkg_tar takes the binary of `crossBinary` out of its folder only without `stripPrefix`";
    objections.push({ code: "attribute-pair", args: { message }, path: strip.path });
  }
  return objections;
}

function describe(srcs: Field | undefined): string {
  if (!srcs) return "none";
  if (srcs.value.kind !== "list") return "an expression";
  return srcs.value.items.length === 1 ? "an item that is no label" : `${srcs.value.items.length} items`;
}

function unknownPlatform({ platform, path }: CrossBinary): Objection {
  const plain = platform.split("/").slice(0, 2).join("/");
  const meant = platforms.includes(plain) ? plain : didYouMean(platform, platforms);
  const hint = meant === undefined ? `known are: ${platforms.join(", ")}` : `did you mean "${meant}"?`;
  return { code: "cross-binary-platform", args: { platform, hint }, path };
}

/** rules_go 0.50.1, `GOOS_GOARCH` in go/private/platforms.bzl, as far as images have such platforms. */
const architectures: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "386",
    "amd64",
    "arm",
    "arm64",
    "mips",
    "mips64",
    "mips64le",
    "mipsle",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
  ],
  windows: ["386", "amd64", "arm", "arm64"],
  freebsd: ["386", "amd64", "arm", "arm64"],
  wasip1: ["wasm"],
};

const platforms = Object.entries(architectures).flatMap(([os, cpus]) => cpus.map((cpu) => `${os}/${cpu}`));
