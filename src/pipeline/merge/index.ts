/**
 * Merges what is wanted into a text on disk. In: the text of one BUILD file, the formatted rules that should stand in its
 * region, and the loads they need. Out: the text as it should be, and what was moved or removed; or diagnostics and
 * the text as it was. Every byte outside the region and its loads survives. Pure; it knows nothing of images, decides
 * nothing about which files there are, and formats nothing: bodies come formatted from buildifier.
 */
import { folderOf } from "../../bazel/index.ts";
import { at, type Diagnostic, diagnostic, hasErrors, type Result } from "../../diagnostics/index.ts";
import { identifiersIn, nameOf, type StarlarkFile, type StarlarkReader } from "../../starlark/read/index.ts";
import { checkLoads, checkReadable } from "./bindings.ts";
import { adjustLoads, readAgain, relocateLoads } from "./loads.ts";
import { appendRegion, replaceRegion } from "./place-region.ts";
import { findRegion, isIgnored, isInside, type Region, regionText, searchRegion } from "./region.ts";
import type { MergeRequest, MergeResult } from "./request.ts";
import { checkTaken, salvageRegion } from "./salvage.ts";
import { applyEdits, isBlank, isBlankAt, lineEnd, nextLine } from "./text.ts";
import { isFaithful } from "./verify.ts";

export { bindingsOf, sameLabel } from "./bindings.ts";
export { mergeFirst } from "./first.ts";
export {
  beginLine,
  commentsAbove,
  endLine,
  findRegion,
  isIgnored,
  isInside,
  type Region,
  regionText,
  searchRegion,
} from "./region.ts";
export { removeLoads } from "./remove-loads.ts";
export type { LoadNeed, MergeRequest, MergeResult, WantedRegion } from "./request.ts";
export { isUnchanged } from "./unchanged.ts";

/** Merges the wanted region into the text of a file. */
export function mergeFile(request: MergeRequest, plainReader: StarlarkReader): MergeResult {
  const reader = remembering(plainReader);
  const { text, wanted, file: path } = request;
  const same: MergeResult = { text, moved: [], removed: [], ignored: false, diagnostics: [] };
  if (!wanted && (text === undefined || !findRegion(text))) return same;
  const file = reader.read(text ?? "");
  if (isIgnored(file)) {
    return { ...same, ignored: true, diagnostics: [diagnostic("file-ignored", { file: path }, at(path))] };
  }
  const { region, diagnostics } = searchChecked(file, path);
  if (diagnostics.length > 0) return { ...same, diagnostics };
  if (!wanted && !region) return same;
  const body = wanted && reader.read(wanted.body);
  const problems = checkAll(request, file, region, body);
  return hasErrors(problems)
    ? { ...same, diagnostics: problems }
    : mergeChecked(request, { file, region }, body, reader);
}

/** Reads each text once: most steps leave most texts as they were. */
function remembering(reader: StarlarkReader): StarlarkReader {
  const files = new Map<string, StarlarkFile>();
  return {
    read(text) {
      const file = files.get(text) ?? reader.read(text);
      files.set(text, file);
      return file;
    },
  };
}

/** Takes the borders of a region away and leaves plain rules; the text as it was when there is no region or an error. */
export function ejectRegion(path: string, text: string, reader: StarlarkReader): Result<string> {
  const { region, diagnostics } = searchChecked(reader.read(text), path);
  if (!region) return { value: text, diagnostics };
  const afterSource = nextLine(text, (region.source ?? region.begin).end);
  const bodyStart = isBlankAt(text, afterSource) ? nextLine(text, afterSource) : afterSource;
  const bodyEnd = text.slice(0, region.close.start).trimEnd().length;
  if (bodyEnd <= bodyStart) return { value: replaceRegion({ text, region }, []), diagnostics };
  const edits = [
    { start: region.start, end: bodyStart, text: "" },
    { start: lineEnd(text, bodyEnd - 1), end: region.end, text: "" },
  ];
  return { value: applyEdits(text, edits), diagnostics };
}

/** The region of a text that is whole: no conflict, no error, borders in order. */
function searchChecked(file: StarlarkFile, path: string): ReturnType<typeof searchRegion> {
  const conflict = conflictLine(file);
  if (conflict !== undefined) {
    return { diagnostics: [diagnostic("conflict-markers", { file: path }, at(path, conflict))] };
  }
  if (file.problem) {
    const { line, column } = file.problem;
    const detail = "the reader does not understand this place";
    return { diagnostics: [diagnostic("build-file-syntax", { file: path, detail }, at(path, line, column))] };
  }
  return searchRegion(file, path);
}

/** All three markers in order are a conflict wherever they stand; one alone only where the text does not parse. */
function conflictLine({ text, problem }: StarlarkFile): number | undefined {
  const pattern = problem ? /^(?:<{7}|>{7})(?: |\r?$)/m : /^<{7} [\s\S]*?^={7}\r?$[\s\S]*?^>{7} /m;
  const index = text.search(pattern);
  return index < 0 ? undefined : text.slice(0, index).split("\n").length;
}

function checkAll(
  request: MergeRequest,
  file: StarlarkFile,
  region: Region | undefined,
  body: StarlarkFile | undefined,
): readonly Diagnostic[] {
  return [
    ...(region ? checkForeign(request, region) : []),
    ...checkOutside(request, file, region),
    ...(region ? checkTaken({ file, region, body, kinds: request.kinds }, request.file) : []),
    ...checkReadable(file, request.file),
    ...checkLoads(file, region, request),
  ];
}

function checkForeign({ file, isForeignSource }: MergeRequest, region: Region): readonly Diagnostic[] {
  if (region.sources.length === 0 || !region.sources.every(isForeignSource)) return [];
  const place = at(file, region.source?.line ?? region.begin.line);
  return [diagnostic("region-foreign", { file, sources: region.sources.join(", ") }, place)];
}

/** Rules outside the region whose names the region wants. */
function checkOutside(
  { file: path, wanted }: MergeRequest,
  file: StarlarkFile,
  region: Region | undefined,
): readonly Diagnostic[] {
  const names = new Set(wanted?.names);
  const folder = folderOf(path);
  return file.statements.flatMap((statement) => {
    if (statement.kind !== "call" || isInside(region, statement)) return [];
    const name = nameOf(statement.call);
    if (name === undefined || !names.has(name)) return [];
    const args = { file: path, package: folder, kind: statement.call.callee, name };
    return [diagnostic("target-outside-region", args, at(path, statement.line))];
  });
}

/** Reports whether a name that the body uses is defined below the region; Bazel runs a file from the top. */
function definesLater(file: StarlarkFile, region: Region, body: StarlarkFile): boolean {
  const used = identifiersIn(body);
  return file.statements.some(
    (statement) =>
      statement.start > region.end && "defines" in statement && statement.defines.some((name) => used.has(name)),
  );
}

function mergeChecked(
  request: MergeRequest,
  { file, region }: { readonly file: StarlarkFile; readonly region: Region | undefined },
  body: StarlarkFile | undefined,
  reader: StarlarkReader,
): MergeResult {
  const { wanted, file: path, kinds } = request;
  const wantedText = wanted && regionText(wanted.body, wanted.sources);
  const loads = relocateLoads({ file, region, path });
  const read = loads.moved.length > 0 ? readAgain(loads.text, path, reader) : { file, region };
  const salvage = read.region && salvageRegion({ file: read.file, region: read.region, body, kinds });
  const { above = [], below = [] } = salvage ?? {};
  const own = wantedText === undefined ? [] : [wantedText];
  const cut = read.region && { text: read.file.text, region: read.region };
  // What the region uses has to be defined above it, so it goes behind the definitions; it defines nothing itself.
  const isLate = read.region !== undefined && body !== undefined && definesLater(read.file, read.region, body);
  const spliced =
    cut && !isLate
      ? replaceRegion(cut, [...above, ...own, ...below])
      : appendRegion(cut ? replaceRegion(cut, [...above, ...below]) : read.file.text, wantedText ?? "");
  const text = adjustLoads(spliced, request, reader);
  const after = readAgain(text, path, reader);
  if (!isFaithful({ before: { file, region }, after, path, region: wantedText })) {
    const refused = diagnostic("region-unplaceable", { file: path }, at(path));
    return { text: request.text, moved: [], removed: [], ignored: false, diagnostics: [refused] };
  }
  return {
    text: isBlank(text) ? undefined : text,
    moved: [...loads.moved, ...(salvage?.moved ?? [])],
    removed: salvage?.removed ?? [],
    ignored: false,
    diagnostics: [],
  };
}
