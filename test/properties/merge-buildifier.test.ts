import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ejectRegion } from "../../src/pipeline/merge/index.ts";
import { buildFile, wantedRegion } from "../merge/arbitrary.ts";
import { merge } from "../merge/fixture.ts";
import { reader } from "../merge/reader.ts";

const buildifier = join(
  dirname(createRequire(import.meta.url).resolve("@bazel/buildifier/package.json")),
  `buildifier-${process.platform === "win32" ? "windows" : process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`,
);
const folder = mkdtempSync(join(tmpdir(), "merge-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Formats and mends many texts in one run. */
function fix(texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => {
    const file = join(folder, String(index), "BUILD.bazel");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
  execFileSync(buildifier, ["-config=off", "-lint=fix", ...files]);
  return files.map((file) => readFileSync(file, "utf8"));
}

test("buildifier finds nothing to mend in a file that was clean before, with a region, another one, and ejected", () => {
  const samples = fc.sample(fc.tuple(buildFile, wantedRegion, wantedRegion), { numRuns: 800, seed: 7 });
  const clean = fix(samples.map(([text]) => text.replace("\ufeff", "")));
  const added = clean.map((text, index) => merge(text, { wanted: samples[index]?.[1] }).text ?? "");
  expectClean(added);
  expectClean(added.map((text, index) => merge(text, { wanted: samples[index]?.[2] }).text ?? ""));
  expectClean(added.map((text) => ejectRegion("BUILD", text, reader).value));
  expectClean(added.map((text) => merge(text, { wanted: undefined }).text ?? ""));
});

function expectClean(texts: readonly string[]) {
  for (const [index, fixed] of fix(texts).entries()) expect(fixed).toBe(texts[index]);
}
