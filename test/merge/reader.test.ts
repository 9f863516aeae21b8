import { describe, expect, test } from "vitest";
import {
  argumentOf,
  callsIn,
  decodeString,
  identifiersIn,
  nameOf,
  stringOf,
  stringsOf,
} from "../../src/starlark/read/index.ts";
import { reader } from "./reader.ts";

const sample = `# head
load("@a//b:c.bzl", "c", d = "e")  # suffix

# glued 1
# glued 2
c(
    # above name
    name = "x",  # behind name
    srcs = ["a", 'b'],  # s
    deps = glob(["*"]) + [":y"],
    # last
)

X, Y = 1, Z

def f(p):
    oci_pull(name = "base", digest = "sha256:0")
    # inside

# outside
[d(name = n) for n in X]
"""doc"""
`;

describe("the reader", () => {
  const file = reader.read(sample);

  test("tells the statements with their places and comments", () => {
    expect(file.problem).toBeUndefined();
    const shape = file.statements.map(({ kind, line, before, suffix }) => [
      kind,
      line,
      before.map((remark) => remark.text),
      suffix?.text,
    ]);
    expect(shape).toEqual([
      ["load", 2, ["# head"], "# suffix"],
      ["call", 6, ["# glued 1", "# glued 2"], undefined],
      ["assignment", 14, [], undefined],
      ["def", 16, [], undefined],
      ["other", 21, ["# outside"], undefined],
      ["string", 22, [], undefined],
    ]);
  });

  test("reads loads, arguments and their comments", () => {
    const [load, rule] = file.statements;
    if (load?.kind !== "load" || rule?.kind !== "call") throw new Error("unexpected statements");
    expect(load.label).toBe("@a//b:c.bzl");
    expect(load.symbols.map(({ symbol, local }) => [symbol, local])).toEqual([
      ["c", "c"],
      ["e", "d"],
    ]);
    expect(sample.slice(load.symbols[1]?.start, load.symbols[1]?.end)).toBe('d = "e"');
    expect(nameOf(rule.call)).toBe("x");
    expect(argumentOf(rule.call, "name")?.comments.map((remark) => remark.text)).toEqual([
      "# above name",
      "# behind name",
    ]);
    expect(stringsOf(argumentOf(rule.call, "srcs")?.value)).toEqual(["a", "b"]);
    expect(argumentOf(rule.call, "deps")?.value).toMatchObject({ kind: "binary", operator: "+" });
    expect(rule.call.trailing.map((remark) => remark.text)).toEqual(["# last"]);
  });

  test("finds calls in function bodies, and the names that are used", () => {
    const [pull] = callsIn(file, "oci_pull");
    expect(pull && stringOf(argumentOf(pull, "digest")?.value)).toBe("sha256:0");
    expect([...identifiersIn(file)]).toEqual(["load", "c", "glob", "X", "Y", "Z", "f", "p", "oci_pull", "d", "n"]);
    expect(file.statements[2]).toMatchObject({ defines: ["X", "Y"] });
  });

  test.each([
    ["foo(", 1, 1],
    ["x = 1\nfoo(name = )\n", 2, 10],
    ["x()\n<<<<<<< HEAD\n", 2, 1],
    ["[".repeat(500) + "]".repeat(500), 1, 399],
  ])("reads nothing from a broken text: %#", (text, line, column) => {
    const broken = reader.read(text);
    expect(broken.problem).toEqual({ line, column });
    expect([broken.statements, broken.calls, broken.identifiers]).toEqual([[], [], []]);
  });

  test("marks keep on a symbol and on a whole statement", () => {
    const { statements } = reader.read(
      'load("//:a", "b", "c")  # keep\nload(\n "//:b",\n "d",  # keep: x\n "e", # keeper\n)\n',
    );
    const keeps = statements.flatMap((s) => (s.kind === "load" ? s.symbols.map(({ keep }) => keep) : []));
    expect(keeps).toEqual([true, true, true, false]);
  });
});

test.each([
  [String.raw`"a\n\t\"\\\'\101\0"`, "a\n\t\"\\'A\0"],
  [String.raw`r"a\n\""`, String.raw`a\n\"`],
  ['"""a\r\nb"""', "a\nb"],
  ['"a\\\nb"', "ab"],
  [String.raw`"\x41"`, undefined],
  [String.raw`"\351"`, undefined],
  ['b"x"', undefined],
])("decodes %s as Bazel does", (literal, value) => {
  expect(decodeString(literal)).toBe(value);
});
