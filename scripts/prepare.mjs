// What npm runs after an install in a clone: builds dist/.
//
// pre-commit installs hooks by `npm install -g git+file://CLONE`. npm then installs the clone's own dependencies with
// --global inherited from the outer command, so the clone is left without node_modules, devDependencies above all; those
// are installed here. Scripts are left out, or this one would run again.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
if (!existsSync(join(root, "node_modules/esbuild"))) {
  const flags = [
    "--global=false",
    "--location=project",
    "--include=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ];
  execFileSync("npm", ["ci", ...flags], { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
}
await import("./build.mjs");
