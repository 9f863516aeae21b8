/**
 * The catalogue of diagnostics: one entry per code, with its message, the next step, and the sentence that
 * `docs/diagnostics.md` prints. `{name}` stands for an argument. The entries stand in `entries/`, by subject.
 */
import { declarations } from "./entries/declarations.ts";
import type { CatalogueEntry } from "./entries/entry.ts";
import { files } from "./entries/files.ts";
import { imports } from "./entries/imports.ts";
import { publishing } from "./entries/publishing.ts";
import { registries } from "./entries/registries.ts";
import { splice } from "./entries/splice.ts";
import { stamping } from "./entries/stamping.ts";

export type { CatalogueEntry } from "./entries/entry.ts";

/** Arguments of a message, by name. */
export type DiagnosticArgs = Readonly<Record<string, string | number>>;

const entries = { ...declarations, ...files, ...imports, ...publishing, ...registries, ...splice, ...stamping };

/** Every code that a diagnostic can have. */
export type DiagnosticCode = keyof typeof entries;

/** The catalogue, by code. */
export const catalogue: Readonly<Record<DiagnosticCode, CatalogueEntry>> = entries;
