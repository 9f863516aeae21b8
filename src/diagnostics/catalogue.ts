/**
 * The catalogue of diagnostics: one entry per code, with its message, the next step, and the sentence that
 * `docs/diagnostics.md` prints. `{name}` stands for an argument.
 */

/** Arguments of a message, by name. */
export type DiagnosticArgs = Readonly<Record<string, string | number>>;

/** What the catalogue knows about a code. */
export interface CatalogueEntry {
  readonly message: string;
  readonly hint?: string;
  readonly doc: string;
  /** `error` unless given. */
  readonly severity?: "error" | "warning";
  /** Exit code that an error of this kind ends in; 2 unless given. */
  readonly exit?: 2 | 3;
}

const entries = {
  // The splice: markers, loads and names in a BUILD file.
  "build-file-syntax": {
    message: "{file} does not parse: {detail}",
    hint: "mend the file, then run: npx gen-bazel-images",
    doc: "An existing BUILD file is refused by buildifier; nothing is written.",
  },
} as const satisfies Record<string, CatalogueEntry>;

/** Every code that a diagnostic can have. */
export type DiagnosticCode = keyof typeof entries;

/** The catalogue, by code. */
export const catalogue: Readonly<Record<DiagnosticCode, CatalogueEntry>> = entries;
