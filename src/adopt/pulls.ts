/** Base images as WORKSPACE, MODULE and .bzl files pull them, for the `bases` of the config. */
import { absoluteLabel, folderOf, parseLabel, pathIn } from "../bazel/index.ts";
import type { DiagnosticArgs, DiagnosticCode } from "../diagnostics/index.ts";
import { imageName, isDigest, isPlatform, isTag, parseImageReference } from "../model/image-reference.ts";
import { header, isOurs } from "../outputs/index.ts";
import { bindingsOf } from "../pipeline/merge/index.ts";
import { printValue, string } from "../starlark/index.ts";
import {
  type CallExpression,
  callsIn,
  nameOf,
  type Remark,
  type StarlarkFile,
  type Statement,
  stringOf,
  stringsOf,
} from "../starlark/read/index.ts";
import { placesOf } from "../starlark/read/place.ts";
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

/** Where rules_oci has what pulls; nothing of that name from elsewhere is known to pull the same. */
const homes = { oci_pull: "@rules_oci//oci:pull.bzl", "oci.pull": "@rules_oci//oci:extensions.bzl" } as const;

/** Finds the pulls of a file; those whose name is computed belong to macros and are not looked at. */
export function findPulls(path: string, file: StarlarkFile): readonly FoundPull[] {
  return pullCalls(path, file).flatMap(({ call, kind, from }) => {
    const name = nameOf(call);
    if (name === undefined) return [];
    const line = lineOf(file, call);
    const read = from === homes[kind] ? readPull(call, file, line) : `it is pulled by ${from}, not by rules_oci`;
    const found = { name, file: path, line, kind };
    if (typeof read !== "string") return [{ ...found, ...read }];
    return [{ ...found, problem: { code: "import-base", args: { base: name, file: path, reason: read } } as const }];
  });
}

interface PullCall extends Pick<FoundPull, "kind"> {
  readonly call: CallExpression;
  /** The label of the file that its function comes from. */
  readonly from: string;
}

/** The calls of what is, or is called like, a pull of rules_oci. */
function pullCalls(path: string, file: StarlarkFile): readonly PullCall[] {
  const bindings = bindingsOf(file, path);
  return callsIn(file).flatMap((call): readonly PullCall[] => {
    // WORKSPACE may load a name again.
    const binding = bindings.findLast(({ local, statement }) => local === call.callee && statement.end <= call.start);
    if (call.callee === "oci_pull" || binding?.symbol === "oci_pull") {
      const label = binding?.label ?? "a function that the file does not load";
      const from = binding && binding.symbol !== "oci_pull" ? `${binding.symbol} of ${label}` : label;
      return [{ call, kind: "oci_pull", from }];
    }
    const variable = /^(\w+)\.pull$/.exec(call.callee)?.[1];
    const extension = variable === undefined ? undefined : extensionOf(file, variable);
    const isPull = variable === "oci" || extension === homes["oci.pull"];
    return isPull ? [{ call, kind: "oci.pull", from: extension ?? "an extension that the file does not use" }] : [];
  });
}

/** The label of the extension that a variable of a MODULE file stands for. */
function extensionOf(file: StarlarkFile, variable: string): string | undefined {
  const isOfVariable = (one: Statement) => one.kind === "assignment" && one.defines.includes(variable);
  const statement = file.statements.find(isOfVariable);
  const call = callsIn(file, "use_extension").find(
    ({ start, end }) => statement && start >= statement.start && end <= statement.end,
  );
  const label = stringOf(call?.args[0]?.value);
  return label === undefined ? undefined : (absoluteLabel(label, "") ?? label);
}

/**
 * Of the pulls of each base the one that counts: from a file of ours, else from a file that WORKSPACE or MODULE.bazel
 * loads, else from any; of all that equal it that in `favourite`, else the first. Where those that could count differ, none of
 * them has a base and each says where the others are; where none can be taken, each says why.
 */
export function settlePulls(
  pulls: readonly FoundPull[],
  setup: ReadonlyMap<string, StarlarkFile>,
  favourite: ReadonlySet<string>,
): readonly FoundPull[] {
  const loaded = loadedFiles(setup);
  const isOfUs = ({ file }: FoundPull) => isOurs(setup.get(file)?.text ?? "");
  const names = [...new Set(pulls.map(({ name }) => name))];
  return names.flatMap((name) => {
    const all = pulls.filter((pull) => pull.name === name);
    const tiers = [all.filter(isOfUs), all.filter(({ file }) => loaded.has(file)), all];
    const counting = tiers.find((tier) => tier.length > 0) ?? [];
    const [first] = counting;
    if (!first || counting.every(({ base }) => base === undefined)) return counting;
    if (counting.every((pull) => isSamePull(pull, first)))
      return [all.find((pull) => favourite.has(pull.file) && isSamePull(pull, first)) ?? first];
    return counting.map((pull) => contradicted(pull, counting));
  });
}

/** Reports whether two pulls of a base pull the same image. */
export function isSamePull(one: FoundPull, other: FoundPull): boolean {
  if (!one.base || !other.base) return false;
  return one.base.image === other.base.image && one.base.tag === other.base.tag && one.digest === other.digest;
}

function contradicted({ name, file, line, kind }: FoundPull, all: readonly FoundPull[]): FoundPull {
  const others = all.filter((other) => other.file !== file || other.line !== line);
  const places = others.map((other) => `${other.file}:${other.line}`).join(", ");
  return { name, file, line, kind, problem: { code: "import-base-ambiguous", args: { base: name, others: places } } };
}

/** The files that Bazel surely reads: WORKSPACE and MODULE.bazel, and what they load and include, over known files. */
function loadedFiles(setup: ReadonlyMap<string, StarlarkFile>): ReadonlySet<string> {
  const found = new Set(["WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel"]);
  for (const path of found) {
    const file = setup.get(path);
    const loads = file ? bindingsOf(file, path).map(({ label }) => label) : [];
    const includes = file ? callsIn(file, "include").map((call) => stringOf(call.args[0]?.value)) : [];
    for (const label of [...loads, ...includes]) {
      const { repo, pkg, target } = parseLabel(label ?? "") ?? { repo: "none", target: "" };
      if (!repo) found.add(pathIn(pkg ?? folderOf(path), target));
    }
  }
  return found;
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

/** The docstrings of our own pins file (templates/oci_deps.bzl.hbs). */
const ownDocstrings: ReadonlySet<string | undefined> = new Set([
  "Base images, pinned by digest.",
  "Pulls the base images; call it in WORKSPACE.",
]);

/**
 * Why a file cannot be replaced by ours; undefined when it is nothing but what we would write: loads, our docstrings, and
 * `def oci_deps()` with pulls that the config can say, and with no comment but theirs.
 */
export function reasonToKeep(path: string, file: StarlarkFile): string | undefined {
  if (file.problem) return `it does not parse (line ${file.problem.line})`;
  const calls = pullCalls(path, file).map(({ call }) => call);
  const inCalls = (one: { readonly start: number }) =>
    calls.some(({ start, end }) => start <= one.start && one.start < end);
  const docstrings = file.strings.filter((one) => !inCalls(one) && !isInLoad(file, one));
  const docstring = docstrings.find(({ value }) => !ownDocstrings.has(value));
  if (docstring) return `it has a text of its own, ${firstLine(file.text.slice(docstring.start, docstring.end))}`;
  const other = file.statements.find(
    (statement) => !isPlain(statement, file, [...calls, ...file.comments, ...docstrings]),
  );
  if (other) return `it has more than pulls in oci_deps(), at line ${other.line}`;
  const carried = new Set(calls.flatMap((call) => [...aboveLine(file, lineOf(file, call)), ...remarksIn(file, call)]));
  const comment = file.comments.find((remark) => !carried.has(remark));
  if (comment) return `its comment \`${comment.text}\` belongs to no pull`;
  const pulls = findPulls(path, file);
  const untaken = pulls.find(({ base }) => base === undefined);
  if (untaken) return `"${untaken.name}": ${untaken.problem?.args["reason"] ?? "it cannot be declared"}`;
  return pulls.length === calls.length ? undefined : "the name of a pull is computed";
}

function isInLoad(file: StarlarkFile, { start }: { readonly start: number }): boolean {
  return file.statements.some((one) => one.kind === "load" && one.start <= start && start < one.end);
}

function firstLine(text: string): string {
  const [line = "", ...more] = text.split("\n");
  return more.length > 0 ? `${line}...` : line;
}

/** A statement as our own pins file has it, with what is cut out of functions. */
function isPlain(
  statement: Statement,
  file: StarlarkFile,
  cuts: readonly { readonly start: number; readonly end: number }[],
): boolean {
  if (statement.kind === "string") return true;
  if (statement.kind === "load") return statement.symbols.every(({ symbol }) => symbol === "oci_pull");
  if (statement.kind !== "def" || !statement.defines.includes("oci_deps")) return false;
  const inside = cuts.filter(({ start, end }) => start >= statement.start && end <= statement.end);
  return /^def\s+oci_deps\s*\(\s*\)\s*:\s*(?:pass\s*)?$/.test(without(file.text, statement, inside));
}

function lineOf(file: StarlarkFile, { start }: { readonly start: number }): number {
  return placesOf(file.text).line(start);
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
