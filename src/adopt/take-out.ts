/** Takes imported rules out of a BUILD file, with the comments that went along; everything else stays byte for byte. */
import { bindingsOf, commentsAbove, removeLoads } from "../pipeline/merge/index.ts";
import {
  applyEdits,
  contentEnd,
  type Edit,
  isBlankAt,
  isBlankBefore,
  lineStart,
  nextLine,
} from "../pipeline/merge/text.ts";
import { type CallStatement, identifiersIn, type StarlarkReader } from "../starlark/read/index.ts";
import type { BuildFile } from "./find-rules.ts";

/** The text without the statements; loads of theirs that rename a symbol go too when nothing else uses them. */
export function takeOut(build: BuildFile, statements: readonly CallStatement[], reader: StarlarkReader): string {
  const { text: before } = build.file;
  const cut = applyEdits(
    before,
    statements.map((statement) => removal(build, statement)),
  );
  // What the text ended in stays its end, also when the last rule went.
  const text = `${cut.slice(0, contentEnd(cut))}${before.slice(contentEnd(before))}`;
  const callees = new Set(statements.map(({ call }) => call.callee));
  const file = reader.read(text);
  const used = identifiersIn(file);
  const stale = bindingsOf(file, build.path)
    .filter(({ local, symbol, loadSymbol }) => {
      return local !== symbol && callees.has(local) && !used.has(local) && !loadSymbol.keep;
    })
    .map(({ loadSymbol }) => loadSymbol);
  return applyEdits(text, removeLoads({ file, region: undefined, path: build.path }, new Set(stale)));
}

/** The lines of a statement; of blank lines on both sides, those behind go too. */
function removal({ file, region }: BuildFile, statement: CallStatement): Edit {
  const { text } = file;
  const start = lineStart(text, commentsAbove(statement, region)[0]?.start ?? statement.start);
  let end = nextLine(text, statement.suffix?.end ?? statement.end);
  if (isBlankBefore(text, start)) while (end < text.length && isBlankAt(text, end)) end = nextLine(text, end);
  return { start, end, text: "" };
}
