/** buildifier as a port: many texts in few processes, which do not wait for us. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { FormatRequest } from "../src/pipeline/index.ts";
import { runBuildifier } from "../src/shell/buildifier.ts";
import { nextTurn } from "../src/shell/turn.ts";

const requests = (count: number, broken = -1): readonly FormatRequest[] =>
  Array.from({ length: count }, (_, index) => ({
    file: `${index}/BUILD`,
    type: "build",
    text: index === broken ? "rule(\n\n)(\n" : `rule(name="n${index}",srcs=["b","a"])\n`,
  }));
const formatted = (index: number) =>
  `rule(\n    name = "n${index}",\n    srcs = [\n        "a",\n        "b",\n    ],\n)\n`;
const root = import.meta.dirname;

/** Files in the folder for temporary ones that this process made. */
function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`gen-bazel-images.${process.pid}.`));
}

/** Files of ours that this process holds open, where that can be told. */
function openFiles(): readonly string[] {
  if (!existsSync("/proc/self/fd")) return [];
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => link.includes("/gen-bazel-images."));
}

describe("runBuildifier", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each([1, 20, 700, 2_600])("formats %d texts, each to its own", async (count) => {
    const answers = await runBuildifier(requests(count), { root });
    expect(answers).toEqual(Array.from({ length: count }, (_, index) => ({ text: formatted(index) })));
    expect(leftovers()).toEqual([]);
  });

  it("finds the one bad text of many", async () => {
    const answers = await runBuildifier(requests(700, 433), { root });
    expect(answers[433]).toEqual({ problem: expect.stringContaining("syntax error"), line: expect.any(Number) });
    expect(answers.filter((answer) => "text" in answer)).toHaveLength(699);
    expect([...leftovers(), ...openFiles()]).toEqual([]);
  });

  it("does as well where no temporary file can be made", async () => {
    vi.stubEnv("TMPDIR", join(root, "nowhere"));
    const answers = await runBuildifier(requests(700), { root });
    expect(answers[699]).toEqual({ text: formatted(699) });
  });

  it("says that it cannot be run, and leaves no file open", async () => {
    for (const count of [1, 700]) {
      for (const program of [join(root, "nowhere"), root])
        await expect(runBuildifier(requests(count), { root, program })).rejects.toThrow(program);
      await expect(runBuildifier(requests(count), { root: join(root, "nowhere") })).rejects.toThrow("ENOENT");
    }
    // The end of a child that never began is told after the error.
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(openFiles()).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "gives no part of a text where the folder for temporary files is full",
    async () => {
      // buildifier ends with 0 when it cannot write. This one stands for it: into a file it writes no more than 40,000 bytes.
      const real = join(root, "../node_modules/@bazel/buildifier/buildifier-linux_amd64");
      const program = join(mkdtempSync(join(tmpdir(), "gen-bazel-images-full-")), "buildifier");
      writeFileSync(
        program,
        `#!/bin/sh\nif [ -f /dev/fd/1 ]; then ${real} "$@" | head -c 40000; else exec ${real} "$@"; fi\n`,
      );
      chmodSync(program, 0o755);
      const large = requests(3).map((request) => ({ ...request, text: `${request.text}# ${"x".repeat(30_000)}\n` }));
      const answers = await runBuildifier(large, { root, program });
      rmSync(dirname(program), { recursive: true });
      expect(answers).toEqual(await runBuildifier(large, { root }));
      expect(answers.map((answer) => "text" in answer && answer.text.length > 30_000)).toEqual([true, true, true]);
    },
  );

  it.runIf(existsSync("/proc/self/task"))("works while we are busy", async () => {
    // More than the buffers of a pipe hold.
    const large = requests(1_000).map((request) => ({ ...request, text: `${request.text}# ${"x".repeat(1_000)}\n` }));
    const pending = runBuildifier(large, { root });
    await nextTurn();
    const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
    const isDone = (pid: string) => / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/\(.*\)/, ""));
    const working = children();
    expect(working).not.toEqual([""]);
    // The event loop stands still: nobody fills a pipe, nobody empties one.
    const started = performance.now();
    while (!working.some(isDone) && performance.now() - started < 20_000);
    expect(working.filter(isDone)).not.toEqual([]);
    expect(await pending).toHaveLength(1_000);
  });
});
