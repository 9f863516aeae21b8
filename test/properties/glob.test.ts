/** Plain globs, which we match ourselves, match what tinyglobby matches. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { glob } from "tinyglobby";
import { afterAll, expect, test } from "vitest";
import { compileGlobs, walkTree } from "../../src/shell/walk.ts";

const names = ["a", "b.ts", ".c", "cmd", "x.image.ts", ".image.ts", "node_modules", "bazel-out", "ignored", "v1.2"];
const name = fc.constantFrom(...names);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const segment = fc.constantFrom(...names, "*", "**", "*.ts", "*.image.ts", "a*", "*.*", ".*", "x*.ts", "cm*d");
const pattern = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const ignored = new Set(["cmd/ignored"]);

const root = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-glob-")));
afterAll(() => rmSync(root, { recursive: true }));

function plant(tree: string, paths: readonly string[]): void {
  for (const one of paths) {
    try {
      mkdirSync(dirname(join(tree, one)), { recursive: true });
      writeFileSync(join(tree, one), "");
    } catch {
      // A folder is in the place of the file, or a file in that of its folder.
    }
  }
}

test("on random trees and patterns", async () => {
  let matched = 0;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(path, { maxLength: 12 }),
      fc.array(pattern, { minLength: 1, maxLength: 3 }),
      async (paths, patterns) => {
        const tree = join(root, String(run++));
        mkdirSync(tree);
        plant(tree, paths);
        const options = { cwd: tree, followSymbolicLinks: false, dot: true };
        const ignore = ["**/node_modules/**", "**/.git/**", "bazel-*/**", "cmd/ignored/**"];
        const globs = compileGlobs(tree, patterns, ignored);
        const whole = await globs.match(walkTree(tree, ignored));
        const narrow = await globs.match(walkTree(tree, ignored, globs.mayHold));
        for (const [index, one] of patterns.entries()) {
          const theirs = (await glob(one, { ...options, ignore })).sort();
          expect([...(whole[index] ?? [])].sort(), one).toEqual(theirs);
          expect([...(narrow[index] ?? [])].sort(), one).toEqual(theirs);
          matched += theirs.length;
        }
      },
    ),
    { numRuns: 600 },
  );
  expect(matched).toBeGreaterThan(50);
});

test("links are not followed, and match nothing themselves", async () => {
  const tree = join(root, "links");
  mkdirSync(join(tree, "cmd"), { recursive: true });
  plant(tree, ["elsewhere/x.image.ts", "cmd/a/x.image.ts"]);
  symlinkSync(join(tree, "elsewhere"), join(tree, "cmd/b"));
  symlinkSync(join(tree, "elsewhere/x.image.ts"), join(tree, "cmd/c.image.ts"));
  for (const one of ["cmd/**", "cmd/*/x.image.ts", "cmd/*.image.ts", "cmd/*"]) {
    const globs = compileGlobs(tree, [one], new Set());
    const [ours = []] = await globs.match(walkTree(tree, new Set(), globs.mayHold));
    expect([...ours].sort(), one).toEqual(
      (await glob(one, { cwd: tree, followSymbolicLinks: false, dot: true })).sort(),
    );
  }
});

test("other patterns go to the library", async () => {
  const tree = join(root, "other");
  plant(tree, ["cmd/a/x.image.ts", "cmd/b/y.image.ts", "cmd/c/z.image.ts"]);
  mkdirSync(tree, { recursive: true });
  const globs = compileGlobs(tree, ["cmd/{a,b}/*.image.ts", "cmd/!(a)/*.image.ts"], new Set());
  const matches = await globs.match(walkTree(tree, new Set(), globs.mayHold));
  expect(matches.map((some) => [...some].sort())).toEqual([
    ["cmd/a/x.image.ts", "cmd/b/y.image.ts"],
    ["cmd/b/y.image.ts", "cmd/c/z.image.ts"],
  ]);
});
