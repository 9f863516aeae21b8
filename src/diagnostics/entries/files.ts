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
  "pin-digest-fixed": {
    message: 'the digest of base "{base}" is fixed in the config',
    hint: "change it here, or remove `digest` and run: npx gen-bazel-images pin {base}",
    doc: "`pin` leaves a base alone whose digest the config gives; naming it is an error.",
  },
  "pin-unknown-base": {
    message: '"{base}" is no base of the config',
    doc: "`pin` and `verify` take the names of bases.",
  },
  "pin-platforms-missing": {
    message: 'the image of base "{base}" has several platforms ({available}), and the base names none',
    hint: 'add the ones that you use: platforms: ["linux/amd64"]',
    doc: "rules_oci pulls an index only for named platforms.",
  },
  "pin-platform-absent": {
    message: 'the image of base "{base}" has no platform {platform}; it has {available}',
    hint: "write the platform exactly as the image's index spells it",
    doc: "Platforms are compared with the index as they are spelt, variant included (rules_oci#671).",
  },
  "pin-single-platform": {
    message: 'base "{base}" is for {platforms}, and {image} is an image of one platform, {available}',
    hint: "follow the tag of a multi-platform image, or name one platform",
    doc: "A base used on several platforms pins the digest of the index (renovate#9786).",
  },
  "prune-refused": {
    message: "this run would remove {count} of {total} services from their files",
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
