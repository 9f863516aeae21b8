/** The benchmark still runs; what it measures is its own affair. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const run = join(import.meta.dirname, "../bench/run.mjs");

test("on monorepos of a few services, of each kind of declarations, every row with its figures", () => {
  const argv = [run, "--sizes", "2", "--pairs", "1", "--declarations", "literals,calls,typed"];
  const out = execFileSync(process.execPath, argv, { encoding: "utf8" });
  const rows = out.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("| ---"));
  const cells = rows.map((row) => row.slice(2, -2).split(" | "));
  const tables = cells.flatMap(([head]) => (head?.includes(" services, ") ? head : []));
  const kinds = ["literals", "calls", "typed"];
  expect(tables).toEqual(kinds.map((kind) => `2 services, ${kind}`));
  const ours = cells.filter(([name]) => name?.startsWith("`"));
  expect(ours).toHaveLength(3 * 2 * 6);
  for (const [name, cache, median, spread, ratio] of ours) {
    expect(["warm", "empty"], name).toContain(cache);
    expect(median, name).toMatch(/^\d+$/);
    expect(spread, name).toMatch(/^\d+ to \d+$/);
    expect(ratio, name).toMatch(/^\d+\.\d\d × (?:buildifier|node -e 0)$/);
  }
}, 120_000);
