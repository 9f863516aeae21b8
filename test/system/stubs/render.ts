/** A ruleset's facts as the files of a local repository; pure. */
import { alternativesOf } from "../../../src/rulesets/facts.ts";
import { ruleClass, type StubFacts, type StubKind, targetKinds } from "./facts.ts";
import { extraFiles, extraSymbols, handmade, setupFiles } from "./handmade.ts";
import { argumentsOf, renderFunction, renderMacro } from "./macros.ts";
import { renderRules } from "./rules.ts";
import { literal } from "./starlark.ts";

/** Path in the repository to text. */
export type Files = Readonly<Record<string, string>>;

type NamedKind = readonly [name: string, kind: StubKind];

/** All files of the stub of a ruleset. */
export function renderRuleset(facts: StubFacts): Files {
  const copied = Object.entries(extraFiles[facts.ruleset] ?? {}).map(([path, file]) => [path, handmade(file)] as const);
  return withPackages({
    ...setupFiles(facts),
    ...Object.fromEntries(copied),
    "stub/support.bzl": handmade("support.bzl"),
    "stub/rules.bzl": renderRules(facts),
    "stub/helpers.bzl": renderHelpers(facts),
    ...publicFiles(facts),
  });
}

/** Adds what makes folders packages and the whole a repository. */
export function withPackages(files: Files): Files {
  const folders = ["", ...Object.keys(files).map((path) => path.replace(/[^/]*$/, ""))];
  const builds = [...new Set(folders)].map((folder) => [`${folder}BUILD.bazel`, ""]);
  return { ...Object.fromEntries(builds), ...files, WORKSPACE: "" };
}

/** Names of the rules that helper targets are made with. */
function helperRules(facts: StubFacts): readonly string[] {
  const extras = Object.values(facts.rules).flatMap((kind) => kind.extraTargets ?? []);
  return [...new Set(extras.map(({ rule }) => rule))].filter((rule) => rule !== "alias").sort();
}

function renderHelpers(facts: StubFacts): string {
  const rules = helperRules(facts).map((rule) => `${rule} = helper_rule()\n`);
  return `load(":support.bzl", "helper_rule")\n\n${rules.join("\n")}`;
}

/** The files people load from, and the forwarders under which they may also be loaded. */
function publicFiles(facts: StubFacts): Files {
  const kinds = Object.entries(facts.rules).filter(([, { kind, load }]) => kind !== "tag_class" && load !== null);
  const paths = [...new Set(kinds.map(([, kind]) => pathOf(kind.load)))];
  const files = paths.map((path) => [
    path,
    renderPublic(
      path,
      kinds.filter(([, { load }]) => pathOf(load) === path),
      facts,
    ),
  ]);
  return { ...Object.fromEntries(files), ...forwarders(kinds) };
}

/** `@rules_oci//oci:defs.bzl` as `oci/defs.bzl`. */
function pathOf(label: string | null): string {
  return (label ?? "")
    .replace(/^@\w+\/\//, "")
    .replace(/^:/, "")
    .replace(":", "/");
}

function renderPublic(path: string, kinds: readonly NamedKind[], facts: StubFacts): string {
  const targets = kinds.filter(([, { kind }]) => targetKinds.includes(kind));
  const classes = targets.map(([name, kind]) => `_${ruleClass(name, kind)} = ${literal(ruleClass(name, kind))}`);
  const helpers = helperRules(facts).map((rule) => `_${rule} = ${literal(rule)}`);
  const extra = extraSymbols[facts.ruleset]?.[path];
  const symbols = extra?.symbols.map((symbol) => `_${symbol} = ${literal(symbol)}`) ?? [];
  return [
    'load("//stub:support.bzl", "check_type", "dict_lines", "forwarded_attributes", "list_lines", "refuse_select", "refuse_selects")',
    ...(path === "oci/pull.bzl" ? ['load("//stub:pull.bzl", "pull")'] : []),
    ...(classes.length > 0 ? [`load("//stub:rules.bzl", ${classes.join(", ")})`] : []),
    ...(helpers.length > 0 ? [`load("//stub:helpers.bzl", ${helpers.join(", ")})`] : []),
    ...(extra ? [`load(${literal(extra.from)}, ${symbols.join(", ")})`] : []),
    "",
    ...kinds.map(renderKind),
    ...(extra?.symbols.map((symbol) => `${symbol} = _${symbol}\n`) ?? []),
  ].join("\n");
}

/** One public symbol: a macro, a bare rule handed on, a repository macro or a function. */
function renderKind([name, kind]: NamedKind): string {
  if (targetKinds.includes(kind.kind))
    return kind.macro === true ? renderMacro(name, kind) : `${name} = _${ruleClass(name, kind)}\n`;
  if (kind.kind === "repository") return renderFunction(name, kind, `pull(${argumentsOf(kind)})`);
  if (kind.kind === "workspace_macro") return renderWorkspaceMacro(name, kind);
  return renderFunction(
    name,
    kind,
    `return json.encode({key: value for key, value in ${argumentsOf(kind)}.items() if value != None})`,
  );
}

/** Does nothing; where the version of crane has to be told, the constant for it stands beside. */
function renderWorkspaceMacro(name: string, kind: StubKind): string {
  const crane = kind.attributes.crane_version ? 'LATEST_CRANE_VERSION = "v0.18.0"\n\n' : "";
  return crane + renderFunction(name, kind, "pass");
}

/** `@rules_pkg//:mappings.bzl` hands on all that `@rules_pkg//pkg:mappings.bzl` has of the facts. */
function forwarders(kinds: readonly NamedKind[]): Files {
  const pairs = kinds.flatMap(([, kind]) => alternativesOf(kind).map((other) => [pathOf(other), kind.load] as const));
  const files = [...new Map(pairs)].map(([path, load]) => {
    const names = kinds.filter(([, kind]) => kind.load === load).map(([name]) => name);
    const loads = names.map((name) => `_${name} = ${literal(name)}`).join(", ");
    const from = (load ?? "").replace(/^@\w+/, "");
    return [path, [`load(${literal(from)}, ${loads})\n`, ...names.map((name) => `${name} = _${name}\n`)].join("\n")];
  });
  return Object.fromEntries(files);
}
