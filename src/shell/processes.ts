/**
 * Other programs as children that end with us: each in a process group of its own, so that what it started ends with it.
 * On SIGINT, SIGTERM and SIGHUP the groups get SIGTERM, since what a shell runs in the background ignores SIGINT; what does
 * not end within a while is killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { isExecutable } from "./disk.ts";
import type { Shell } from "./index.ts";

/** How a program ended. */
export interface Ended {
  /** Null when a signal ended it, or when it could not be started. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What to run besides the program and its arguments. */
export interface RunOptions {
  readonly cwd: string;
  readonly env: Shell["env"];
  /** Is told standard error as it comes. */
  readonly onErr?: (text: string) => void;
}

/** Children of this process. */
export interface Processes {
  run(program: string, args: readonly string[], options: RunOptions): Promise<Ended>;
  /** Is aborted when a signal came; nothing starts from then on. */
  readonly interrupted: AbortSignal;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const patience = 5000;

/** Lends children to `work`; a signal ends them, and `work` finds `interrupted` aborted. A second signal ends us too. */
export async function withProcesses<T>(work: (processes: Processes) => Promise<T>): Promise<T> {
  const children = new Set<ChildProcess>();
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const listeners = signals.map((signal) => {
    const listener = () => {
      controller.abort(signal);
      for (const child of children) kill(child, "SIGTERM");
      timers.push(setTimeout(() => [...children].map((child) => kill(child, "SIGKILL")), patience));
    };
    process.once(signal, listener);
    return { signal, listener };
  });
  const { signal: interrupted } = controller;
  try {
    return await work({ interrupted, run: (...args) => runChild(children, interrupted, ...args) });
  } finally {
    for (const { signal, listener } of listeners) process.off(signal, listener);
    for (const timer of timers) clearTimeout(timer);
    for (const child of children) kill(child, "SIGTERM");
  }
}

function runChild(
  children: Set<ChildProcess>,
  interrupted: AbortSignal,
  program: string,
  args: readonly string[],
  { cwd, env, onErr }: RunOptions,
): Promise<Ended> {
  if (interrupted.aborted) return Promise.resolve({ code: null, out: "", err: "interrupted" });
  const child = spawn(program, [...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  children.add(child);
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err.push(text);
    onErr?.(text);
  });
  return new Promise((done) => {
    const end = (code: number | null): void => {
      children.delete(child);
      if (interrupted.aborted) err.push("\ninterrupted");
      done({ code, out: out.join(""), err: err.join("") });
    };
    child.on("error", (error) => {
      err.push(error.message);
      end(null);
    });
    child.on("close", end);
  });
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    // The group; Windows has none.
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

/** The path of a program: a name is looked up on the shell's PATH, a path is taken from `cwd`. */
export function findProgram(name: string, env: Shell["env"], cwd: string): string | undefined {
  if (isAbsolute(name) || /[/\\]/.test(name)) {
    const path = resolve(cwd, name);
    return isExecutable(path) ? path : undefined;
  }
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  return folders
    .flatMap((folder) => names.map((candidate) => resolve(cwd, join(folder, candidate))))
    .find(isExecutable);
}
