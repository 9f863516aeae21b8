/**
 * The command line, as the bin calls it. What hooks and CI run all day (a command that plans, paths, a few switches) is
 * understood here; everything else, mistakes included, goes to yargs, which takes longer to load than a small run.
 */
import type { Shell } from "../shell/index.ts";
import { startStopwatch } from "../shell/stopwatch.ts";
import type { ExitCode, OutputOptions } from "./finish.ts";
import type { CommonOptions } from "./workspace.ts";

/** Runs a command line, without the program's name; what it says goes to the shell. */
export async function run(argv: readonly string[], shell: Shell): Promise<ExitCode> {
  const plain = parsePlain(argv);
  if (!plain) return (await import("./cli.ts")).run(argv, shell);
  const stopwatch = plain.timings ? startStopwatch() : undefined;
  const timed = stopwatch ? { ...shell, enter: stopwatch.enter } : shell;
  const { perform } = await import("./finish.ts");
  const command = await commands[plain.command]();
  const color = shell.env["NO_COLOR"] ? false : undefined;
  const output = { format: "text", color, ...(plain.print0 && { print0: true }) } as const;
  const code = await perform(() => command(plain.options, output, timed), output, timed);
  if (stopwatch) shell.err(stopwatch.print());
  return code;
}

type Command = (
  options: CommonOptions,
  output: OutputOptions & { readonly print0?: boolean },
  shell: Shell,
) => Promise<ExitCode>;

const commands: Readonly<Record<"generate" | "check" | "diff", () => Promise<Command>>> = {
  generate: async () => {
    const { generate } = await import("./generate.ts");
    return (options, output, shell) => generate(options, output, { exitCode: false }, shell);
  },
  check: async () => (await import("./check.ts")).check,
  diff: async () => (await import("./diff.ts")).diff,
};

const switches = ["--timings", "--no-cache", "--prune", "--print0"];

/** A command line that needs no yargs. */
export interface PlainCommandLine {
  readonly command: keyof typeof commands;
  readonly options: CommonOptions;
  readonly timings: boolean;
  readonly print0: boolean;
}

/**
 * Understands `[generate|check|diff] [paths…] [switches…]` as yargs would; undefined for anything else. A first word
 * that is no such command may be any other, so paths need theirs.
 */
export function parsePlain(argv: readonly string[]): PlainCommandLine | undefined {
  const [command = "generate", ...rest] = argv;
  if (command !== "generate" && command !== "check" && command !== "diff") return undefined;
  // Behind a switch yargs takes these for its value.
  if (rest.includes("true") || rest.includes("false")) return undefined;
  const given = rest.filter((word) => word.startsWith("-"));
  if (new Set(given).size < given.length || given.some((word) => !switches.includes(word))) return undefined;
  const has = (word: string) => given.includes(word);
  if (command === "diff" && has("--print0")) return undefined;
  return {
    command,
    options: {
      targets: rest.filter((word) => !word.startsWith("-")),
      cache: !has("--no-cache"),
      ...(has("--prune") && { prune: true }),
    },
    timings: has("--timings"),
    print0: has("--print0"),
  };
}
