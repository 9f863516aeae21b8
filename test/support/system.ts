/** Suites that need programs of the system: run when they are there, named when not, failing when they are required. */
import { spawnSync } from "node:child_process";
import { accessSync, appendFileSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, describe, it, type RunnerTask } from "vitest";

/** What a suite needs. */
export interface SystemNeeds {
  /** Names of programs, looked up on PATH. */
  readonly programs: readonly string[];
}

/** One line of the file that `SYSTEM_REPORT` names. */
export interface SystemRecord {
  readonly suite: string;
  /** Program to version; null when it is not there. */
  readonly programs: Readonly<Record<string, string | null>>;
  /** `run`, `skipped` because a program is missing, or `missing` when that is a failure. */
  readonly status: "run" | "skipped" | "missing";
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A `describe` that runs when every program is on PATH; otherwise it is skipped, or fails under `REQUIRE_SYSTEM_TESTS=1`. */
export function systemSuite(name: string, needs: SystemNeeds, body: () => void): void {
  const missing = needs.programs.filter((program) => findProgram(program) === undefined);
  const programs = Object.fromEntries(needs.programs.map((program) => [program, versionOf(program)]));
  const record = (status: SystemRecord["status"], counts: Counts): void =>
    report({ suite: name, programs, status, ...counts });
  if (missing.length === 0)
    describe(name, () => {
      // biome-ignore lint/correctness/noEmptyPattern: vitest wants a destructuring pattern here
      afterAll(({}, suite) => record("run", count(suite.tasks)));
      body();
    });
  else if (process.env.REQUIRE_SYSTEM_TESTS === "1") failSuite(name, missing, record);
  else {
    console.warn(`skipped: ${name} (not on PATH: ${missing.join(", ")})`);
    record("skipped", none);
    describe.skip(`${name} (not on PATH: ${missing.join(", ")})`, body);
  }
}

function failSuite(
  name: string,
  missing: readonly string[],
  record: (status: "missing", counts: Counts) => void,
): void {
  describe(name, () => {
    it(`needs ${missing.join(", ")} on PATH, because REQUIRE_SYSTEM_TESTS is 1`, () => {
      record("missing", { ...none, failed: 1 });
      throw new Error(`not on PATH: ${missing.join(", ")}`);
    });
  });
}

type Counts = Pick<SystemRecord, "passed" | "failed" | "skipped">;

const none: Counts = { passed: 0, failed: 0, skipped: 0 };

/** The tests of a suite by how they ended, those of suites in it included. */
function count(tasks: readonly RunnerTask[]): Counts {
  const counts = tasks.map((task) =>
    task.type === "suite" ? count(task.tasks) : countTest(task.result?.state ?? task.mode),
  );
  return counts.reduce(add, none);
}

function add(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

function countTest(state: string): Counts {
  if (state === "pass") return { ...none, passed: 1 };
  return state === "fail" ? { ...none, failed: 1 } : { ...none, skipped: 1 };
}

function report(record: SystemRecord): void {
  const file = process.env.SYSTEM_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify(record)}\n`);
}

/** The path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a program says of its version, or, where that says nothing, its Debian package. */
function versionOf(program: string): string | null {
  const path = findProgram(program);
  if (path === undefined) return null;
  return packageVersion(path) ?? moduleVersion(path) ?? saidVersion(path);
}

/** The first line of `--version` that has a version in it; some programs warn before. */
function saidVersion(path: string): string {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return (
    stdout
      ?.split("\n")
      .find((line) => /\d+\.\d+/.test(line))
      ?.trim() ?? "unknown"
  );
}

/** The version of the module that a Go program was built from. */
function moduleVersion(path: string): string | undefined {
  const { stdout } = spawnSync("go", ["version", "-m", path], { encoding: "utf8", timeout: 20_000 });
  return /^\s*mod\s+(\S+\s+\S+)/m.exec(stdout ?? "")?.[1]?.replace("\t", " ");
}

function packageVersion(path: string): string | undefined {
  const owner = spawnSync("dpkg-query", ["-S", path], { encoding: "utf8" }).stdout?.split(":")[0];
  if (!owner) return undefined;
  const fields = spawnSync("dpkg-query", ["-W", owner], { encoding: "utf8" }).stdout;
  return fields ? firstLine(fields).replace("\t", " ") : undefined;
}

function firstLine(text: string | null): string {
  return (
    text
      ?.split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() || "unknown"
  );
}
