import type { CatalogueEntry } from "./entry.ts";

/** Problems of files: shared files, pins, the disk and the programs that read and format them. */
export const files = {
  "file-not-ours": {
    message: "{file} exists and was not written by us",
    hint: "{hint}",
    doc: "A file without our first line is never overwritten.",
  },
  "file-conflict": {
    message: "{file} has a conflict marker",
    hint: "resolve the conflict, then run: npx gen-bazel-images",
    doc: "A pins file with conflict markers is not read.",
  },
  "pins-syntax": {
    message: "{file} does not parse, so its digests cannot be read",
    hint: "mend the file, or restore it from version control",
    doc: "A pins file that does not parse is an error, never taken for one without digests.",
  },
  "pins-disagree": {
    message: 'base "{base}" is pinned to {digest} here and to {other} in {file}',
    hint: "npx gen-bazel-images pin {base}",
    doc: 'With `externalDeps: "both"` the two files must agree on every base.',
  },
  "pin-tag-differs": {
    message: 'base "{base}" follows {wanted}, and its digest in {file} is for {pinned}',
    hint: "npx gen-bazel-images pin {base}",
    doc: "A digest belongs to the image and tag that it was read for; they are never mixed.",
  },
  "pin-digest-differs": {
    message: 'base "{base}" is pinned to {pinned} in {file}; the digest of the config wins',
    severity: "warning",
    doc: "A digest in the config wins over the one in the pins file.",
  },
  "base-not-pinned": {
    message: 'base "{base}" has no digest',
    hint: "npx gen-bazel-images pin {base}",
    doc: "A base is pinned by `pin`, or by `digest` in the config.",
  },
  "prune-refused": {
    message: "this run would remove the regions of {count} of {total} packages",
    hint: "when that is what you want, run it again with --prune",
    doc: "A narrowed glob or a sparse checkout must not wipe a repository.",
  },
  "format-failed": {
    message: "buildifier refuses what we printed for {file}: {detail}",
    hint: "a starlark`...` template of the declaration is most likely no expression",
    doc: "A template put text into the file that is no Starlark.",
  },
  "disk-failed": {
    message: "{file}: {problem}",
    exit: 3,
    doc: "The disk refused a read or a write; every file is whole, old or new.",
  },
  "program-failed": {
    message: "{program} failed: {detail}",
    exit: 3,
    doc: "Another program could not be run or failed.",
  },
} as const satisfies Record<string, CatalogueEntry>;
