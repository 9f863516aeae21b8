import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createStarlarkReader } from "../../src/starlark/read/reader.ts";

const require = createRequire(import.meta.url);

/** A reader on the WASM files of the installed packages. */
export const reader = await createStarlarkReader({
  runtime: readFileSync(require.resolve("web-tree-sitter/web-tree-sitter.wasm")),
  grammar: readFileSync(require.resolve("tree-sitter-starlark/tree-sitter-starlark.wasm")),
});
