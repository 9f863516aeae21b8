/** The lines of `list --gitattributes`, as git itself understands them. */
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { workspace } from "../support/run.ts";
import { systemSuite } from "../support/system.ts";

const service = (name: string) => `import { defineService } from "gen-bazel-images";
export default defineService({ name: "${name}", base: "base", test: { metadataTest: { user: "nobody" } }, push: { repository: "x" } });
`;
// Names that a pattern of git could take for something else, as far as Bazel allows them.
const packages = ["cmd/plain", "cmd/#hash", "cmd/with space", 'cmd/"quoted"', "cmd/[set]"];

systemSuite("list --gitattributes", { programs: ["git"] }, () => {
  it("marks wholly generated files, each by its exact path, and never pins or BUILD files", async () => {
    const made = workspace({
      "bazel-images.config.ts": `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@2" },
  externalDeps: "both",
  bases: { base: { image: "x.io/base", tag: "1", digest: "sha256:${"1".repeat(64)}" } },
  repositoryPrefix: "x.io/team",
  services: ["cmd/*/*.image.ts"],
});
`,
      ...Object.fromEntries(
        packages.map((pkg, index) => [`${pkg}/it.image.ts`, service(`s${index}`).replace('"x"', `"x${index}"`)]),
      ),
    });
    const generated = await made.run(["generate"]);
    expect(generated.err).toBe("");
    const { code, out } = await made.run(["list", "--gitattributes"]);
    expect(code).toBe(0);
    expect(out).toContain("cmd/plain/image_test.yaml linguist-generated=true\n");
    made.write({ ".gitattributes": out });
    execFileSync("git", ["init", "--quiet"], { cwd: made.root });
    const files = Object.keys(made.read()).filter((path) => !path.startsWith(".git"));
    const near = packages.map((pkg) => `${pkg.replace("[set]", "s")}/other/image_test.yaml`);
    const answer = execFileSync(
      "git",
      ["check-attr", "-z", "linguist-generated", "--", ...files, ...near, "cmd/s/image_test.yaml"],
      {
        cwd: made.root,
        encoding: "utf8",
      },
    );
    made.remove();
    const parts = answer.split("\0");
    const marked = parts.flatMap((value, index) => (index % 3 === 2 && value === "true" ? [parts[index - 2]] : []));
    expect(marked.sort()).toEqual([...packages.map((pkg) => `${pkg}/image_test.yaml`), "dev/oci_defs.bzl"].sort());
  });
});
