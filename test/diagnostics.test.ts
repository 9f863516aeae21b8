/** Every code of the catalogue that the command line can reach: its place, its exit code, and that no file is touched. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { declarations } from "../src/diagnostics/entries/declarations.ts";
import { files } from "../src/diagnostics/entries/files.ts";
import { imports } from "../src/diagnostics/entries/imports.ts";
import { splice } from "../src/diagnostics/entries/splice.ts";
import { stamping } from "../src/diagnostics/entries/stamping.ts";
import type { BadInput } from "./diagnostics/bad-input.ts";
import { configCases } from "./diagnostics/config.ts";
import { fileCases } from "./diagnostics/files.ts";
import { importCases } from "./diagnostics/imports.ts";
import { serviceCases } from "./diagnostics/services.ts";
import { stampingCases } from "./diagnostics/stamping.ts";
import { type Tree, workspace } from "./support/run.ts";

const cases = [...configCases, ...serviceCases, ...fileCases, ...importCases, ...stampingCases];

/** Codes that no tree and no command line bring out, and why. */
const unreachable: Readonly<Record<string, string>> = {
  "format-failed": "the guard behind expression-syntax, for text of ours that buildifier refuses",
  "pin-digest-fixed": "of `pin`, which has suites of its own",
  "pin-unknown-base": "of `pin`",
  "pin-platforms-missing": "of `pin`",
  "pin-platform-absent": "of `pin`",
  "pin-single-platform": "of `pin`",
  "import-encoding": "bytes that are no text have no place in a case; test/import.test.ts writes them",
  "import-differs": "a last look behind all that import reads; test/import.test.ts brings it out by defaults",
  "import-comment-lost": "a last look; the corpus of test/import looks for a file that brings it out",
  "region-unplaceable":
    "a last look behind all other checks; the properties of the merge look for a file that brings it out",
  "program-failed": "no program of a test's tree fails in a way that buildifier's answer does not explain",
};

describe("bad input", () => {
  test.each(cases.map((bad) => [`${bad.code}${bad.why === undefined ? "" : `: ${bad.why}`}`, bad] as const))(
    "%s",
    (_, bad) => judge(bad),
  );
});

test("every code has a case, or a reason for having none", () => {
  const covered = new Set(cases.map(({ code }) => code));
  const all = [declarations, files, imports, splice, stamping].flatMap((entries) => Object.keys(entries));
  expect(all.filter((code) => !covered.has(code) && !(code in unreachable))).toEqual([]);
  expect(Object.keys(unreachable).filter((code) => covered.has(code) || !all.includes(code))).toEqual([]);
});

async function judge({
  code,
  files: marked,
  argv = [],
  placeless = 0,
  elsewhere = [],
  folders = [],
  links = {},
  ...bad
}: BadInput) {
  const { severity = "error", exit = severity === "error" ? 2 : 0, says } = bad;
  const place = workspace(unmarked(marked));
  const outside = mkdtempSync(join(tmpdir(), "gen-bazel-images-outside-"));
  try {
    for (const folder of folders) mkdirSync(join(place.root, folder), { recursive: true });
    for (const [path, target] of Object.entries(links))
      symlinkSync(target.replace("<outside>", outside), join(place.root, path));
    const before = place.read();
    const ran = await place.run(argv);
    const label = `${severity}[${code}]`;
    expect(headings(ran.err), ran.err).toEqual([
      ...[...marksIn(marked), ...elsewhere].sort().map((mark) => `${mark}: ${label}`),
      ...Array.from({ length: placeless }, () => label),
    ]);
    if (says !== undefined) expect(ran.err).toContain(says);
    expect(ran.code).toBe(exit);
    if (exit !== 0) {
      expect(ran.tree).toEqual(before);
      expect(ran.out).toBe("");
    }
  } finally {
    place.remove();
    rmSync(outside, { recursive: true });
  }
}

/** The lines that begin a diagnostic, without their message; those with a place first. */
function headings(text: string): readonly string[] {
  const found = [...text.matchAll(/^(\S+:\d+:\d+: )?((?:error|warning)\[[a-z0-9-]+\])/gm)].map((match) => match[0]);
  return [...found.filter((line) => line.includes(": ")).sort(), ...found.filter((line) => !line.includes(": "))];
}

function unmarked(marked: Tree): Tree {
  return Object.fromEntries(Object.entries(marked).map(([path, text]) => [path, text.replaceAll("‸", "")]));
}

function marksIn(marked: Tree): readonly string[] {
  return Object.entries(marked)
    .flatMap(([path, text]) => text.split("\n").flatMap((line, index) => marksOf(path, line, index + 1)))
    .sort();
}

function marksOf(path: string, line: string, number: number): readonly string[] {
  const parts = line.split("‸").slice(0, -1);
  return parts.map((_, index) => `${path}:${number}:${parts.slice(0, index + 1).join("").length + 1}`);
}
