/** The rules themselves: one `rule()` for each kind in the facts, with its attributes and no more. */
import { ruleClass, type StubAttribute, type StubFacts, type StubKind, targetKinds } from "./facts.ts";
import { call, literal } from "./starlark.ts";

/** Which function of `support.bzl` implements a kind; it decides on the outputs. */
function implementation(kind: StubKind): string {
  if (kind.outputs?.startsWith("one directory")) return "layout_impl";
  if (kind.outputs?.startsWith("{name}/tarball.tar")) return "tarball_impl";
  if (kind.outputGroups?.tarball !== undefined) return "load_impl";
  if (kind.kind !== "build") return "script_impl";
  if (kind.attributes.out !== undefined) return "file_impl";
  return "mapping_impl";
}

/** The text of `stub/rules.bzl`. */
export function renderRules(facts: StubFacts): string {
  const kinds = Object.entries(facts.rules).filter(([, kind]) => targetKinds.includes(kind.kind));
  const impls = [...new Set(kinds.map(([, kind]) => implementation(kind)))].sort();
  const load = `load(":support.bzl", ${impls.map(literal).join(", ")})\n`;
  return [load, ...kinds.map(([name, kind]) => renderRule(ruleClass(name, kind), kind))].join("\n");
}

/** One `rule()`, under the name of its class. */
export function renderRule(name: string, kind: StubKind): string {
  const declared = Object.entries(kind.attributes).filter(([, one]) => one.type !== "name" && one.settable !== false);
  const attrs = declared.map(([attribute, one]) => `        ${literal(attribute)}: ${renderAttribute(one)},\n`);
  const args = {
    implementation: implementation(kind),
    attrs: `{\n${attrs.join("")}    }`,
    executable: kind.kind === "executable" ? "True" : undefined,
    test: kind.kind === "test" ? "True" : undefined,
  };
  return `${name} = ${call("rule", args)}\n`;
}

const constructors: Readonly<Record<string, string>> = {
  string: "attr.string",
  int: "attr.int",
  bool: "attr.bool",
  label: "attr.label",
  // What the macro hands over is the label of a file.
  label_or_dict: "attr.label",
  label_or_list: "attr.label",
  output: "attr.output",
  string_list: "attr.string_list",
  label_list: "attr.label_list",
  string_dict: "attr.string_dict",
  label_keyed_string_dict: "attr.label_keyed_string_dict",
};

/** `attr.label(mandatory = True, allow_single_file = [".txt"])`. */
export function renderAttribute(one: StubAttribute): string {
  const make = constructors[one.type];
  if (make === undefined) throw new Error(`stubs have no attribute of type ${one.type}`);
  const mandatory = one.mandatory === true || one.effectivelyMandatory === true;
  return call(make, {
    mandatory: mandatory ? "True" : undefined,
    default: mandatory ? undefined : defaultOf(one),
    values: one.values && one.valuesEnforcedBy === undefined ? literal(one.values) : undefined,
    ...filesOf(one),
    ...executableOf(one),
  });
}

/** Defaults of labels are left out: they lead into the real ruleset. */
function defaultOf(one: StubAttribute): string | undefined {
  const plain = ["string", "int", "bool"].includes(one.type) && one.default !== null && one.default !== undefined;
  return plain ? literal(one.default) : undefined;
}

function filesOf(one: StubAttribute): Readonly<Record<string, string>> {
  if (one.files === undefined || !constructors[one.type]?.includes("label")) return {};
  const single = constructors[one.type] === "attr.label" && one.singleFile === true && one.executable !== true;
  return { [single ? "allow_single_file" : "allow_files"]: literal(one.files) };
}

function executableOf(one: StubAttribute): Readonly<Record<string, string>> {
  return one.executable === true ? { executable: "True", cfg: literal(one.cfg ?? "target") } : {};
}
