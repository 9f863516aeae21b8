/** The BUILD files as they were, formatted, so that what comes back can be compared with them. */
import { at, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Ports } from "../pipeline/index.ts";
import { isIgnored, searchRegion } from "../pipeline/merge/index.ts";
import type { Remark, StarlarkFile, StarlarkReader } from "../starlark/read/index.ts";
import type { BuildFile } from "./find-rules.ts";
import { commentText } from "./read-value.ts";

/** What is known of the files before anything is tried. */
export interface Originals {
  /** The formatted texts, read, by path; of a batch, buildifier may put the loads into another file, so only rules count. */
  readonly files: ReadonlyMap<string, StarlarkFile>;
  /** Files that cannot be imported at all, by path. */
  readonly failed: ReadonlyMap<string, readonly Diagnostic[]>;
}

/** Formats and reads the files; buildifier says which of them do not parse. */
export async function originalsOf(
  builds: readonly BuildFile[],
  ports: Ports,
  reader: StarlarkReader,
): Promise<Originals> {
  const answers = await ports.format(builds.map(({ path, file }) => ({ file: path, type: "build", text: file.text })));
  const files = new Map<string, StarlarkFile>();
  const failed = new Map<string, readonly Diagnostic[]>();
  for (const [index, { path, file }] of builds.entries()) {
    const answer = answers[index];
    if (answer && "text" in answer) files.set(path, reader.read(answer.text));
    else {
      const detail = answer?.problem ?? "";
      failed.set(path, [diagnostic("build-file-syntax", { file: path, detail }, at(path, answer?.line))]);
      continue;
    }
    if (isIgnored(file)) failed.set(path, [diagnostic("file-ignored", { file: path }, at(path))]);
    else if (file.problem) {
      const detail = "the reader does not understand this place";
      const { line, column } = file.problem;
      failed.set(path, [diagnostic("build-file-syntax", { file: path, detail }, at(path, line, column))]);
    } else {
      const { diagnostics } = searchRegion(file, path);
      if (diagnostics.length > 0) failed.set(path, diagnostics);
    }
  }
  return { files, failed };
}

/** The comments of a file that it lacks afterwards, the lines around its region aside. */
export function lostComments({ file, region }: BuildFile, after: StarlarkFile): readonly string[] {
  const borders = new Set([region?.begin, region?.source, region?.close].map((remark) => remark?.start));
  const line = (remark: Remark) => commentText(remark).trim();
  const there = new Map<string, number>();
  for (const remark of after.comments) there.set(line(remark), (there.get(line(remark)) ?? 0) + 1);
  return file.comments
    .filter((remark) => !borders.has(remark.start))
    .map(line)
    .filter((text) => {
      const count = there.get(text) ?? 0;
      there.set(text, count - 1);
      return count <= 0;
    });
}
