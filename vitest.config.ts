import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
// @ts-expect-error plain JavaScript, shared with the build
import { templateModule } from "./scripts/handlebars.mjs";

export default defineConfig({
  plugins: [
    {
      name: "handlebars",
      enforce: "pre",
      load: (id) => (id.endsWith(".hbs") ? templateModule(readFileSync(id, "utf8")) : undefined),
    },
  ],
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000 },
});
