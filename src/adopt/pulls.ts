/** Base images as WORKSPACE, MODULE and .bzl files pull them, for the `bases` of the config. */
import type { DiagnosticArgs, DiagnosticCode } from "../diagnostics/index.ts";
import { imageName, isDigest, isPlatform, isTag, parseImageReference } from "../model/image-reference.ts";
import { header } from "../outputs/index.ts";
import { printValue, string } from "../starlark/index.ts";
import {
  type CallExpression,
  callsIn,
  nameOf,
  type Remark,
  type StarlarkFile,
  stringOf,
  stringsOf,
} from "../starlark/read/index.ts";
import type { Declared } from "./declare-part.ts";
import { declareItem } from "./declare-value.ts";
import { commentText, readAttribute, remarksIn } from "./read-value.ts";

/** A base that some file pulls. */
export interface FoundPull {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly kind: "oci_pull" | "oci.pull";
  /** What the config says of it; undefined when that cannot be said. */
  readonly base?: Declared & { readonly image: string; readonly tag?: string };
  readonly digest?: string;
  readonly problem?: { readonly code: DiagnosticCode; readonly args: DiagnosticArgs };
}

/** Finds the pulls of a file; those whose name is computed belong to macros and are not looked at. */
export function findPulls(path: string, file: StarlarkFile): readonly FoundPull[] {
  const calls = [...callsIn(file, "oci_pull"), ...callsIn(file, "oci.pull")];
  return calls.flatMap((call) => {
    const name = nameOf(call);
    if (name === undefined) return [];
    const line = file.text.slice(0, call.start).split("\n").length;
    const kind = call.callee === "oci.pull" ? ("oci.pull" as const) : ("oci_pull" as const);
    const read = readPull(call, file, line);
    const found = { name, file: path, line, kind };
    if (typeof read !== "string") return [{ ...found, ...read }];
    return [{ ...found, problem: { code: "import-base", args: { base: name, file: path, reason: read } } as const }];
  });
}

/** The base of a pull, or why there is none. */
function readPull(call: CallExpression, file: StarlarkFile, line: number): Pick<FoundPull, "base" | "digest"> | string {
  if (call.args.some(({ name, spread }) => spread || name === undefined)) return "its arguments are not all named";
  const value = (name: string) => call.args.find((argument) => argument.name === name)?.value;
  const text = (name: string) => stringOf(value(name));
  const image =
    text("image") ?? (text("registry") && text("repository") && `${text("registry")}/${text("repository")}`);
  if (!image) return "its image is no plain string";
  const reference = parseImageReference(image);
  if ("problem" in reference) return `its image is no image name: ${reference.problem}`;
  const tag = text("tag") ?? reference.tag;
  const digest = text("digest") ?? reference.digest;
  if (digest === undefined || !isDigest(digest))
    return "it has no digest of its own in plain text; npx gen-bazel-images pin gives it one once it is declared";
  if (tag !== undefined && !isTag(tag)) return `"${tag}" is no tag`;
  const platforms = value("platforms") ? stringsOf(value("platforms")) : [];
  if (!platforms?.every(isPlatform)) return "its platforms are no plain list";
  const others = call.args.filter(({ name = "" }) => !said.has(name));
  const attributes = others.map((argument) => [
    argument.name ?? "",
    declareItem(readAttribute(argument, { file, loads: new Map() })),
  ]);
  const comment = commentOf(call, file, line);
  return {
    digest,
    base: {
      image: imageName(reference),
      ...(tag !== undefined && { tag }),
      ...(platforms.length > 0 && { platforms }),
      ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
      ...(comment !== "" && { comment }),
    },
  };
}

const said: ReadonlySet<string> = new Set(["name", "image", "registry", "repository", "tag", "digest", "platforms"]);

/** The comments above a call, and those in it that stand at properties without a comment of their own. */
function commentOf(call: CallExpression, file: StarlarkFile, line: number): string {
  const others = call.args.filter(({ name = "" }) => !said.has(name));
  const carried = new Set(others.flatMap((argument) => [...argument.comments, ...remarksIn(file, argument)]));
  const inside = remarksIn(file, call).filter((remark) => !carried.has(remark));
  return [...aboveLine(file, line), ...inside].map(commentText).join("\n");
}

function aboveLine(file: StarlarkFile, line: number): readonly Remark[] {
  const ownLine = new Map(file.comments.filter((remark) => remark.ownLine).map((remark) => [remark.line, remark]));
  const above: Remark[] = [];
  for (let remark = ownLine.get(line - 1); remark; remark = ownLine.get(remark.line - 1)) above.unshift(remark);
  return above;
}

/**
 * Reports whether a file is nothing but what we would write: loads, docstrings, and `def oci_deps()` with pulls that the
 * config can say, and with no comment but theirs. Such a file can be replaced.
 */
export function isReplaceable(file: StarlarkFile, pulls: readonly FoundPull[]): boolean {
  const calls = callsIn(file, "oci_pull");
  const isPlain = file.statements.every((statement) => {
    if (statement.kind === "string") return true;
    if (statement.kind === "load") return statement.symbols.every(({ symbol }) => symbol === "oci_pull");
    if (statement.kind !== "def" || !statement.defines.includes("oci_deps")) return false;
    const inside = [...calls, ...file.comments, ...file.strings];
    const cuts = inside.filter(({ start, end }) => start >= statement.start && end <= statement.end);
    return /^def\s+oci_deps\s*\(\s*\)\s*:\s*(?:pass\s*)?$/.test(without(file.text, statement, cuts));
  });
  const lines = new Set(calls.flatMap((call) => [...aboveLine(file, lineOf(file, call)), ...remarksIn(file, call)]));
  const isCarried = file.comments.every((remark) => lines.has(remark));
  return isPlain && isCarried && pulls.length === calls.length && pulls.every(({ base }) => base !== undefined);
}

function lineOf(file: StarlarkFile, { start }: { readonly start: number }): number {
  return file.text.slice(0, start).split("\n").length;
}

function without(
  text: string,
  span: { readonly start: number; readonly end: number },
  cuts: readonly { readonly start: number; readonly end: number }[],
): string {
  let kept = "";
  let done = span.start;
  for (const { start, end } of [...cuts].sort((a, b) => a.start - b.start)) {
    if (start < done) continue;
    kept += text.slice(done, start);
    done = end;
  }
  return (kept + text.slice(done, span.end)).trim();
}

/** A pins file to read the digests of bases from, behind what it has already; a plan prints it anew. */
export function pinsText(text: string | undefined, pulls: readonly FoundPull[], callee: string): string {
  const calls = pulls.flatMap(({ name, base, digest }) => {
    if (!base || digest === undefined) return [];
    const { image, tag } = base;
    const args = { name, image, digest, ...(tag !== undefined && { tag }) };
    const named = Object.entries(args).map(([key, value]) => ({ name: key, value: string(value), comments: [] }));
    return [printValue({ kind: "call", callee, args: named })];
  });
  return [text ?? header, ...calls, ""].join("\n");
}
