import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StarlarkReader } from "../starlark/read/index.ts";

let pending: Promise<StarlarkReader> | undefined;

/** The reader, made once a process: its WASM takes some 40 ms to compile. */
export function starlarkReader(): Promise<StarlarkReader> {
  pending ??= create();
  return pending;
}

async function create(): Promise<StarlarkReader> {
  const { createStarlarkReader } = await import("../starlark/read/reader.ts");
  return createStarlarkReader({ runtime: readFileSync(runtimePath()), grammar: readFileSync(grammarPath()) });
}

const require = createRequire(import.meta.url);

function runtimePath(): string {
  return join(dirname(require.resolve("web-tree-sitter")), "web-tree-sitter.wasm");
}

/** In the package the grammar lies beside the bundle; in a clone that runs from source, in the development dependency. */
function grammarPath(): string {
  const packed = join(dirname(fileURLToPath(import.meta.url)), "wasm", "tree-sitter-starlark.wasm");
  if (existsSync(packed)) return packed;
  return join(dirname(require.resolve("tree-sitter-starlark/package.json")), "tree-sitter-starlark.wasm");
}
