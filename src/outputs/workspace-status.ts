import { pathIn } from "../bazel/index.ts";
import type { Templates } from "./output.ts";

/** The script that Bazel asks for the values of stamps; it has to be executable. */
export function workspaceStatus(templates: Templates): string {
  return templates.render("workspace_status.sh", {});
}

/** Lines of a `.bazelrc` without their comments. */
function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).map((line) => line.replace(/#.*/, "").trim());
}

/**
 * The configurations of a `.bazelrc` that stamp, in their order: `release` of `build:release --stamp`, and "" of `build
 * --stamp`, which stamps every build.
 */
export function stampingConfigs(present: string): readonly string[] {
  const stamps = /^(?:build|common|run|always)(?::(\S+))?(?:\s.*)?\s--stamp(?:=(?:1|true|yes))?(?:\s|$)/;
  return linesOf(present).flatMap((line) => {
    const match = stamps.exec(line);
    return match ? [match[1] ?? ""] : [];
  });
}

/**
 * What has to be added to a `.bazelrc` so that `--config=release` stamps, and no other build: nothing where the lines, or
 * others to the same end, are there. `present` is the text of the file with those that it imports.
 */
export function stampingLines(present: string, script: string): readonly string[] {
  const hasStatus = linesOf(present).some((line) => line.includes("--workspace_status_command"));
  return [
    ...(hasStatus ? [] : [`build --workspace_status_command=${script}`]),
    ...(stampingConfigs(present).length > 0 ? [] : ["build:release --stamp"]),
  ];
}

/** A `.bazelrc` with lines added at its end, which end as its own do. */
export function withStampingLines(text: string | undefined, lines: readonly string[]): string {
  const newline = text?.includes("\r\n") ? "\r\n" : "\n";
  const before = text?.trim() ? [text.trimEnd(), ""] : [];
  const comment = "# Stamping: only what is built with --config=release has the values of the workspace status in it.";
  return [...before, comment, ...lines, ""].join(newline);
}

/** Where the script of a repository is: as `.bazelrc` names it, else where we write it; undefined for a command line. */
export function statusScript(present: string, folder: string): string | undefined {
  const lines = linesOf(present).join("\n");
  const [, quoted, plain] = /--workspace_status_command[= ](?:["']([^"'\n]*)["']|(\S+))/.exec(lines) ?? [];
  const command = quoted ?? plain;
  if (command === undefined) return pathIn(folder, "workspace_status.sh");
  const path = command.replace(/^%workspace%\//, "").replace(/^\.\//, "");
  return /^\/|^$|\s|(?:^|\/)\.\.(?:\/|$)/.test(path) ? undefined : path;
}

/** The files that a `.bazelrc` imports from the repository. */
export function importsOf(text: string): readonly string[] {
  const named = [...text.matchAll(/^\s*(?:try-)?import\s+%workspace%\/(\S+)\s*$/gm)].map(([, path = ""]) => path);
  return named.filter((path) => !path.split("/").includes(".."));
}
