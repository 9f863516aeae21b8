/** Bazel as a port: a query, the one build, and scripts that run targets. What it says on failure comes back as it is. */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outputsOf } from "../publish/index.ts";
import type { Shell } from "./index.ts";
import { type Ended, findProgram, type Processes } from "./processes.ts";

/** A workspace of Bazel. */
export interface Bazel {
  /** `keepGoing` answers with what can be answered. */
  query(expression: string, output: "xml" | "label", keepGoing?: boolean): Promise<Ended>;
  /** Builds all in one call; afterwards `filesOf` tells their outputs. */
  build(labels: readonly string[]): Promise<Ended>;
  /** The texts of the files of a target that was built, or of a source file. */
  textOf(label: string): string | undefined;
  /** Writes a script that does what `bazel run` would do, and gives its path. */
  script(label: string): Promise<Ended & { readonly path: string }>;
}

/** What a run of Bazel needs. */
export interface BazelOptions {
  /** Absolute. */
  readonly program: string;
  readonly root: string;
  /** For the commands that build: `--config=ci`. */
  readonly flags: readonly string[];
}

/** The path of the program named, else of `bazel` or `bazelisk`; or the name that was not found. */
export function findBazel(
  program: string | undefined,
  root: string,
  env: Shell["env"],
): { readonly path: string } | { readonly missing: string } {
  for (const name of program === undefined ? ["bazel", "bazelisk"] : [program]) {
    const path = findProgram(name, env, root);
    if (path !== undefined) return { path };
  }
  return { missing: program ?? "bazel" };
}

/** Lends Bazel to `work`; scripts and lists stand in a temporary folder that goes with it. */
export async function withBazel<T>(
  { program, root, flags }: BazelOptions,
  shell: Shell,
  processes: Processes,
  work: (bazel: Bazel) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "gen-bazel-images-push-"));
  const run = (args: readonly string[], onErr?: (text: string) => void) =>
    processes.run(program, args, { cwd: root, env: shell.env, ...(onErr && { onErr }) });
  const stamped = ["--stamp", ...flags];
  let outputs: ReadonlyMap<string, readonly string[]> = new Map();
  let count = 0;
  try {
    return await work({
      query: async (expression, output, keepGoing = false) => {
        const file = join(folder, `query${++count}`);
        await writeFile(file, expression);
        return run([
          "query",
          "--noshow_progress",
          ...(keepGoing ? ["--keep_going"] : []),
          `--output=${output}`,
          `--query_file=${file}`,
        ]);
      },
      build: async (labels) => {
        const [targets, events] = [join(folder, "targets"), join(folder, "events")];
        await writeFile(targets, labels.map((label) => `${label}\n`).join(""));
        // What is read below has to be here, also when a remote cache keeps the rest.
        const own = ["--keep_going", "--remote_download_toplevel"];
        const files = [`--target_pattern_file=${targets}`, `--build_event_json_file=${events}`];
        const ended = await run(["build", ...own, ...stamped, ...files], (text) => shell.err(text));
        if (ended.code === 0) outputs = outputsOf(await readFile(events, "utf8"));
        return ended;
      },
      textOf: (label) => readTarget(root, label, outputs),
      script: async (label) => {
        const path = join(folder, `push${++count}${process.platform === "win32" ? ".bat" : ""}`);
        return { ...(await run(["run", "--noshow_progress", ...stamped, `--script_path=${path}`, label])), path };
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readTarget(root: string, label: string, outputs: ReadonlyMap<string, readonly string[]>): string | undefined {
  const built = outputs.get(label)?.filter((uri) => uri.startsWith("file:")) ?? [];
  // A source file is its own output, of which the events tell nothing.
  const source = join(root, label.slice(2).replace(":", "/"));
  const paths = built.length > 0 ? built.map((uri) => fileURLToPath(uri)) : existsSync(source) ? [source] : [];
  return paths.length === 0 ? undefined : paths.map((path) => readFileSync(path, "utf8")).join("");
}
