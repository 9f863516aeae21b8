/** Whole processes: how long they take, and how much memory they and their children hold at their peak. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Runs a program to its end and gives the milliseconds; throws when it fails, because then nothing was measured. */
export function time({ program, argv, cwd, env = {} }) {
  const started = performance.now();
  const ended = spawnSync(program, argv, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const took = performance.now() - started;
  if (ended.error) throw ended.error;
  if (ended.status !== 0)
    throw new Error(
      `${program} ${argv.join(" ")} ended with ${ended.status}: ${ended.stderr}${ended.stdout}`.slice(0, 4000),
    );
  return took;
}

/** The most memory that a program and its children held together, in MiB; undefined where there is no /proc. */
export async function peakMemory({ program, argv, cwd, env = {} }) {
  if (process.platform !== "linux") return undefined;
  const child = spawn(program, argv, { cwd, env: { ...process.env, ...env }, stdio: "ignore" });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentSize(child.pid));
  }, 5);
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  clearInterval(timer);
  return peak / 1024;
}

/** Resident kibibytes of a process and all below it; 0 for one that is gone. */
function residentSize(pid) {
  try {
    const [, own = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const below = children === "" ? [] : children.split(" ").map(residentSize);
    return Number(own) + below.reduce((sum, size) => sum + size, 0);
  } catch {
    return 0;
  }
}
