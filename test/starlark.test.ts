/** Every value survives printing and reading back, also when buildifier has formatted it in between. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runBuildifier } from "../src/shell/buildifier.ts";
import { hasLoneSurrogate, printComment, printValue, quote, type StarlarkValue } from "../src/starlark/index.ts";
import { decodeString, type Expression } from "../src/starlark/read/index.ts";
import { reader } from "./merge/reader.ts";

const text = fc.string({ unit: "binary", maxLength: 20 }).filter((s) => !hasLoneSurrogate(s));
const comments: readonly never[] = [];

const value: fc.Arbitrary<StarlarkValue> = fc.letrec<{ value: StarlarkValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    text.map((s): StarlarkValue => ({ kind: "string", value: s })),
    fc.nat().map((n): StarlarkValue => ({ kind: "number", value: n })),
    fc.boolean().map((b): StarlarkValue => ({ kind: "boolean", value: b })),
    fc.constant<StarlarkValue>({ kind: "none" }),
    fc
      .array(tie("value"), { maxLength: 4 })
      .map((items): StarlarkValue => ({ kind: "list", items: items.map((only) => ({ value: only, comments })) })),
    fc.uniqueArray(fc.tuple(text, tie("value")), { maxLength: 4, selector: ([key]) => key }).map(
      (entries): StarlarkValue => ({
        kind: "dict",
        entries: entries.map(([key, only]) => ({ key: { kind: "string", value: key }, value: only, comments })),
      }),
    ),
  ),
})).value;

/** The JavaScript value, dictionaries as pairs. */
function plain(from: StarlarkValue): unknown {
  if (from.kind === "string" || from.kind === "number" || from.kind === "boolean") return from.value;
  if (from.kind === "list") return from.items.map((only) => plain(only.value));
  if (from.kind === "dict") return { pairs: from.entries.map((entry) => [plain(entry.key), plain(entry.value)]) };
  return null;
}

function read(from: Expression | undefined): unknown {
  if (!from) return undefined;
  if (from.kind === "string" || from.kind === "number" || from.kind === "boolean") return from.value;
  if (from.kind === "list") return from.items.map(read);
  if (from.kind === "dict") return { pairs: from.entries.map((entry) => [read(entry.key), read(entry.value)]) };
  return from.kind === "none" ? null : from.kind;
}

function readBack(source: string): unknown {
  const [statement] = reader.read(source).statements;
  return statement?.kind === "call" ? read(statement.call.args[0]?.value) : statement?.kind;
}

describe("strings", () => {
  test("survive quoting", () => {
    fc.assert(
      fc.property(text, (s) => decodeString(quote(s)) === s),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["\n\r\t\\\"'", `"\\n\\r\\t\\\\\\"'"`],
    ["\0", `"\\000"`],
    ["\x07\b\x7f", `"\\007\\010\\177"`],
    ["\x001", `"\\0001"`],
    ["é😀\u2028\ufeff", `"é😀\u2028\ufeff"`],
    ["{x} %s $y", `"{x} %s $y"`],
    ["", `""`],
  ])("%j", (s, printed) => {
    expect(quote(s)).toBe(printed);
    expect(decodeString(printed)).toBe(s);
  });

  test("half of a surrogate pair is found", () => {
    expect(["\ud800", "\udc00", "a\ud800b", "\udc00\ud800"].every(hasLoneSurrogate)).toBe(true);
    expect(["😀", "", "a"].some(hasLoneSurrogate)).toBe(false);
  });
});

describe("values", () => {
  test("survive printing", () => {
    const survives = fc.property(value, (v) => {
      expect(readBack(`f(${printValue(v)})\n`)).toEqual(plain(v));
    });
    fc.assert(survives, { numRuns: 500 });
  });

  test("survive printing and buildifier", async () => {
    const values = fc.sample(value, { numRuns: 200, seed: 7 });
    const requests = values.map((v, index) => ({
      file: `${index}`,
      type: "build" as const,
      text: `f(${printValue(v)})\n`,
    }));
    const answers = await runBuildifier(requests, { root: import.meta.dirname });
    expect(answers.map((answer) => ("text" in answer ? readBack(answer.text) : answer))).toEqual(values.map(plain));
  });

  test("every line of a comment is one", () => {
    fc.assert(
      fc.property(text, (s) => {
        const lines = `${printComment(s)}`.split("\n").filter((line) => line !== "");
        return lines.every((line) => /^\s*#/.test(line));
      }),
    );
  });
});
