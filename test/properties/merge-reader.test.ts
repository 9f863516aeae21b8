import fc from "fast-check";
import { expect, test } from "vitest";
import { buildFile, wantedRegion } from "../merge/arbitrary.ts";
import { merge } from "../merge/fixture.ts";
import { reader } from "../merge/reader.ts";

const pieces = fc.constantFrom(
  ..."()[]{}#,;:=.\\\n\r\t\f\0 \"'".split(""),
  ...['"""', "'''", "\ufeff", "\ud800", "\u{1f600}", "def f():\n", "    ", "load(", "if x:", "lambda ", "for ", " in "],
  ...[
    "# BEGIN gen-bazel-images\n",
    "# END gen-bazel-images\n",
    "<<<<<<< a\n",
    "f'{",
    "x",
    "0755",
    "**",
    "->",
    "@",
    "$",
  ],
);

const mutated = fc
  .tuple(buildFile, fc.array(fc.tuple(fc.nat(), fc.nat(20), fc.array(pieces, { maxLength: 4 })), { maxLength: 4 }))
  .map(([text, changes]) =>
    changes.reduce((now, [place, length, added]) => {
      const at = place % (now.length + 1);
      return now.slice(0, at) + added.join("") + now.slice(at + length);
    }, text),
  );

const anyText = fc.oneof(
  { weight: 4, arbitrary: mutated },
  { weight: 2, arbitrary: fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder().decode(bytes)) },
);

test("reading never throws on 20,000 texts, and its spans lie in the text, in order", () => {
  let broken = 0;
  fc.assert(
    fc.property(anyText, (text) => {
      const file = reader.read(text);
      if (file.problem) {
        broken += 1;
        return file.statements.length + file.comments.length + file.identifiers.length + file.calls.length === 0;
      }
      let end = 0;
      return file.statements.every((statement) => {
        const isRight = statement.start >= end && statement.end > statement.start && statement.end <= text.length;
        end = statement.end;
        return isRight;
      });
    }),
    { numRuns: 20_000 },
  );
  expect(broken).toBeGreaterThan(4_000);
  expect(broken).toBeLessThan(18_000);
});

test("merging never throws, and changes nothing the second time", () => {
  fc.assert(
    fc.property(anyText, wantedRegion, (text, wanted) => {
      const once = merge(text, { wanted });
      if (once.diagnostics.length > 0) return once.text === text;
      return merge(once.text, { wanted }).text === once.text;
    }),
    { numRuns: 3_000 },
  );
});

const huge = 200_000;
test.each([
  ["brackets", "[".repeat(huge)],
  ["matched brackets", "(".repeat(huge) + ")".repeat(huge)],
  ["quotes", '"'.repeat(huge)],
  ["triple quotes", `"""${'" '.repeat(huge)}`],
  ["backslashes", `x = "${"\\".repeat(huge)}"`],
  ["operators", `x = ${"-".repeat(huge)}1`],
  ["a long sum", `x = ${"1 + ".repeat(huge / 4)}1`],
  ["dots", `x${".y".repeat(huge / 2)}`],
  ["indentation", Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}if x:\n`).join("")],
  ["comments", "#\n".repeat(huge / 10)],
  ["statements", "x()\n".repeat(huge / 10)],
  ["conflict markers", "<<<<<<< \n".repeat(huge / 10)],
  ["blank lines", "\n".repeat(huge)],
  ["garbage", ")(".repeat(huge / 2)],
])("merging into %s ends", (_, text) => {
  const started = performance.now();
  merge(text);
  expect(performance.now() - started).toBeLessThan(10_000);
});
