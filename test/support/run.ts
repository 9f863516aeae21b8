/** Runs a command line in a temporary copy of a tree, with a shell that records; nothing of the real machine is seen. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { run } from "../../src/commands/run.ts";

/** Texts by path from the root, with `/`. */
export type Tree = Readonly<Record<string, string>>;

/** What a run gave. */
export interface Ran {
  readonly code: number;
  /** Standard output; the temporary folder reads `<root>`. */
  readonly out: string;
  /** Standard error; the temporary folder reads `<root>`. */
  readonly err: string;
  /** Every file afterwards. */
  readonly tree: Tree;
}

/** A monorepo in a temporary folder, which several commands can run in. */
export interface Workspace {
  readonly root: string;
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  write(files: Tree): void;
  read(): Tree;
  remove(): void;
}

/** Makes workspaces for the tests of a file; each is removed behind the test that made it. */
export function workspaces(): (files: Tree) => Workspace {
  const made: Workspace[] = [];
  afterEach(() => {
    for (const one of made.splice(0)) one.remove();
  });
  return (files) => {
    const one = workspace(files);
    made.push(one);
    return one;
  };
}

/** Writes a tree to a new temporary folder. */
export function workspace(files: Tree): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "gen-bazel-images-test-")));
  const write = (texts: Tree) => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  write(files);
  return {
    root,
    write,
    read: () => readTree(root),
    remove: () => rmSync(root, { recursive: true, force: true }),
    run: async (argv, env = {}) => {
      const [out, err]: [string[], string[]] = [[], []];
      const shell = {
        cwd: root,
        // Whatever a test runs, it runs as the first time; those of the cache say otherwise.
        env: { GEN_BAZEL_IMAGES_CACHE: "off", ...env },
        out: (text: string) => void out.push(text),
        err: (text: string) => void err.push(text),
        isTerminal: false,
      };
      const code = await run(argv, shell);
      const said = (texts: readonly string[]) => texts.join("").replaceAll(root, "<root>");
      return { code, out: said(out), err: said(err), tree: readTree(root) };
    },
  };
}

/** Runs one command line in a temporary copy of the files, which is removed afterwards. */
export async function runIn(files: Tree, argv: readonly string[]): Promise<Ran> {
  const place = workspace(files);
  try {
    return await place.run(argv);
  } finally {
    place.remove();
  }
}

/** Every file below a folder with its text; links are not followed. */
export function readTree(root: string): Tree {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, "utf8")]));
}
