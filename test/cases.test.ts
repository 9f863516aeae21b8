/**
 * Folders that a user could have sent. `test/cases/<verb>-<what>/` has `before/`, the tree, and `case`: the reason in a
 * comment, then the command line. `npm run test:update` writes what came out: `stdout`, `stderr` and `exit`, and in
 * `after/` every file that differs from `before/` (`deleted` lists those that are gone). Read it before you commit it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Ran, readTree, runIn, type Tree } from "./support/run.ts";

const cases = join(import.meta.dirname, "cases");
const isUpdating = process.env["UPDATE_CASES"] === "1";
const mend = "if this is what you want: npm run test:update, and read the difference";

const names = readdirSync(cases, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

test.each(names)("%s", async (name) => {
  const folder = join(cases, name);
  const before = unescaped(readTree(join(folder, "before")));
  const ran = await runIn(before, argvOf(readFileSync(join(folder, "case"), "utf8")));
  const outcome = outcomeOf(before, ran);
  if (isUpdating) save(folder, outcome);
  expect(load(folder), mend).toEqual(outcome);
});

test("each case says why it is there, and begins with its verb", () => {
  const verbs = /^(?:generate|check|diff|print|list|init|eject|pin|verify|doctor|import)-[a-z0-9-]+$/;
  expect(names.filter((name) => !verbs.test(name))).toEqual([]);
  expect(names.filter((name) => !/^# .{20,}\n/.test(readFileSync(join(cases, name, "case"), "utf8")))).toEqual([]);
});

interface Outcome {
  readonly exit: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly deleted: string;
  readonly after: Tree;
}

function argvOf(text: string): readonly string[] {
  const line = text.split("\n").find((candidate) => candidate !== "" && !candidate.startsWith("#")) ?? "";
  return line.split(" ").filter((word) => word !== "" && word !== "gen-bazel-images");
}

function outcomeOf(before: Tree, { code, out, err, tree }: Ran): Outcome {
  const deleted = Object.keys(before).filter((path) => tree[path] === undefined);
  const changed = Object.entries(tree).filter(([path, text]) => before[path] !== text);
  return {
    exit: `${code}\n`,
    stdout: out,
    stderr: err,
    deleted: deleted.map((path) => `${path}\n`).join(""),
    after: Object.fromEntries(changed),
  };
}

/** BUILD files of cases have another name here, so that the folders are no packages of ours. */
function unescaped(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, text]) => [path.replace(/\.in$/, ""), text]));
}

function escaped(path: string): string {
  return /(?:^|\/)(?:BUILD(?:\.bazel)?|[^/]*MODULE\.bazel)$/.test(path) ? `${path}.in` : path;
}

function save(folder: string, { after, ...texts }: Outcome): void {
  for (const name of ["after", "exit", "stdout", "stderr", "deleted"])
    rmSync(join(folder, name), { recursive: true, force: true });
  const files = [
    ...Object.entries(texts),
    ...Object.entries(after).map(([path, text]) => [`after/${escaped(path)}`, text] as const),
  ];
  for (const [path, text] of files) {
    if (text === "") continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function load(folder: string): Outcome {
  const text = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const after = existsSync(join(folder, "after")) ? unescaped(readTree(join(folder, "after"))) : {};
  return { exit: text("exit"), stdout: text("stdout"), stderr: text("stderr"), deleted: text("deleted"), after };
}
