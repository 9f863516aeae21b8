/** Command lines that are understood without yargs mean what they mean to yargs; `--timings`. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run as runWithYargs } from "../src/commands/cli.ts";
import { parsePlain } from "../src/commands/run.ts";
import { phases } from "../src/shell/stopwatch.ts";
import { config, worker } from "./golden/seed.ts";
import { type Workspace, workspace } from "./support/run.ts";

let place: Workspace;
beforeAll(async () => {
  place = workspace({
    "bazel-images.config.ts": config(),
    "cmd/worker/worker.image.ts": worker(`{ repoTags: ["worker:candidate"] }`),
  });
  await place.run(["generate"]);
});
afterAll(() => place.remove());

const word = fc.constantFrom(
  ...["generate", "check", "diff", "worker", "cmd/worker", "//cmd/worker", ".", "nobody", "01", "1e3", "true", ""],
  ...[
    "--timings",
    "--no-cache",
    "--prune",
    "--print0",
    "--format",
    "json",
    "--format=json",
    "--no-color",
    "--cwd=.",
    "--",
  ],
  ...["-h", "-", "--cache", "--timing", "--print0=false", "--no-prune"],
);

test("both ways of reading a command line come to the same", async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("check", "diff", "generate"),
      fc.array(word, { maxLength: 4 }),
      async (verb, rest) => {
        const argv = [verb, ...rest];
        if (!parsePlain(argv)) return;
        plain++;
        const ours = await place.run(argv);
        const [out, err]: [string[], string[]] = [[], []];
        const code = await runWithYargs(argv, {
          cwd: place.root,
          env: { GEN_BAZEL_IMAGES_CACHE: "off" },
          out: (text) => void out.push(text),
          err: (text) => void err.push(text),
          isTerminal: false,
        });
        const said = (text: string) =>
          text
            .replaceAll(place.root, "<root>")
            .replace(/\d+\.\d ms/g, "0.0 ms")
            .replace(/ +/g, " ");
        expect({ code, out: said(out.join("")), err: said(err.join("")) }).toEqual({
          code: ours.code,
          out: said(ours.out),
          err: said(ours.err),
        });
      },
    ),
    { numRuns: 150 },
  );
  expect(plain).toBeGreaterThan(20);
});

test("what is not plain is left to yargs", () => {
  for (const argv of [["list"], ["worker"], ["check", "--format", "json"], ["check", "-h"], ["diff", "--print0"]])
    expect(parsePlain(argv)).toBeUndefined();
  expect(parsePlain([])?.command).toBe("generate");
});

test.each([["check"], ["generate"], ["diff"]])("%s --timings says where the time went", async (verb) => {
  const { code, err } = await place.run([verb, "--timings"]);
  expect(code).toBe(0);
  const lines = err.trimEnd().split("\n");
  expect(lines.map((line) => /^(\w+) +\d+\.\d ms$/.exec(line)?.[1])).toEqual([
    ...phases.filter((phase) => phase !== "write" || verb === "generate" || err.includes("write")),
    "whole",
  ]);
});

test("--timings is for commands that plan", async () => {
  expect((await place.run(["list", "--timings"])).code).toBe(2);
});

test.each([
  [["list", "--cwd", ".", "--cwd", "."], "--cwd is given twice; once is enough"],
  [["list", "--config", "a.ts", "--config", "b.ts"], "--config is given twice"],
  [["list", "--format", "text", "--format", "json"], "--format is given twice"],
  [["push", "--branch", "a", "--branch", "b"], "--branch is given twice"],
  [["check", "--format"], "Not enough arguments following: format"],
  [["push", "--tag"], "Not enough arguments following: tag"],
  [["check", "--config="], "--config takes a value"],
  [["check", "--config"], "Not enough arguments following: config"],
  [["init", "--cwd", "nowhere"], "--cwd: nowhere is no folder"],
  [["generate", "--cwd", "bazel-images.config.ts"], "--cwd: bazel-images.config.ts is no folder"],
])("%j is no command line", async (argv, problem) => {
  const { code, out, err } = await place.run(argv);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(problem);
});
