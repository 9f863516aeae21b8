/**
 * buildifier as a port: the native program, not the JavaScript launcher, many texts in one run over standard input, always
 * with an explicit configuration (it obeys stray ones silently).
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FormatAnswer, FormatRequest } from "../pipeline/index.ts";
import { createLimit } from "./limit.ts";

/** How to run buildifier. */
export interface BuildifierOptions {
  /** The repo's own program, absolute; ours unless set. */
  readonly program?: string;
  /** The repo's configuration, absolute; none unless set. */
  readonly config?: string;
  /** The repo's root, from where buildifier looks for what its configuration names. */
  readonly root: string;
}

/** buildifier cannot be run at all. */
export class BuildifierError extends Error {
  override readonly name = "BuildifierError";
}

type Type = FormatRequest["type"];

/** Formats the texts: few processes for each type among them, and some more where a text is bad. */
export async function runBuildifier(
  requests: readonly FormatRequest[],
  options: BuildifierOptions,
): Promise<readonly FormatAnswer[]> {
  const answers = new Map<FormatRequest, FormatAnswer>();
  const types = [...new Set(requests.map(({ type }) => type))];
  await Promise.all(
    types.map(async (type) => {
      const batch = requests.filter((request) => request.type === type);
      const results = await formatTexts(
        batch.map(({ text }) => text),
        type,
        options,
      );
      for (const [index, request] of batch.entries()) answers.set(request, results[index] as FormatAnswer);
    }),
  );
  return requests.map((request) => answers.get(request) as FormatAnswer);
}

// buildifier reads standard input on one processor; more texts than these are worth another process.
const batchSize = 250;
// It keeps what it was given until it ends: with 10,000 texts in one process all of us together took 1.1 GiB, now 0.8.
const largestBatch = 1_000;
// The blank at its end is cut off by buildifier, but not in a string that one text opens and another one closes.
const separator = "# gen-bazel-images separates texts here";

// One processor is ours: while buildifier works, the plan goes on. A process more may run, because the next is started
// only when we hear of the end of one.
const processes = Math.max(1, availableParallelism() - 1);
const limit = createLimit(processes + 1);

/** In as many processes as there are processors for and the texts are worth. */
async function formatTexts(
  texts: readonly string[],
  type: Type,
  options: BuildifierOptions,
): Promise<readonly FormatAnswer[]> {
  const share = Math.min(largestBatch, Math.max(batchSize, Math.ceil(texts.length / processes)));
  const starts = Array.from({ length: Math.ceil(texts.length / share) }, (_, index) => index * share);
  const answers = await Promise.all(
    starts.map((start) => formatBatch(texts.slice(start, start + share), type, options)),
  );
  return answers.flat();
}

/** In one process; a batch that has a bad text is halved until the text stands alone. */
async function formatBatch(
  texts: readonly string[],
  type: Type,
  options: BuildifierOptions,
): Promise<readonly FormatAnswer[]> {
  if (texts.length < 2) return Promise.all(texts.map((text) => formatOne(text, type, options)));
  const joined = texts.map((text) => `${withOneLineEnd(text)}\n${separator} \n\n`).join("");
  const result = await run(joined, type, options, joined.length > pipeSize);
  const parts = result.code === 0 ? result.stdout.split(new RegExp(`\\n*^${separator}$\\n*`, "m")) : [];
  // Behind the last text too: buildifier does not say when it cannot write all.
  if (parts.pop() === "" && parts.length === texts.length) return parts.map((part) => ({ text: withOneLineEnd(part) }));
  const half = Math.ceil(texts.length / 2);
  const halves = [texts.slice(0, half), texts.slice(half)];
  return (await Promise.all(halves.map((some) => formatBatch(some, type, options)))).flat();
}

/** Ends in one line feed, however many there were. */
function withOneLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "\n") end--;
  return `${text.slice(0, end)}\n`;
}

async function formatOne(text: string, type: Type, options: BuildifierOptions): Promise<FormatAnswer> {
  const { code, stdout, stderr } = await run(text, type, options);
  if (code === 0) return { text: stdout };
  const match = /^[^\n]*?:(\d+):(\d+): ([^\n]*)/.exec(stderr);
  return { problem: match?.[3] ?? stderr.trim(), line: Number(match?.[1] ?? 1) };
}

interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// What a pipe takes at once on every system. The rest waits for our event loop, which is busy planning.
const pipeSize = 16 * 1024;

function run(input: string, type: Type, options: BuildifierOptions, takesFiles = false): Promise<RunResult> {
  return limit("buildifier", () => runOne(input, type, options, takesFiles));
}

async function runOne(
  input: string,
  type: Type,
  { program, config, root }: BuildifierOptions,
  takesFiles: boolean,
): Promise<RunResult> {
  const command = program ?? nativeProgram();
  // Loaded when it is needed: most runs find all texts in the cache.
  const { spawn } = await import("node:child_process");
  const files = takesFiles ? openFiles(input) : undefined;
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(command, [`-type=${type}`, "-mode=fix", `-config=${config ?? "off"}`], {
        cwd: root,
        stdio: [files?.input ?? "pipe", files?.output ?? "pipe", "pipe"],
        // Go's garbage collector takes a quarter of the processor time unless it may wait longer: 1,000 regions take 0.21 s
        // and 50 MiB by default, 0.16 s and 52 MiB at 400 (pkg.go.dev/runtime, GOGC).
        env: { GOGC: "400", ...process.env },
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
      child.on("error", (error) => reject(new BuildifierError(`${command}: ${error.message}`)));
      child.on("close", (code) => {
        // It comes after an error too, when the files are closed.
        if (child.pid === undefined) return;
        const stdout = files ? readAll(files.output) : Buffer.concat(out);
        resolve({ code, stdout: stdout.toString(), stderr: Buffer.concat(err).toString() });
      });
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
    });
  } finally {
    files?.close();
  }
}

/** Files that stand for standard input and output. */
interface Files {
  readonly input: number;
  readonly output: number;
  readonly close: () => void;
}

/** Files without a name, which are gone when they are closed; undefined where none can be had. */
function openFiles(input: string): Files | undefined {
  const opened: number[] = [];
  const open = (): number => {
    const path = join(tmpdir(), `gen-bazel-images.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
    const file = openSync(path, "wx+", 0o600);
    opened.push(file);
    unlinkSync(path);
    return file;
  };
  const close = () => {
    for (const file of opened) closeSync(file);
  };
  // There the position up to which we write is also the one from which the program would read.
  if (process.platform === "win32") return undefined;
  try {
    const [from, to] = [open(), open()];
    if (writeSync(from, input, 0) === Buffer.byteLength(input)) return { input: from, output: to, close };
  } catch {
    // No folder for temporary files, or it is full: pipes do as well, only later.
  }
  close();
  return undefined;
}

/** All of a file, whatever its position is. */
function readAll(file: number): Buffer {
  const content = Buffer.alloc(fstatSync(file).size);
  const length = readSync(file, content, 0, content.length, 0);
  return content.subarray(0, length);
}

const require = createRequire(import.meta.url);
const systems: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "windows" };
const processors: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", riscv64: "riscv64" };

/** The program of `@bazel/buildifier` for this machine; its launcher would add 0.1 s to start. */
function nativeProgram(): string {
  const folder = dirname(require.resolve("@bazel/buildifier/package.json"));
  const path = join(
    folder,
    `buildifier-${systems[process.platform]}_${processors[process.arch]}${process.platform === "win32" ? ".exe" : ""}`,
  );
  if (!existsSync(path))
    throw new BuildifierError(`@bazel/buildifier has no program for ${process.platform} ${process.arch}`);
  return path;
}
