/**
 * How fast we are: whole processes of the built package on a monorepo in a temporary folder, in turn with the programs
 * that do comparable work. Prints a Markdown table of medians and spreads, and ratios within the same turn.
 *
 *   node bench/run.mjs [--sizes 100,1000,10000] [--pairs 5] [--declarations literals,calls,typed] [--projen]
 *
 * `--projen` fetches projen from npm into a temporary folder unless PROJEN_DIR has it; Gazelle is measured when it is on
 * the PATH.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildifier, gazelle, node, projen } from "./peers.mjs";
import { peakMemory, time } from "./process.mjs";
import { generatedFiles, scenarios } from "./scenarios.mjs";
import { declarationKinds, writeTree } from "./tree.mjs";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "100" },
    pairs: { type: "string", default: "5" },
    declarations: { type: "string", default: declarationKinds[0] },
    projen: { type: "boolean", default: false },
  },
});

const sizes = values.sizes.split(",").map(Number);
const pairs = Number(values.pairs);
if (![...sizes, pairs].every((number) => Number.isInteger(number) && number > 0))
  throw new Error("--sizes and --pairs take whole numbers above 0, sizes with commas between them");
const kinds = values.declarations.split(",");
if (!kinds.every((kind) => declarationKinds.includes(kind)))
  throw new Error(`--declarations takes some of ${declarationKinds.join(", ")}, with commas between them`);

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}, ${pairs} runs each\n`,
);
// All goes at the end: after files were removed, ext4 takes longer to make new ones.
const leftovers = [];
try {
  for (const count of sizes) for (const kind of kinds) await measure(count, kind);
} finally {
  for (const remove of leftovers) remove();
}

async function measure(count, kind) {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-bench-")));
  leftovers.push(() => rmSync(place, { recursive: true, force: true }));
  const root = join(place, "monorepo");
  writeTree(root, count, kind);
  const ours = scenarios(root, count, kind, join(place, "caches"));
  // The second run finds what the first one learned of the bundle, the third runs what V8 made of it.
  const [first] = ours;
  for (let run = 0; run < 3; run++) time(first);
  const floor = buildifier(root);
  const written = projen(generatedFiles(root, count), values.projen);
  if (written) leftovers.push(written.remove);
  const peers = [node, floor, gazelle(root), written].filter((peer) => peer !== undefined);
  const times = new Map([...peers, ...ours].map((one) => [one, []]));
  for (let pair = 0; pair < pairs; pair++) {
    for (const [one, taken] of times) {
      one.prepare?.();
      taken.push(time(one));
    }
  }
  print(`${count} services, ${kind}`, times, floor, await memoryOf(ours));
}

async function memoryOf(ours) {
  const peaks = new Map();
  for (const one of ours) {
    one.prepare();
    peaks.set(one, await peakMemory(one));
  }
  return peaks;
}

function print(title, times, floor, memory) {
  const rows = [...times].map(([one, taken]) => {
    const base = one.against === "node" ? node : floor;
    const ratios = taken.map((value, index) => value / times.get(base)[index]);
    const label = one.cache === undefined ? one.name : `\`${one.name}\``;
    const peak = memory.get(one);
    return [
      label,
      one.cache ?? "",
      `${median(taken).toFixed(0)}`,
      `${Math.min(...taken).toFixed(0)} to ${Math.max(...taken).toFixed(0)}`,
      one === base || one === node
        ? ""
        : `${median(ratios).toFixed(2)} × ${one.against === "node" ? "node -e 0" : "buildifier"}`,
      peak === undefined ? "" : peak.toFixed(0),
    ];
  });
  const head = [title, "cache", "median ms", "spread ms", "ratio", "peak MiB"];
  console.log([head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n"));
  console.log("");
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
