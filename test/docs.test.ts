/** Documents cannot lie: the catalogue's page is generated, and README's example is run. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { catalogue } from "../src/diagnostics/index.ts";
import { workspace } from "./support/run.ts";

const page = new URL("../docs/diagnostics.md", import.meta.url);
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function diagnosticsPage(): string {
  const entries = Object.entries(catalogue).sort(([a], [b]) => (a < b ? -1 : 1));
  const sections = entries.map(([code, { message, hint, doc, severity = "error", exit = 2 }]) => {
    const kind = severity === "error" ? `error, exit ${exit}` : "warning";
    return `## ${code}\n\n${doc} (${kind})\n\n> ${message}${hint === undefined ? "" : `\n>\n> hint: ${hint}`}\n`;
  });
  return `# Diagnostics\n\nGenerated from the catalogue by \`UPDATE_DOCS=1 npx vitest run test/docs.test.ts\`.\n\n${sections.join("\n")}`;
}

it("docs/diagnostics.md is what the catalogue says (UPDATE_DOCS=1 rewrites it)", () => {
  if (process.env["UPDATE_DOCS"]) writeFileSync(page, diagnosticsPage());
  expect(readFileSync(page, "utf8")).toBe(diagnosticsPage());
});

it.each(["worker", "api"])("README's example of %s gives README's output", async (name) => {
  const path = `cmd/${name}/${name}.image.ts`;
  const example = readme.slice(readme.indexOf(`\`\`\`ts\n// ${path}\n`));
  const [, declaration = ""] = /^```ts\n[^\n]*\n([\s\S]*?)```/.exec(example) ?? [];
  const [, output = ""] = /```python\n([\s\S]*?)```/.exec(example) ?? [];
  const config = `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0" },
  bases: { wolfi_base: { image: "index.docker.io/x/y", tag: "latest", digest: "sha256:${"1".repeat(64)}" } },
  repositoryPrefix: "us.gcr.io/acme",
  services: ["cmd/*/*.image.ts"],
});
`;
  const made = workspace({ "bazel-images.config.ts": config, [path]: declaration });
  const { code, tree, err } = await made.run([]);
  made.remove();
  expect(code, err).toBe(0);
  expect(output).not.toBe("");
  expect(tree[`cmd/${name}/BUILD.bazel`]).toContain(output);
});
