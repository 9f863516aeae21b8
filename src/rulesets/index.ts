/**
 * The rulesets that we emit for: which there are, which facts tell most about a version, and what the config chose. Adding
 * one is a folder and a line in `known`.
 */
import semver from "semver";
import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Config } from "../model/index.ts";
import { bazelLib } from "./bazel_lib/index.ts";
import { containerStructureTest } from "./container_structure_test/index.ts";
import aspectBazelLib22 from "./facts/aspect_bazel_lib@2.22.5.json" with { type: "json" };
import bazelLib3 from "./facts/bazel_lib@3.7.1.json" with { type: "json" };
import structureTest1 from "./facts/container_structure_test@1.22.0.json" with { type: "json" };
import go0 from "./facts/rules_go@0.50.1.json" with { type: "json" };
import oci1 from "./facts/rules_oci@1.8.0.json" with { type: "json" };
import oci2 from "./facts/rules_oci@2.3.2.json" with { type: "json" };
import pkg07 from "./facts/rules_pkg@0.7.0.json" with { type: "json" };
import pkg09 from "./facts/rules_pkg@0.9.1.json" with { type: "json" };
import pkg10 from "./facts/rules_pkg@1.0.1.json" with { type: "json" };
import pkg12 from "./facts/rules_pkg@1.2.0.json" with { type: "json" };
import type { ChosenRuleset, RulesetFacts } from "./facts.ts";
import { rulesGo } from "./rules_go/index.ts";
import { rulesOciV1 } from "./rules_oci/v1/index.ts";
import { rulesOciV2 } from "./rules_oci/v2/index.ts";
import { rulesPkg } from "./rules_pkg/index.ts";
import type { Rulesets } from "./ruleset.ts";

export { attributeTypeOf, checkRule } from "./check.ts";
export { alternativesOf, type ChosenRuleset, isAtLeast, type KindFacts } from "./facts.ts";
export type {
  ImageRuleset,
  LayerRuleset,
  Objection,
  Rulesets,
  TarTarget,
  TestRuleset,
} from "./ruleset.ts";

type Family = "oci" | "pkg" | "structureTest" | "lib" | "go";

interface Known {
  readonly name: string;
  /** The first version whose attributes the facts can tell by `since`. */
  readonly oldest: string;
  /** Ascending. */
  readonly facts: readonly unknown[];
}

/**
 * `oldest`: rules_oci from 1.0.0 and container_structure_test from 1.16.0 by `since`; rules_pkg from its oldest facts;
 * rules_go from the first that has `go_cross_binary`.
 */
const known: Readonly<Record<Family, readonly Known[]>> = {
  oci: [{ name: "rules_oci", oldest: "1.0.0", facts: [oci1, oci2] }],
  pkg: [{ name: "rules_pkg", oldest: "0.7.0", facts: [pkg07, pkg09, pkg10, pkg12] }],
  structureTest: [{ name: "container_structure_test", oldest: "1.16.0", facts: [structureTest1] }],
  lib: [
    { name: "aspect_bazel_lib", oldest: "1.10.0", facts: [aspectBazelLib22] },
    { name: "bazel_lib", oldest: "3.0.0", facts: [bazelLib3] },
  ],
  go: [{ name: "rules_go", oldest: "0.35.0", facts: [go0] }],
};

/** The rulesets of the config; what it leaves out is the newest known. Undefined with an error when one cannot be had. */
export function chooseRulesets(config: Config): {
  readonly value: Rulesets | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const [oci, pkg, structureTest, lib, go] = (["oci", "pkg", "structureTest", "lib", "go"] as const).map((family) =>
    choose(family, config, diagnostics),
  );
  if (!oci || !pkg || !structureTest || !lib || !go) return { value: undefined, diagnostics };
  const generation = oci.facts.version.startsWith("1.") ? rulesOciV1 : rulesOciV2;
  return {
    value: {
      oci: generation(oci),
      pkg: rulesPkg(pkg),
      structureTest: containerStructureTest(structureTest),
      lib: bazelLib(lib),
      go: rulesGo(go, config),
    },
    diagnostics,
  };
}

function choose(family: Family, config: Config, diagnostics: Diagnostic[]): ChosenRuleset | undefined {
  const wanted = config.rulesets[family] ?? known[family][0]?.name ?? "";
  const report = (code: Parameters<typeof diagnostic>[0], args: Record<string, string>) =>
    void diagnostics.push(diagnostic(code, args, { kind: "property", file: config.file, path: ["rulesets", family] }));
  const [name = "", text] = wanted.split("@");
  const ruleset = known[family].find((candidate) => candidate.name === name);
  if (!ruleset) {
    report("ruleset-unknown", {
      ruleset: wanted,
      family,
      hint: `known are: ${known[family].map((k) => k.name).join(", ")}`,
    });
    return undefined;
  }
  const facts = ruleset.facts as readonly RulesetFacts[];
  const version = wholeVersion(text, facts);
  if (version === undefined) {
    report("ruleset-version-invalid", { ruleset: wanted });
    return undefined;
  }
  if (semver.lt(version, ruleset.oldest)) {
    report("ruleset-too-old", { name, version, oldest: ruleset.oldest });
    return undefined;
  }
  const chosen = factsFor(version, facts);
  if (semver.gt(version, chosen.version)) report("ruleset-newer", { name, version, newest: chosen.version });
  return { name, version, facts: chosen, all: facts };
}

/** A major or minor alone means the newest in the facts that fits; undefined for what is no version. */
function wholeVersion(text: string | undefined, facts: readonly RulesetFacts[]): string | undefined {
  if (text === undefined) return facts.at(-1)?.version;
  if (semver.valid(text)) return text;
  if (!/^\d+(?:\.\d+)?$/.test(text)) return undefined;
  const newest = facts.filter((candidate) => semver.satisfies(candidate.version, text)).at(-1);
  return newest?.version ?? semver.coerce(text)?.version;
}

/** The oldest facts of the same major that are not older than the version; else the newest of that major, else the newest. */
function factsFor(version: string, facts: readonly RulesetFacts[]): RulesetFacts {
  const sameMajor = facts.filter((candidate) => semver.major(candidate.version) === semver.major(version));
  const candidates = sameMajor.length > 0 ? sameMajor : facts;
  return (candidates.find((candidate) => semver.gte(candidate.version, version)) ??
    candidates.at(-1) ??
    facts[0]) as RulesetFacts;
}
