import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { diagnostic } from "../diagnostics/index.ts";
import { parseImageReference } from "../model/image-reference.ts";
import { type Change, reviewChange } from "../pipeline/index.ts";
import { colours, printChanges } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { type ExitCode, exitCodeOf, type OutputOptions, printFindings, writeChanges } from "./finish.ts";
import { sharedFolder, stampingChanges } from "./stamping.ts";
import { type CommonOptions, configNames, openWorkspace } from "./workspace.ts";

/** What the first files are made of. */
export interface InitOptions {
  /** Base image, `IMAGE[:TAG][@sha256:…]`; a placeholder to fill in unless given. */
  readonly base?: string | undefined;
  /** Folder of the first service. */
  readonly package: string;
  readonly rulesets: string;
  /** Writes what stamping needs, and nothing else; in a repository that has a config too. */
  readonly stamping: boolean;
}

const mend = "npx gen-bazel-images";

/** Writes a config and a first declaration through ts-morph; never over a file that is there. */
export async function init(
  options: CommonOptions,
  output: OutputOptions,
  wanted: InitOptions,
  shell: Shell,
): Promise<ExitCode> {
  const root = resolve(shell.cwd, options.cwd ?? ".");
  const fail = async (...found: Parameters<typeof printFindings>[1]) => {
    await printFindings(root, found, [], mend, output, shell);
    return exitCodeOf(found);
  };
  if (wanted.stamping) return initStamping(options, root, output, shell);
  const present = configNames.find((name) => existsSync(join(root, name)));
  if (present !== undefined) return fail(diagnostic("init-exists", { file: present }));
  const reference = wanted.base === undefined ? undefined : parseImageReference(wanted.base);
  if (reference && "problem" in reference)
    return fail(diagnostic("image-reference-invalid", { image: wanted.base ?? "", problem: reference.problem }));
  const name = wanted.package.split("/").at(-1) ?? "hello";
  const { configText, serviceText } = await import("../shell/starter.ts");
  const files = [
    {
      path: "bazel-images.config.ts",
      text: configText({ reference, rulesets: wanted.rulesets, globs: [`${parentOf(wanted.package)}*/*.image.ts`] }),
    },
    { path: `${wanted.package}/${name}.image.ts`, text: serviceText(name) },
    ...housekeeping(root),
  ];
  const changes: readonly Change[] = files.map(({ path, text }) => {
    const before = readIfThere(join(root, path));
    return reviewChange(path, before, path.startsWith(".") ? text : (before ?? text));
  });
  const changed = [...changes.filter(({ kind }) => kind !== "same"), ...(await stampingChanges(root, "dev"))];
  return write(root, changed, nextSteps(reference?.digest !== undefined), output, shell);
}

/** Writes what stamping needs; the folder is that of the config's shared files. */
async function initStamping(
  options: CommonOptions,
  cwd: string,
  output: OutputOptions,
  shell: Shell,
): Promise<ExitCode> {
  const { root, workspace, diagnostics } = await openWorkspace(options, shell);
  if (diagnostics.some(({ code, severity }) => severity === "error" && code !== "config-not-found")) {
    await printFindings(root, diagnostics, [], mend, output, shell);
    return exitCodeOf(diagnostics);
  }
  const top = workspace ? root : cwd;
  const changed = await stampingChanges(top, sharedFolder(workspace?.declared.config));
  return write(top, changed, changed.length === 0 ? "stamping is set up; nothing to write\n" : "", output, shell);
}

async function write(
  root: string,
  changed: readonly Change[],
  more: string,
  output: OutputOptions,
  shell: Shell,
): Promise<ExitCode> {
  const failed = await writeChanges(root, changed);
  if (failed.length > 0) {
    await printFindings(root, failed, [], mend, output, shell);
    return exitCodeOf(failed);
  }
  const format = output.format === "github" ? "text" : output.format;
  await printFindings(root, [], changed, mend, { ...output, format }, shell);
  if (output.format === "text")
    shell.out(printChanges(changed, "generate", colours(output.color ?? shell.isTerminal)) + more);
  return 0;
}

/** The lines that a repository with a config of ours needs in files about ignoring. */
export function housekeeping(
  root: string,
): readonly { readonly path: string; readonly before: string | undefined; readonly text: string }[] {
  const [bazelignore, gitignore] = [".bazelignore", ".gitignore"].map((name) => readIfThere(join(root, name)));
  return [
    { path: ".bazelignore", before: bazelignore, text: withLine(bazelignore, "node_modules") },
    ...unignored(gitignore).map((file) => ({ ...file, before: gitignore })),
  ];
}

function nextSteps(isPinned: boolean): string {
  const pin = isPinned ? "" : "  npx gen-bazel-images pin      asks the registry for the base's digest\n";
  return `\nnext:\n${pin}  npx gen-bazel-images          writes BUILD.bazel, image_test.yaml and dev/\n  WORKSPACE.example and MODULE.example in the package show what Bazel has to be told once\n`;
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash + 1);
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** The usual line `bazel-*` makes git ignore our config too, which nobody notices before a colleague clones. */
function unignored(gitignore: string | undefined): readonly { readonly path: string; readonly text: string }[] {
  if (gitignore === undefined || !/^\/?bazel-\*\s*$/m.test(gitignore)) return [];
  return [{ path: ".gitignore", text: withLine(gitignore, "!/bazel-images.config.ts") }];
}

function withLine(text: string | undefined, line: string): string {
  if (text === undefined) return `${line}\n`;
  if (text.split("\n").some((present) => present.trim().replace(/\/$/, "") === line)) return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;
}
