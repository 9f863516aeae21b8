/** The pipelines under examples/ci parse, push from main only, and every command of ours in them is one that we understand. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { run } from "../src/commands/cli.ts";

const examples = join(import.meta.dirname, "../examples");
const read = (name: string): unknown => parse(readFileSync(join(examples, "ci", name), "utf8"));

interface Step {
  readonly run?: string;
  readonly command?: string;
  readonly commands?: readonly string[];
  readonly branches?: string;
}

interface Job {
  readonly if?: string;
  readonly steps: readonly Step[];
}

const actions = read("github-actions.yml") as { readonly jobs: Readonly<Record<string, Job>> };
const buildkite = read("buildkite.yml") as { readonly steps: readonly Step[] };

const jobs = [
  ...Object.values(actions.jobs).map((job) => ({
    condition: job.if ?? "",
    lines: job.steps.flatMap((step) => step.run ?? []),
  })),
  ...buildkite.steps.map((step) => ({ condition: step.branches ?? "", lines: step.commands ?? [step.command ?? ""] })),
];
const ours = [...new Set(jobs.flatMap(({ lines }) => lines).filter((line) => line.startsWith("npx gen-bazel-images")))];

/** Runs a line of a pipeline in an example, without any program on PATH. */
async function follow(line: string): Promise<{ readonly code: number; readonly said: string }> {
  let said = "";
  const say = (text: string): void => {
    said += text;
  };
  const shell = { cwd: join(examples, "go-services"), env: { PATH: "" }, out: say, err: say, isTerminal: false };
  return { code: await run(line.split(" ").slice(2), shell), said };
}

describe.each(ours)("%s", (line) => {
  it("is understood", async () => {
    const { code, said } = await follow(line);
    // `push` comes as far as it can: it looks for Bazel.
    if (line.includes(" push")) expect(said).toContain("bazel-not-found");
    else expect([code, said.includes("error")]).toEqual([0, false]);
  });
});

it("there is a check, a test of everything and a push in each", () => {
  for (const pipeline of [Object.values(actions.jobs).flatMap(({ steps }) => steps), buildkite.steps]) {
    const lines = pipeline.flatMap((step) => step.commands ?? step.run ?? step.command ?? []);
    for (const wanted of [/ check\b/, /^bazel test \/\/\.\.\.$/, / push --dry-run\b/, / push\b(?! --dry-run)/])
      expect(lines.filter((line) => wanted.test(line))).toHaveLength(1);
  }
});

it("only main pushes", () => {
  const pushing = jobs.filter(({ lines }) => lines.some((line) => / push\b(?! --dry-run)/.test(line)));
  expect(pushing.map(({ condition }) => condition)).toEqual([
    "github.event_name == 'push' && github.ref == 'refs/heads/main'",
    "main",
  ]);
});
