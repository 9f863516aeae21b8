import { pathIn } from "./label.ts";

/** The names of a package's BUILD file, in the order in which Bazel looks for them. */
const buildFileNames = ["BUILD.bazel", "BUILD"] as const;

/** The paths at which a package may have its BUILD file, the one that Bazel takes first in front. */
export function buildFilesIn(pkg: string): readonly string[] {
  return buildFileNames.map((name) => pathIn(pkg, name));
}

/** Reports whether a path is that of a BUILD file. */
export function isBuildFile(path: string): boolean {
  return /(?:^|\/)BUILD(?:\.bazel)?$/.test(path);
}
