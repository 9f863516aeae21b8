/** What compiles and what does not; a planted mistake shows that the compiler really looks. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "types");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

test("right declarations compile, wrong ones do not", () => {
  expect(() => execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" })).not.toThrow();
});

test("a planted mistake is found", () => {
  // Beside the others, so that paths and packages resolve in the same way.
  const planted = mkdtempSync(`${folder}-planted-`);
  try {
    cpSync(join(folder, "tsconfig.json"), join(planted, "tsconfig.json"));
    writeFileSync(
      join(planted, "right.ts"),
      readFileSync(join(folder, "right.ts"), "utf8").replace("packageDir:", "packagedir:"),
    );
    const lines = readFileSync(join(folder, "wrong.ts"), "utf8").split("\n");
    writeFileSync(
      join(planted, "wrong.ts"),
      lines.filter((line) => !line.startsWith("// @ts-expect-error")).join("\n"),
    );
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", planted], { encoding: "utf8" });
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/right\.ts\(\d+,\d+\): error TS2\d+: .*'packagedir'/);
    const mistakes = lines.filter((line) => line.startsWith("// @ts-expect-error")).length;
    expect(new Set([...stdout.matchAll(/wrong\.ts\((\d+),/g)].map(([, line]) => line)).size).toBe(mistakes);
  } finally {
    rmSync(planted, { recursive: true });
  }
});
