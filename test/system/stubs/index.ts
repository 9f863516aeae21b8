/** Local repositories made from the JSON facts at test time, which a real Bazel loads in place of the rulesets. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readFacts, type StubFacts } from "./facts.ts";
import { skylib } from "./handmade.ts";
import { type Files, renderRuleset, withPackages } from "./render.ts";

export {
  readFacts,
  type StubAttribute,
  type StubFacts,
  type StubKind,
  targetKinds,
  withoutAttribute,
} from "./facts.ts";

/** Which facts the stubs are made from; each version must have its JSON. */
export interface StubVersions {
  readonly oci: string;
  readonly pkg: string;
  readonly cst: string;
  /** `aspect_bazel_lib@2.9.1` or `bazel_lib@3.7.1`; both are there unless one is named. */
  readonly lib?: string;
  /** Changed facts by name of the ruleset, in place of those on disk. */
  readonly facts?: Readonly<Record<string, StubFacts>>;
}

/** Name of a repository to its folder, as `--override_repository` wants it. */
export type Repositories = Readonly<Record<string, string>>;

/** The facts that the versions name. */
export function factsOf(versions: StubVersions): readonly StubFacts[] {
  const libs = versions.lib === undefined ? ["aspect_bazel_lib@2.9.1", "bazel_lib@3.7.1"] : [versions.lib];
  const named = [
    `rules_oci@${versions.oci}`,
    `rules_pkg@${versions.pkg}`,
    `container_structure_test@${versions.cst}`,
    ...libs,
    "rules_go@0.50.1",
  ].map((text) => text.split("@") as [string, string]);
  return named.map(([ruleset, version]) => versions.facts?.[ruleset] ?? readFacts(ruleset, version));
}

/** Writes all stubs below `dir`, and says where each repository is. */
export function writeStubs(dir: string, versions: StubVersions): Repositories {
  const rulesets = factsOf(versions).map((facts) => [facts.ruleset, writeRuleset(join(dir, facts.ruleset), facts)]);
  const repositories = Object.fromEntries(rulesets);
  return {
    ...repositories,
    // rules_go is called so in a WORKSPACE.
    io_bazel_rules_go: repositories.rules_go,
    bazel_skylib: writeFiles(join(dir, "bazel_skylib"), withPackages(skylib)),
    remote_coverage_tools: writeFiles(join(dir, "remote_coverage_tools"), coverageTools),
  };
}

/** Writes the stub of one ruleset and returns its folder. */
export function writeRuleset(dir: string, facts: StubFacts): string {
  return writeFiles(dir, renderRuleset(facts));
}

/** Writes texts below a folder, which it returns. */
export function writeFiles(dir: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

/** What every test rule points to without saying so. */
const coverageTools: Files = {
  WORKSPACE: "",
  "BUILD.bazel":
    'package(default_visibility = ["//visibility:public"])\n\nexports_files(["coverage_report_generator"])\n',
  coverage_report_generator: "",
};
