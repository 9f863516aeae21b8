import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../diagnostics/index.ts";
import { hashOf } from "./cache.ts";

/** The version of the running package: that of the nearest package.json above this file, in `dist/` as in `src/`. */
export function packageVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (existsSync(path)) return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
  }
  throw new InternalError("no package.json above the program");
}

/** What tells this program from every other: Node, and the hash of its text or, in a clone, of all its sources. */
export function programIdentity(): string {
  const running = fileURLToPath(import.meta.url);
  return `${process.version} ${hashOf(running.endsWith(".cjs") ? readFileSync(running) : sources(running))}`;
}

function sources(running: string): string {
  const root = dirname(dirname(dirname(running)));
  const texts = ["src", "templates"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.name}\0${readFileSync(join(entry.parentPath, entry.name), "utf8")}`),
  );
  return texts.join("\0");
}
