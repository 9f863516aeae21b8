/** What the catalogue knows about a code. */
export interface CatalogueEntry {
  /** One sentence; `{name}` is replaced by the argument of that name. */
  readonly message: string;
  /** The next step, with a command or line that can be pasted. A hint argument of the diagnostic replaces it. */
  readonly hint?: string;
  /** What `docs/diagnostics.md` says about the code. */
  readonly doc: string;
  /** `error` unless given. */
  readonly severity?: "error" | "warning";
  /** Exit code that an error of this kind ends in; 2 unless given. */
  readonly exit?: 2 | 3;
}
