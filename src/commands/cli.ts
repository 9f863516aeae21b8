/** The command line: what there is to say, and which file of this folder does it. Each command is imported when it runs. */
import { resolve } from "node:path";
import yargs, { type Argv } from "yargs";
import { isFolder } from "../shell/disk.ts";
import type { Shell } from "../shell/index.ts";
import { startStopwatch } from "../shell/stopwatch.ts";
import { packageVersion } from "../shell/version.ts";
import type { ExitCode, OutputOptions } from "./finish.ts";
import type { PushOptions } from "./push.ts";
import type { CommonOptions } from "./workspace.ts";

interface Parsed {
  readonly cwd?: string;
  readonly config?: string;
  readonly format: OutputOptions["format"];
  readonly color?: boolean;
  readonly prune?: boolean;
  readonly print0?: boolean;
  readonly cache?: boolean;
  readonly targets?: readonly string[];
  /** What follows `--`: more targets, or flags for another program. */
  readonly "--"?: readonly string[];
}

type Action = (
  options: CommonOptions,
  output: OutputOptions & { readonly print0?: boolean },
  parsed: Parsed & Readonly<Record<string, unknown>>,
) => Promise<ExitCode>;

/** Runs a command line, without the program's name; what it says goes to the shell. */
export async function run(argv: readonly string[], plainShell: Shell): Promise<ExitCode> {
  let code: ExitCode = 0;
  const stopwatch = argv.includes("--timings") ? startStopwatch() : undefined;
  const shell = stopwatch ? { ...plainShell, enter: stopwatch.enter } : plainShell;
  const does =
    (action: Action, after: "targets" | "flags" = "targets") =>
    async (args: object) => {
      const parsed = args as Parsed & Readonly<Record<string, unknown>>;
      const { cwd, config, prune, cache, format, print0 } = parsed;
      const targets = [...(parsed.targets ?? []), ...(after === "targets" ? (parsed["--"] ?? []) : [])];
      const color = shell.env["NO_COLOR"] ? false : parsed.color;
      const output = { format, color, ...(print0 && { print0 }) };
      const options = { cwd, config, prune, cache, targets: targets.map(String) };
      const { perform } = await import("./finish.ts");
      code = await perform(() => action(options, output, parsed), output, shell);
      if (stopwatch) shell.err(stopwatch.print());
    };
  const parser = commands(yargs([...argv]).scriptName("gen-bazel-images"), shell, does);
  try {
    await parser.parseAsync();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    shell.err(`${error.message}\n`);
    return 2;
  }
  return code;
}

/** The command line cannot be understood. */
class UsageError extends Error {}

function commands(
  base: Argv,
  shell: Shell,
  does: (action: Action, after?: "targets" | "flags") => (args: object) => Promise<void>,
): Argv {
  const targets = (y: Argv) =>
    y.positional("targets", {
      type: "string",
      array: true,
      describe: "packages, paths or names of services; all when none is given",
    });
  const bases = (y: Argv) =>
    y.positional("targets", { type: "string", array: true, describe: "names of bases; all when none is given" });
  const print0 = (y: Argv) =>
    y.option("print0", { type: "boolean", describe: "print the paths alone, each ended by NUL" });
  const prune = (y: Argv) =>
    y.option("prune", { type: "boolean", describe: "let a run remove most of the regions that are there" });
  const timings = (y: Argv) =>
    y.option("timings", { type: "boolean", describe: "say on standard error where the time went" });
  return base
    .usage("$0 [command] [paths…]\n\nWrites and maintains the Bazel rules that build, test and push container images.")
    .command(
      ["generate [targets..]", "$0 [targets..]"],
      "write what differs",
      (y) =>
        prune(print0(timings(targets(y))))
          .option("exit-code", {
            type: "boolean",
            default: false,
            describe: "exit 1 when something was written, for hooks",
          })
          .example("$0", "bring the whole repository up to date")
          .example("$0 cmd/worker", "only the packages at or below cmd/worker")
          .example("$0 worker", "only the package of the service worker"),
      does(async (o, out, parsed) =>
        (await import("./generate.ts")).generate(o, out, { exitCode: parsed["exitCode"] === true }, shell),
      ),
    )
    .command(
      "check [targets..]",
      "write nothing; exit 1 when something is stale",
      (y) =>
        prune(print0(timings(targets(y))))
          .example("$0 check", "in CI")
          .example("$0 check --format github", "with annotations in GitHub Actions"),
      does(async (o, out) => (await import("./check.ts")).check(o, out, shell)),
    )
    .command(
      "diff [targets..]",
      "print what generate would change",
      (y) => prune(timings(targets(y))).example("$0 diff cmd/worker | less", "read it first"),
      does(async (o, out) => (await import("./diff.ts")).diff(o, out, shell)),
    )
    .command(
      "print [targets..]",
      "print the wanted text of every file",
      (y) => prune(targets(y)).example("$0 print worker", "see what a declaration gives"),
      does(async (o, out) => (await import("./print.ts")).print(o, out, shell)),
    )
    .command(
      "list [targets..]",
      "list the services and their targets",
      (y) =>
        targets(y)
          .option("gitattributes", {
            type: "boolean",
            default: false,
            describe: "print a line of .gitattributes for each file that is generated as a whole",
          })
          .example("$0 list --format json", "for scripts")
          .example("$0 list --gitattributes >> .gitattributes", "collapse generated files in reviews"),
      does(async (o, out, parsed) =>
        (await import("./list.ts")).list(o, out, { gitattributes: parsed["gitattributes"] === true }, shell),
      ),
    )
    .command(
      "pin [targets..]",
      "ask the registries for the digests of the bases' tags and write them",
      (y) =>
        bases(y)
          .option("check", { type: "boolean", default: false, describe: "write nothing; exit 1 when a base is behind" })
          .example("$0 pin", "every base whose digest the config does not fix")
          .example("$0 pin wolfi_base --check", "is one base behind its tag?"),
      does(async (o, out, parsed) =>
        (await import("./pin.ts")).pin(o, out, { check: parsed["check"] === true }, shell),
      ),
    )
    .command(
      "verify [targets..]",
      "does every pinned digest still exist, with its platforms",
      (y) => bases(y).example("$0 verify", "in a nightly job"),
      does(async (o, out) => (await import("./verify.ts")).verify(o, out, shell)),
    )
    .command(
      "doctor",
      "say what stamping lacks, and of each registry in use whether it answers and how it authenticates",
      (y) => y.example("$0 doctor", "why does a pull fail, and which go_library lacks its x_defs?"),
      does(async (o, out) => (await import("./doctor.ts")).doctor(o, out, shell)),
    )
    .command(
      "init",
      "write a config and a first declaration",
      (y) =>
        y
          .option("base", { type: "string", describe: "base image, IMAGE[:TAG][@sha256:…]" })
          .option("package", { type: "string", default: "cmd/hello", describe: "folder of the first service" })
          .option("rulesets", { type: "string", default: "rules_oci@2", describe: "rules_oci and its version" })
          .option("stamping", {
            type: "boolean",
            default: false,
            describe: "only what stamping needs: workspace_status.sh and lines of .bazelrc",
          })
          .example(
            "$0 init --base index.docker.io/library/debian:bookworm-slim@sha256:…",
            "a repository that generates offline",
          ),
      does(async (o, out, parsed) =>
        (await import("./init.ts")).init(
          o,
          out,
          {
            base: text(parsed["base"]),
            package: text(parsed["package"]) ?? "cmd/hello",
            rulesets: text(parsed["rulesets"]) ?? "rules_oci@2",
            stamping: parsed["stamping"] === true,
          },
          shell,
        ),
      ),
    )
    .command(
      "import [targets..]",
      "write the declarations that regenerate hand-written rules",
      (y) =>
        y
          .positional("targets", {
            type: "string",
            array: true,
            describe: "packages or folders; the whole repository when none is given",
          })
          .option("dry-run", { type: "boolean", default: false, describe: "show the diffs and write nothing" })
          .example("$0 import --dry-run | less", "read first what would be written")
          .example("$0 import cmd/worker //cmd/web", "two packages, and what lies below them"),
      does(async (o, out, parsed) =>
        (await import("./import.ts")).importRules(o, out, { dryRun: parsed["dryRun"] === true }, shell),
      ),
    )
    .command(
      "push [targets..]",
      "build the push targets, stamped, and push their images",
      (y) => pushOptions(targets(y)),
      does(async (o, out, parsed) => (await import("./push.ts")).push(o, out, pushOf(parsed), shell), "flags"),
    )
    .command(
      "eject [targets..]",
      "remove the markers and leave plain rules",
      (y) => targets(y).example("$0 eject cmd/worker", "hand the rules of a package over to people"),
      does(async (o, out) => (await import("./eject.ts")).eject(o, out, shell)),
    )
    .option("cwd", {
      type: "string",
      requiresArg: true,
      describe: "where to start; the config is looked for from here upwards",
    })
    .option("config", { type: "string", requiresArg: true, describe: "the config file; its folder is the root" })
    .option("format", {
      choices: ["text", "json", "github"] as const,
      default: "text" as const,
      requiresArg: true,
      describe: "how to print",
    })
    .option("cache", {
      type: "boolean",
      default: true,
      describe: "remember bundles and formatted texts by their content; --no-cache also uses nothing remembered",
    })
    .option("color", { type: "boolean", describe: "colours; on a terminal unless --no-color or NO_COLOR" })
    .parserConfiguration({ "populate--": true })
    .check((parsed) => checkValues(parsed, shell))
    .strictOptions()
    .recommendCommands()
    .wrap(100)
    .version(packageVersion())
    .alias({ h: "help" })
    .exitProcess(false)
    .fail((message, error) => {
      // A YError is what yargs finds wrong while it parses.
      if (error && error.name !== "YError") throw error;
      throw new UsageError(`${message ?? error?.message}\nsee: gen-bazel-images --help`);
    }) as Argv;
}

const lists: readonly string[] = ["_", "--", "targets", "tag", "registry"];

/** Of an option that is given twice yargs makes a list, of one without a value an empty text. */
function checkValues(parsed: Readonly<Record<string, unknown>>, shell: Shell): true {
  for (const [name, value] of Object.entries(parsed)) {
    if (Array.isArray(value) && !lists.includes(name)) throw new UsageError(`--${name} is given twice; once is enough`);
    if (value === "") throw new UsageError(`--${name} takes a value`);
  }
  const cwd = text(parsed["cwd"]);
  if (cwd !== undefined && !isFolder(resolve(shell.cwd, cwd))) throw new UsageError(`--cwd: ${cwd} is no folder`);
  return true;
}

function pushOptions(y: Argv): Argv {
  return y
    .option("stage", {
      choices: ["candidate", "release", "all"] as const,
      default: "candidate" as const,
      describe: "which of a service's push targets",
    })
    .option("dry-run", { type: "boolean", default: false, describe: "build, and print what would be pushed" })
    .option("only-changed-since", { type: "string", describe: "leave out what nothing changed for since a revision" })
    .option("tag", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "one more tag for every image; its own stay",
    })
    .option("registry", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "push to R/<name> instead; several times for several registries",
    })
    .option("unmanaged", { type: "boolean", default: false, describe: "push targets outside our regions too" })
    .option("branch", { type: "string", describe: 'the branch that may push; "main" unless the config says another' })
    .option("any-branch", { type: "boolean", default: false, describe: "push from whatever branch this is" })
    .option("allow-dirty", { type: "boolean", default: false, describe: "push what is not committed" })
    .option("jobs", { type: "number", default: 4, describe: "how many to push at once" })
    .option("retries", { type: "number", default: 3, describe: "how often to try again what failed in transit" })
    .option("bazel", { type: "string", describe: "the program; bazel on PATH, else bazelisk" })
    .example("$0 push", "in CI on main: every candidate")
    .example("$0 push --dry-run", "on a branch: build, stamp and print what would be pushed")
    .example("$0 push worker --tag hotfix-1 --stage all", "one service, with one more tag")
    .example("$0 push --registry eu.gcr.io/acme --registry us.gcr.io/acme", "to two registries")
    .example("$0 push --only-changed-since origin/release", "only what has changed")
    .example("$0 push -- --config=ci", "flags for bazel build and run follow --")
    .check(({ jobs, retries }) => {
      for (const [name, value, least] of [["jobs", jobs, 1] as const, ["retries", retries, 0] as const])
        if (!Number.isInteger(value) || Number(value) < least)
          throw new UsageError(`--${name} takes an integer of at least ${least}`);
      return true;
    });
}

function pushOf(parsed: Readonly<Record<string, unknown>>): PushOptions {
  const strings = (key: string) => (Array.isArray(parsed[key]) ? parsed[key].map(String) : []);
  const stage = parsed["stage"];
  return {
    stage: stage === "release" || stage === "all" ? stage : "candidate",
    tags: strings("tag"),
    registries: strings("registry").map((registry) => registry.replace(/\/+$/, "")),
    dryRun: parsed["dryRun"] === true,
    unmanaged: parsed["unmanaged"] === true,
    onlyChangedSince: text(parsed["onlyChangedSince"]),
    branch: text(parsed["branch"]),
    anyBranch: parsed["anyBranch"] === true,
    allowDirty: parsed["allowDirty"] === true,
    jobs: Number(parsed["jobs"]),
    retries: Number(parsed["retries"]),
    bazel: text(parsed["bazel"]),
    bazelFlags: strings("--"),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
