/** The bin runs the program the same with what V8 compiled before, without it, and with damaged remains of it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const main = join(import.meta.dirname, "../dist/main.cjs");
const folder = mkdtempSync(join(tmpdir(), "gen-bazel-images-program-"));
const record = join(folder, "program");
afterAll(() => rmSync(folder, { recursive: true }));

function run(...argv: readonly string[]) {
  const env = { ...process.env, GEN_BAZEL_IMAGES_CACHE: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("whatever is remembered", () => {
  const cold = run("check", "--no-cache");
  expect(cold).toMatchObject({ status: 2, stderr: expect.stringContaining("config-not-found") });
  expect(readdirSync(folder)).toEqual([]);
  expect(run("check")).toEqual(cold);
  const bytes = readFileSync(record);
  expect(run("check")).toEqual(cold);
  // What V8 takes is not written again.
  expect(readFileSync(record)).toEqual(bytes);
  for (const damaged of [
    bytes.subarray(0, 1000),
    Buffer.alloc(0),
    bytes.map((byte, at) => (at === 5000 ? byte ^ 1 : byte)),
  ]) {
    writeFileSync(record, damaged);
    expect(run("check")).toEqual(cold);
  }
  rmSync(record);
  mkdirSync(record);
  expect(run("check")).toEqual(cold);
});
