/** What stands before the rules: macros with their helper targets, and functions. */
import { type ExtraTarget, ruleClass, type StubAttribute, type StubKind } from "./facts.ts";
import { call, literal, pattern } from "./starlark.ts";

/** Starlark before the call of the rule, left out where the facts lack an attribute that it reads. */
interface Step {
  readonly reads: readonly string[];
  readonly text: string;
}

/**
 * Checks at loading which the facts describe in words. A check in the facts that is not in this table is an error, so
 * that new facts are not silently weaker.
 */
const guards: Readonly<Record<string, Step>> = {
  "src and a non-empty target are both given": {
    reads: ["src", "target"],
    text: 'if src and target:\n        fail("only target should be specified")',
  },
  "goos or goarch is given and any other argument is a select()": {
    reads: ["goos", "goarch"],
    text: "if goos or goarch:\n        refuse_selects(dict(ALL))",
  },
  "objc is given": {
    reads: [],
    text: 'if "objc" in kwargs:\n        fail("the objc attribute has been removed")',
  },
};

/** What macros do before all else, beyond the facts. */
const preludes: Readonly<Record<string, Step>> = {
  // The real one moves a list with a printed warning, when there are no srcs.
  pkg_tar: {
    reads: ["files", "srcs"],
    text: 'if type(files) == "list" and srcs == None:\n        srcs, files = files, None',
  },
};

/** The macro of a kind, which calls `_CLASS`; keyword arguments it does not know go on to the rule, which refuses them. */
export function renderMacro(name: string, kind: StubKind): string {
  const attributes = Object.entries(kind.attributes).filter(([, one]) => one.type !== "name" && one.settable !== false);
  const names = attributes.map(([attribute]) => attribute);
  const parameters = names.length > 0 ? `*, ${names.map((one) => `${one} = None`).join(", ")}, ` : "";
  const body = [
    ...attributes.filter(isRead).map(([attribute]) => `refuse_select(${literal(attribute)}, ${attribute})`),
    ...guardsOf(kind, names),
    ...textOf(preludes[name] ? [preludes[name]] : [], names),
    ...attributes.flatMap(([attribute, one]) => defaultOutput(attribute, one, kind)),
    `forwarded = forwarded_attributes(kwargs, manual = ${literal(helpersAreManual(kind))})`,
    ...(kind.extraTargets ?? []).flatMap((extra) => renderExtra(extra, names)),
    call(`_${ruleClass(name, kind)}`, Object.fromEntries(["name", ...names].map((one) => [one, one]))).replace(
      /\)$/,
      ", **kwargs)",
    ),
  ];
  return `def ${name}(name, ${parameters}**kwargs):\n${body.map((line) => `    ${line}\n`).join("")}`;
}

/** Attributes that the macro looks into; outputs Bazel itself refuses. */
function isRead([, one]: readonly [string, StubAttribute]): boolean {
  return one.configurable === false && one.type !== "output";
}

function textOf(steps: readonly Step[], names: readonly string[]): readonly string[] {
  return steps.filter(({ reads }) => reads.every((one) => names.includes(one))).map(({ text }) => text);
}

function guardsOf(kind: StubKind, names: readonly string[]): readonly string[] {
  const all = `[${names.map((one) => `(${literal(one)}, ${one})`).join(", ")}]`;
  const loading = (kind.validation ?? []).filter(({ phase }) => phase === "loading");
  const steps = loading.map(({ when }) => {
    const guard = guards[when];
    if (guard === undefined) throw new Error(`stubs have no check for "${when}"`);
    return guard;
  });
  return textOf(steps, names).map((text) => text.replace("ALL", all));
}

/** `out` left out becomes `{name}.{extension}`. */
function defaultOutput(attribute: string, one: StubAttribute, kind: StubKind): readonly string[] {
  if (one.type !== "output" || typeof one.default !== "string") return [];
  const { extension } = kind.attributes;
  const given = extension ? `(extension or ${literal(extension.default)}).lstrip(".")` : '"tar"';
  const text = pattern(one.default, { name: "name", extension: given });
  return [`if ${attribute} == None:\n        ${attribute} = ${text}`];
}

function helpersAreManual(kind: StubKind): boolean {
  return (kind.notes ?? []).some((note) => note.includes('always get "manual"'));
}

/** One helper target, made when its condition holds; that of an inline value takes the value's place. */
function renderExtra(extra: ExtraTarget, names: readonly string[]): readonly string[] {
  const [, attribute, type] = /^(\w+) is a (dict|list)$/.exec(extra.when) ?? [];
  if (extra.when === "always") return [renderHelper(extra, { srcs: '[":" + name]' })];
  if (attribute === undefined || type === undefined) return [renderAlias(extra, names)];
  if (!names.includes(attribute)) return [];
  const lines = `${type}_lines(${literal(attribute)}, ${attribute})`;
  return [
    `if type(${attribute}) == ${literal(type)}:`,
    `    ${renderHelper(extra, { content: lines })}`,
    `    ${attribute} = ":" + ${pattern(extra.name)}`,
  ];
}

function renderHelper(extra: ExtraTarget, more: Readonly<Record<string, string>>): string {
  const args = { name: pattern(extra.name), outs: literalOutputs(extra), ...more };
  return call(`_${extra.rule}`, args).replace(/\)$/, ", **forwarded)");
}

function literalOutputs(extra: ExtraTarget): string {
  return `[${extra.outputs.map((output) => pattern(output)).join(", ")}]`;
}

/** The one other condition in the facts: `linkmode is c-archive or c-shared`. */
function renderAlias(extra: ExtraTarget, names: readonly string[]): string {
  const [, attribute, values = ""] = /^(\w+) is ([\w-]+(?: or [\w-]+)+)$/.exec(extra.when) ?? [];
  if (attribute === undefined || extra.rule !== "alias") throw new Error(`stubs cannot tell when "${extra.when}"`);
  if (!names.includes(attribute)) return "pass";
  const make = call("native.alias", { name: pattern(extra.name), actual: '":" + name' });
  return `if ${attribute} in ${literal(values.split(" or "))}:\n        ${make}`;
}

/** A function or a macro of WORKSPACE: named parameters whose types are checked, then `body`. */
export function renderFunction(name: string, kind: StubKind, body: string): string {
  const attributes = Object.entries(kind.attributes);
  const ordered = [...attributes.filter(([, one]) => one.mandatory), ...attributes.filter(([, one]) => !one.mandatory)];
  const parameters = ordered.map(([attribute, one]) =>
    one.mandatory ? attribute : `${attribute} = ${literal(one.default)}`,
  );
  const checks = ordered.map(([attribute, one]) =>
    call("check_type", {
      function: literal(name),
      attribute: literal(attribute),
      value: attribute,
      wanted: literal(one.type),
      mandatory: literal(one.mandatory === true),
    }),
  );
  return `def ${name}(${parameters.join(", ")}):\n${[...checks, body].map((line) => `    ${line}\n`).join("")}`;
}

/** All parameters of a kind as a dictionary. */
export function argumentsOf(kind: StubKind): string {
  return `dict(${Object.keys(kind.attributes)
    .map((one) => `${one} = ${one}`)
    .join(", ")})`;
}
