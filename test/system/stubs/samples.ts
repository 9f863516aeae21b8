/** Targets that use every attribute of a kind with a well-typed value, written from the facts alone. */
import { readFacts, ruleClass, type StubAttribute, type StubFacts, type StubKind, targetKinds } from "./facts.ts";
import { literal } from "./starlark.ts";

/** How a sample says its values: as they are, inside `select()`, or as labels where a macro takes either. */
export type Variant = "plain" | "selected" | "labels";

/** A rule in the facts and the attributes that a target of it can have in Debian's Bazel. */
export interface Sample {
  readonly name: string;
  readonly kind: StubKind;
  readonly facts: StubFacts;
  /** Without `name`. */
  readonly attributes: Readonly<Record<string, StubAttribute>>;
}

/** One sample for each rule that stands in BUILD files. */
export function samplesOf(facts: StubFacts): readonly Sample[] {
  const kinds = Object.entries(facts.rules).filter(([, { kind }]) => targetKinds.includes(kind));
  return kinds.map(([name, kind]) => ({
    name,
    kind,
    facts,
    attributes: { ...settable(kind.attributes), ...commonAttributes(kind) },
  }));
}

function settable(attributes: Readonly<Record<string, StubAttribute>>): Readonly<Record<string, StubAttribute>> {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.filter(([, one]) => one.type !== "name" && one.settable !== false));
}

/** The attributes of `bazel_common` for a kind, as far as and as Bazel 4.2.3 spells them. */
function commonAttributes(kind: StubKind): Readonly<Record<string, StubAttribute>> {
  const groups = readFacts("bazel_common", "9.1").rules;
  const all = (kind.acceptsCommon ?? []).flatMap((group) => Object.entries(settable(groups[group]?.attributes ?? {})));
  const known = all.filter(([, one]) => !one.internal && one.notIn === undefined && one.since === undefined);
  return Object.fromEntries(known.map(([name, one]) => [one.alias ?? name, one]));
}

/** The class of the targets that a sample makes. */
export function classOf({ name, kind }: Sample): string {
  return ruleClass(name, kind);
}

/** Files which must lie beside a BUILD file that holds samples. */
export function filesFor(sample: Sample): readonly string[] {
  return [...new Set(Object.values(sample.attributes).map(fileFor))];
}

/** Values that the facts' types alone do not tell. */
const special: Readonly<Record<string, string>> = {
  visibility: '["//visibility:public"]',
  "pkg_mklink.target": '""', // `src` is the old spelling, and only one of the two may say something.
  "pkg_tar.extension": '"tar.gz"',
  output_licenses: '["notice"]',
};

/** Attributes which forbid `select()` beside them; of the last the macro asks whether the other one is empty. */
const notBesideSelects = ["go_binary.goos", "go_binary.goarch", "pkg_mklink.src"];

/** A BUILD file with one target of the sample for each variant; `repository` stands in place of the facts' own. */
export function renderSample(sample: Sample, variants: readonly Variant[], repository?: string): string {
  const label = (sample.kind.load ?? "").replace(/^@\w+/, (own) => repository ?? own);
  const targets = variants.map((variant) => renderTarget(sample, variant));
  return `load(${literal(label)}, ${literal(sample.name)})\n\n${targets.join("\n")}`;
}

function renderTarget(sample: Sample, variant: Variant): string {
  const used = Object.entries(sample.attributes).filter(
    ([name]) => variant !== "selected" || !notBesideSelects.includes(`${sample.name}.${name}`),
  );
  const lines = used.map(([name, one]) => `    ${name} = ${renderValue(sample, name, one, variant)},\n`);
  return `${sample.name}(\n    name = ${literal(`${variant}_test`)},\n${lines.join("")})\n`;
}

function renderValue(sample: Sample, name: string, one: StubAttribute, variant: Variant): string {
  const either = one.type.startsWith("label_or_");
  const plain = special[`${sample.name}.${name}`] ?? special[name];
  const value = plain ?? (either && variant !== "plain" ? literal(fileFor(one)) : plainValue(one, variant));
  if (variant !== "selected" || one.configurable === false) return value;
  return `select({"//conditions:default": ${value}})`;
}

/** A value of the right type; outputs differ between the targets of a package. */
function plainValue(one: StubAttribute, variant: Variant): string {
  const file = fileFor(one);
  const values: Readonly<Record<string, unknown>> = {
    string: one.values?.[0] ?? "text",
    int: one.values?.[0] ?? 1,
    bool: true,
    label: file,
    output: `${variant}.out`,
    string_list: ["text"],
    label_list: [file],
    string_dict: { key: "text" },
    label_keyed_string_dict: { [file]: "text" },
    label_or_dict: { KEY: "text" },
    label_or_list: ["text"],
  };
  if (!(one.type in values)) throw new Error(`no sample of type ${one.type}`);
  return literal(values[one.type]);
}

function fileFor(one: StubAttribute): string {
  const extension = Array.isArray(one.files) ? (one.files[0] ?? "") : ".txt";
  return `sample${extension.startsWith(".") ? extension : `.${extension}`}`;
}
