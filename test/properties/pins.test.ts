/** What is read off a pins file without parsing it is what the parser reads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePins } from "../../src/pipeline/digest/index.ts";
import { readPlainPins } from "../../src/pipeline/digest/plain.ts";
import { reader } from "../merge/reader.ts";

const examples = join(import.meta.dirname, "../../examples");
const texts = ["go-services/dev/oci_deps.bzl", "bzlmod/dev/oci.MODULE.bazel"].map((path) =>
  readFileSync(join(examples, path), "utf8"),
);

const lines = texts.flatMap((text) => text.split("\n"));
const pieces = fc.oneof(
  fc.constantFrom(...lines.map((line) => `${line}\n`)),
  fc.constantFrom(..."()[]{}#,;:=.\\\n\r\t\f\0 \"'@%".split("")),
  fc.constantFrom('"""', "    ", "pass", "oci_pull(\n", "\ufeff", "é", "<<<<<<< a\n", '        tag = "other",\n'),
);
const edit = fc.record({
  at: fc.nat(),
  remove: fc.nat(3),
  add: fc.array(pieces, { maxLength: 2 }),
  byLine: fc.boolean(),
});

const edited = fc.tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 3 })).map(([text, edits]) =>
  edits.reduce((now, { at, remove, add, byLine }) => {
    const parts = now.split(byLine ? /(?<=\n)/ : "");
    return parts.toSpliced(at % (parts.length + 1), remove, ...add).join("");
  }, text),
);

test("pins files as they are generated are read without the parser", () => {
  for (const text of texts) expect(readPlainPins("pins", text)?.length).toBeGreaterThan(1);
});

test("the quick reading agrees with the parser wherever it answers", () => {
  let answered = 0;
  fc.assert(
    fc.property(edited, (text) => {
      const quick = readPlainPins("pins", text);
      if (quick === undefined) return;
      answered++;
      expect({ value: quick, diagnostics: [] }).toEqual(parsePins("pins", text, reader));
    }),
    { numRuns: 3000 },
  );
  expect(answered).toBeGreaterThan(300);
});
