/** The benchmark still runs; what it measures is its own affair. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const run = join(import.meta.dirname, "../bench/run.mjs");

test.each(["literals", "calls", "typed"])(
  "on two monorepos of a few services, every row with its figures: %s",
  (kind) => {
    const argv = [run, "--sizes", "2,3", "--pairs", "1", "--declarations", kind];
    const out = execFileSync(process.execPath, argv, { encoding: "utf8" });
    const rows = out.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("| ---"));
    const cells = rows.map((row) => row.slice(2, -2).split(" | "));
    const tables = cells.filter(([head]) => head?.endsWith(" services"));
    expect(tables.map(([head]) => head)).toEqual(["2 services", "3 services"]);
    const ours = cells.filter(([name]) => name?.startsWith("`"));
    expect(ours).toHaveLength(2 * 2 * 6);
    for (const [name, cache, median, spread, ratio] of ours) {
      expect(["warm", "empty"], name).toContain(cache);
      expect(median, name).toMatch(/^\d+$/);
      expect(spread, name).toMatch(/^\d+ to \d+$/);
      expect(ratio, name).toMatch(/^\d+\.\d\d × (?:buildifier|node -e 0)$/);
    }
  },
  120_000,
);
