import { type Diagnostic, diagnostic, type Result } from "../diagnostics/index.ts";
import type { FileType } from "../outputs/index.ts";

/** A text to format. */
export interface FormatRequest {
  /** What it is for, in messages. */
  readonly file: string;
  readonly type: FileType;
  readonly text: string;
}

/** What buildifier says about a text that it refuses. */
export interface FormatFailure {
  readonly problem: string;
  readonly line: number;
}

/** The formatted text, or why there is none. */
export type FormatAnswer = { readonly text: string } | FormatFailure;

type Format = (requests: readonly FormatRequest[]) => Promise<readonly FormatAnswer[]>;

/** Formats all texts in one go and makes a value of each. */
export async function formatAll<T>(
  requests: readonly FormatRequest[],
  format: Format,
  make: (index: number, text: string) => T,
): Promise<Result<readonly T[]>> {
  const answers = await format(requests);
  const value: T[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, request] of requests.entries()) {
    const answer = answers[index];
    if (!answer) continue;
    if ("text" in answer) value.push(make(index, answer.text));
    else
      diagnostics.push(diagnostic("format-failed", { file: request.file, detail: answer.problem, line: answer.line }));
  }
  return { value, diagnostics };
}
