import type { CatalogueEntry } from "./entry.ts";

/** Problems of a BUILD file that a region of ours is put into. */
export const splice = {
  "build-file-syntax": {
    message: "{file} does not parse: {detail}",
    hint: "mend the file, then run: npx gen-bazel-images",
    doc: "buildifier refuses an existing BUILD file; nothing is written.",
  },
} as const satisfies Record<string, CatalogueEntry>;
