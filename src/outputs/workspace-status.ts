import { pathIn } from "../bazel/index.ts";
import type { Templates } from "./output.ts";

/** The script that Bazel asks for the values of stamps; it has to be executable. */
export function workspaceStatus(templates: Templates): string {
  return templates.render("workspace_status.sh", {});
}

/**
 * What has to be added to a `.bazelrc` so that `--config=release` stamps, and no other build: nothing where the lines, or
 * others to the same end, are there. `present` is the text of the file with those that it imports.
 */
export function stampingLines(present: string, script: string): readonly string[] {
  const lines = present.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const status = lines.some((line) => line.includes("--workspace_status_command"));
  const stamps = lines.some((line) => /\s--stamp(?:=(?:1|true|yes))?(?:\s|$)/.test(line));
  return [
    ...(status ? [] : [`build --workspace_status_command=${script}`]),
    ...(stamps ? [] : ["build:release --stamp"]),
  ];
}

/** A `.bazelrc` with lines added at its end. */
export function withStampingLines(text: string | undefined, lines: readonly string[]): string {
  const before = text === undefined || text === "" ? "" : `${text.replace(/\n*$/, "")}\n\n`;
  return `${before}# Stamping: only what is built with --config=release has the values of the workspace status in it.\n${lines.join("\n")}\n`;
}

/** Where the script of a repository is: as `.bazelrc` names it, else where we write it; undefined for a command line. */
export function statusScript(present: string, folder: string): string | undefined {
  const lines = present.replace(/^\s*#.*$/gm, "");
  const [, quoted, plain] = /--workspace_status_command[= ](?:["']([^"']*)["']|(\S+))/.exec(lines) ?? [];
  const command = quoted ?? plain;
  if (command === undefined) return pathIn(folder, "workspace_status.sh");
  const path = command.replace(/^%workspace%\//, "").replace(/^\.\//, "");
  return /^\/|^$|\s|(?:^|\/)\.\.(?:\/|$)/.test(path) ? undefined : path;
}

/** The files that a `.bazelrc` imports from the repository. */
export function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*(?:try-)?import\s+%workspace%\/(\S+)\s*$/gm)].map(([, path = ""]) => path);
}
