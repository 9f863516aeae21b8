// Builds dist/: the bin and the library bundled with our own code and the light dependencies, the types, and the WASM.

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { templateModule } from "./handlebars.mjs";

const root = dirname(import.meta.dirname);
const require = createRequire(import.meta.url);
process.chdir(root);
rmSync("dist", { recursive: true, force: true });

const common = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  // Heavy ones stay in node_modules and are imported when a command needs them.
  external: ["esbuild", "ts-morph", "@bazel/buildifier", "web-tree-sitter", "undici"],
  plugins: [
    {
      name: "handlebars",
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.hbs$/ }, ({ path }) => ({
          contents: templateModule(readFileSync(path, "utf8")),
          loader: "js",
          resolveDir: root,
        })),
    },
    {
      name: "json",
      // V8 reads JSON faster than the same as an object of the program.
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.json$/ }, ({ path }) => {
          const text = JSON.stringify(JSON.parse(readFileSync(path, "utf8")));
          return { contents: `export default JSON.parse(${JSON.stringify(text)});`, loader: "js" };
        }),
    },
  ],
};

// The program is a text of CommonJS, which the bin can hand to V8 together with what V8 made of it before. What few runs
// need, yargs and the other commands, is another one that stands alone: V8 reads a text as a whole before it runs it.
const text = {
  ...common,
  format: "cjs",
  define: { "import.meta.url": "__url" },
  supported: { "dynamic-import": false },
};
const apart = {
  name: "apart",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/cli\.ts$/ }, () => ({ path: "./cli.cjs", external: true })),
};
await build({
  ...text,
  plugins: [...text.plugins, apart],
  entryPoints: ["src/main.ts"],
  outfile: "dist/program.cjs",
});
await build({ ...text, entryPoints: ["src/commands/cli.ts"], outfile: "dist/cli.cjs" });
// CommonJS too: Node's loader of modules is longer in starting.
await build({
  ...common,
  entryPoints: ["src/shell/bin.ts"],
  outfile: "dist/main.cjs",
  format: "cjs",
  define: { "import.meta.url": "__url" },
  banner: {
    js: '#!/usr/bin/env node\nconst __url = require("node:url").pathToFileURL(__filename).href;',
  },
});
await build({
  ...common,
  entryPoints: ["src/index.ts"],
  outdir: "dist",
  format: "esm",
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});

// What declarations import is bundled with them, so it is small and stands alone.
await build({
  entryPoints: ["src/model/library.ts"],
  outfile: "dist/library.js",
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "node20.19",
});

mkdirSync("dist/wasm", { recursive: true });
copyFileSync(
  join(dirname(require.resolve("tree-sitter-starlark/package.json")), "tree-sitter-starlark.wasm"),
  "dist/wasm/tree-sitter-starlark.wasm",
);
copyFileSync(
  join(dirname(require.resolve("tree-sitter-starlark/package.json")), "LICENSE"),
  "dist/wasm/tree-sitter-starlark.LICENSE",
);
execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "--emitDeclarationOnly"], { stdio: "inherit" });
chmodSync("dist/main.cjs", 0o755);
