import { spawn } from "node:child_process";
import type { Env } from "./proxy.ts";

/** How a program ended. */
export interface ProgramResult {
  /** No code when it could not be started or did not end by itself. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem?: "not-found" | "timeout" | "too-much-output" | "not-startable";
}

/** What to run; the program is looked up on the PATH of `env`, without a shell. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly env: Env;
  readonly timeout: number;
}

/** Runs a program to its end. Never rejects. */
export type RunProgram = (program: Program) => Promise<ProgramResult>;

const mostOutput = 1 << 20;

/** Runs a program as a child process; a child that hangs is killed, also when its own children hold the pipes. */
export const runProgram: RunProgram = ({ command, args, stdin, env, timeout }) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...env }, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const output = { stdout: "", stderr: "" };
    const finish = (code: number | undefined, problem?: ProgramResult["problem"]): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, ...output, ...(problem !== undefined && { problem }) });
    };
    const abort = (problem: "timeout" | "too-much-output"): void => {
      child.kill("SIGKILL");
      finish(undefined, problem);
    };
    const timer = setTimeout(() => abort("timeout"), timeout);
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
        if (output[name].length > mostOutput) abort("too-much-output");
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) =>
      finish(undefined, error.code === "ENOENT" ? "not-found" : "not-startable"),
    );
    child.on("close", (code) => finish(code ?? undefined));
    // A program that ends without reading breaks the pipe; its exit code says more.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
