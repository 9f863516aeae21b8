/** The stubs against the facts: everything in them loads, nothing else does. None of this needs the generator. */
import { realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemSuite } from "../support/system.ts";
import {
  type BazelRun,
  type BazelTarget,
  type BuildAnswer,
  type DepsAnswer,
  queryBuild,
  queryDeps,
  shutdown,
} from "./bazel.ts";
import { type Fault, faultsOf } from "./stubs/faults.ts";
import { factsOf, withoutAttribute, writeFiles, writeRuleset, writeStubs } from "./stubs/index.ts";
import { classOf, filesFor, renderSample, type Sample, samplesOf, type Variant } from "./stubs/samples.ts";
import { renderWorkspace } from "./stubs/workspace.ts";

const generations = [
  {
    oci: "1.8.0",
    pkg: "0.7.0",
    cst: "1.22.0",
    lib: "aspect_bazel_lib@2.9.1",
    load: "oci_tarball",
    pairs: 309,
    own: 111,
  },
  { oci: "2.3.2", pkg: "1.2.0", cst: "1.22.0", lib: "bazel_lib@3.7.1", load: "oci_load", pairs: 319, own: 121 },
] as const;

systemSuite("bazel-facts", { programs: ["bazel"] }, () => {
  for (const generation of generations)
    describe(`rules_oci ${generation.oci}, rules_pkg ${generation.pkg}`, () => {
      const dir = join(realpathSync(tmpdir()), `facts-${process.pid}-${generation.oci}`);
      const root = join(dir, "ws");
      const samples = factsOf(generation).flatMap(samplesOf);
      const faults = faultsOf(generation.load);
      let build: BuildAnswer;
      let deps: DepsAnswer;
      let removals: Removals;

      beforeAll(async () => {
        const repositories = writeStubs(join(dir, "stubs"), generation);
        removals = writeRemovals(dir, samples);
        writeFiles(root, { WORKSPACE: renderWorkspace(generation), "here/BUILD.bazel": 'filegroup(name = "a")\n' });
        for (const sample of samples)
          writeSample(join(root, "matrix", sample.name), sample, ["plain", "selected", "labels"]);
        for (const [name, fault] of Object.entries(faults))
          writeFiles(join(root, "faults", name), { "BUILD.bazel": fault.build });
        const workspace = { root, repositories: { ...repositories, ...removals.repositories } };
        build = await queryBuild(workspace);
        deps = await queryDeps(workspace, "deps(//matrix/... + //faults/...)");
      });
      afterAll(async () => {
        await shutdown(root);
        rmSync(dir, { recursive: true, force: true });
      });

      it("loads every attribute of every rule: plain, selected and as labels", () => {
        expect(errorsIn(build, "matrix/\\w+")).toEqual([]);
        expect(errorsIn(deps, "matrix/\\w+")).toEqual([]);
        expect(deps.missing.filter((label) => label.startsWith("//matrix"))).toEqual([]);
      });

      it("has every (rule, attribute) pair of the facts in Bazel's answer", () => {
        const wanted = samples.flatMap((sample) =>
          Object.keys(sample.attributes).map((one) => `${sample.name}.${one}`),
        );
        const own = build.targets.filter((target) => target.package.startsWith("matrix/"));
        expect(samples.flatMap((sample) => answeredPairs(sample, own)).sort()).toEqual(wanted.sort());
        expect(wanted.length).toBe(generation.pairs);
      });

      it.each(Object.entries(faults))("notices %s", (name, fault) => {
        expect(verdictOn(name, fault, fault.inDeps ? deps : build, deps)).toMatch(fault.says);
      });

      it("loads again what lies beside the faults", () => {
        expect(deps.kinds.get("//matrix/oci_image:plain_test")).toBe("oci_image rule");
      });

      it("turns red for each attribute that is taken out of the facts", () => {
        const passed = removals.packages.filter(
          ({ folder, attribute }) => !errorsIn(build, folder).join("").includes(`no such attribute '${attribute}'`),
        );
        expect(passed).toEqual([]);
        expect(removals.packages.length).toBe(generation.own);
      });
    });
});

function writeSample(folder: string, sample: Sample, variants: readonly Variant[], repository?: string): void {
  const files = filesFor(sample).map((file) => [file, ""] as const);
  writeFiles(folder, { "BUILD.bazel": renderSample(sample, variants, repository), ...Object.fromEntries(files) });
}

/** What Bazel says against a package: errors with all of their lines. */
function errorsIn({ stderr }: BazelRun, folder: string): readonly string[] {
  const own = new RegExp(`${folder}(/|:|'|$)`, "m");
  return stderr.split(/^(?=ERROR: )/m).filter((error) => own.test(error));
}

function verdictOn(name: string, fault: Fault, run: BazelRun, deps: DepsAnswer): string {
  const missing = fault.inDeps ? deps.missing.filter((label) => label.startsWith(`//faults/${name}:`)) : [];
  return [...errorsIn(run, `faults/${name}`), ...missing].join("\n");
}

function answeredPairs(sample: Sample, targets: readonly BazelTarget[]): readonly string[] {
  const own = targets.filter((target) => target.package === `matrix/${sample.name}` && target.rule === classOf(sample));
  const names = new Set(own.flatMap((target) => [...target.attributes.keys()]));
  names.delete("name");
  return [...names].map((one) => `${sample.name}.${one}`);
}

interface Removals {
  readonly repositories: Readonly<Record<string, string>>;
  readonly packages: ReadonlyArray<{ readonly folder: string; readonly attribute: string }>;
}

/** A ruleset for each attribute that lacks just that, and a package that uses it all the same. */
function writeRemovals(dir: string, samples: readonly Sample[]): Removals {
  const all = samples.flatMap((sample) =>
    Object.keys(sample.attributes)
      .filter((attribute) => sample.kind.attributes[attribute] !== undefined)
      .map((attribute) => ({ sample, attribute, name: `without_${sample.name}_${attribute}` })),
  );
  const repositories = all.map(({ sample, attribute, name }) => {
    writeSample(join(dir, "ws/removed", name), sample, ["plain"], `@${name}`);
    return [name, writeRuleset(join(dir, name), withoutAttribute(sample.facts, sample.name, attribute))] as const;
  });
  return {
    repositories: Object.fromEntries(repositories),
    packages: all.map(({ name, attribute }) => ({ folder: `removed/${name}`, attribute })),
  };
}
