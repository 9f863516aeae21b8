/** Renovate's own extraction reads every base out of what we generate, and its bump survives. Installed by `.ci/run` only. */
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Workspace, workspace } from "../support/run.ts";
import { findProgram, systemSuite } from "../support/system.ts";

interface Extracted {
  readonly deps: readonly {
    readonly depName?: string;
    readonly packageName?: string;
    readonly currentValue?: string;
    readonly currentDigest?: string;
    readonly datasource?: string;
  }[];
}
type Extract = (text: string, file: string) => Promise<Extracted | null> | Extracted | null;

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const config = (bases: string) => `import { defineConfig } from "gen-bazel-images";
export default defineConfig({ rulesets: { oci: "rules_oci@2" }, externalDeps: "both", bases: { ${bases} }, services: [] });
`;
const pinned = `
  alpine: { image: "index.docker.io/library/alpine", tag: "3.20", digest: "${digestOf("1")}" },
  multi: { image: "ghcr.io/team/multi", tag: "v1.2.3", digest: "${digestOf("2")}", platforms: ["linux/amd64", "linux/arm64/v8"] }`;
const followed = `
  alpine: { image: "index.docker.io/library/alpine" },
  multi: { image: "ghcr.io/team/multi", platforms: ["linux/amd64", "linux/arm64/v8"] }`;

systemSuite("Renovate reads the pins", { programs: ["renovate"] }, () => {
  let made: Workspace | undefined;
  afterEach(() => made?.remove());

  it("finds every base with tag and digest in both files, and a bump of both survives", async () => {
    made = workspace({ "bazel-images.config.ts": config(pinned) });
    expect((await made.run([])).code).toBe(0);
    made.write({ "bazel-images.config.ts": config(followed) });
    expect((await made.run(["check"])).code).toBe(0);

    for (const [manager, file] of [
      ["bazel", "dev/oci_deps.bzl"],
      ["bazel-module", "dev/oci.MODULE.bazel"],
    ] as const) {
      const extracted = await (await extractor(manager, made.root))(readFileSync(join(made.root, file), "utf8"), file);
      const found = (extracted?.deps ?? []).filter((dep) => dep.datasource === "docker");
      const pins = found.map(({ packageName, depName, currentValue, currentDigest }) => ({
        image: packageName ?? depName,
        currentValue,
        currentDigest,
      }));
      expect(pins, manager).toEqual([
        { image: "index.docker.io/library/alpine", currentValue: "3.20", currentDigest: digestOf("1") },
        { image: "ghcr.io/team/multi", currentValue: "v1.2.3", currentDigest: digestOf("2") },
      ]);
      const text = readFileSync(join(made.root, file), "utf8");
      made.write({ [file]: text.replace('"3.20"', '"3.21"').replace(digestOf("1"), digestOf("3")) });
    }
    const after = await made.run([]);
    expect(after.code, after.err).toBe(0);
    expect(after.tree["dev/oci_deps.bzl"]).toContain(digestOf("3"));
    expect(after.tree["dev/oci.MODULE.bazel"]).toContain('"3.21"');
    expect((await made.run(["check"])).code).toBe(0);
  });
});

/** Renovate's function; `bazel-module` answers nothing unless it is told the folder of the repository. */
async function extractor(manager: string, localDir: string): Promise<Extract> {
  const program = realpathSync(findProgram("renovate") ?? "");
  const require = createRequire(program);
  const dist = dirname(program);
  const { GlobalConfig } = require(join(dist, "config/global.js")) as { GlobalConfig: { set(config: object): void } };
  GlobalConfig.set({ localDir });
  const module = require(join(dist, `modules/manager/${manager}/extract.js`)) as { extractPackageFile: Extract };
  return module.extractPackageFile;
}
