/** git as a port: the branch, what is not committed, and what changed since a revision. Failures are diagnostics. */
import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { ChangedFile, GitState } from "../publish/index.ts";
import type { Shell } from "./index.ts";
import { findProgram, type Processes } from "./processes.ts";

/** A repository of git. */
export interface Git {
  state(): Promise<GitState | Diagnostic>;
  /** The files that differ between the revision and the tree, uncommitted and untracked ones included. */
  changedSince(revision: string): Promise<readonly ChangedFile[] | Diagnostic>;
}

/** Reports whether a question ended in a diagnostic. */
export function isProblem<T extends object>(answer: T | Diagnostic): answer is Diagnostic {
  return "code" in answer && "severity" in answer;
}

/** Opens the repository that the root is in. */
export async function openGit(root: string, shell: Shell, processes: Processes): Promise<Git | Diagnostic> {
  const program = findProgram("git", shell.env, root);
  if (program === undefined) return diagnostic("git-not-found", {});
  // Names of branches and files as they are, in the language that is documented.
  const env = { ...shell.env, LC_ALL: "C" };
  const run = (...args: readonly string[]) => processes.run(program, args, { cwd: root, env });
  const failed = (args: readonly string[], said: string) =>
    diagnostic("git-failed", { command: args.join(" "), detail: said.trim() });
  const ask = async (...args: readonly string[]): Promise<string | Diagnostic> => {
    const { code, out, err } = await run(...args);
    return code === 0 ? out : failed(args, err);
  };
  const inside = await run("rev-parse", "--show-prefix");
  if (inside.code !== 0) {
    if (/not a git repository/i.test(inside.err)) return diagnostic("git-no-repository", { root });
    return failed(["rev-parse", "--show-prefix"], inside.err);
  }
  const prefix = inside.out.replace(/\r?\n$/, "");
  return {
    state: async () => {
      const head = await run("symbolic-ref", "--quiet", "--short", "HEAD");
      const status = await ask("status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames");
      if (typeof status !== "string") return status;
      const dirty = entriesOf(status).map((entry) => entry.slice(3));
      return head.code === 0 ? { branch: head.out.trim(), dirty } : { dirty };
    },
    changedSince: async (revision) => {
      const known = await run("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
      if (known.code !== 0) return diagnostic("git-unknown-revision", { revision });
      const diff = await ask(
        "-c",
        "diff.relative=false",
        "diff",
        "--name-status",
        "-z",
        "--no-renames",
        known.out.trim(),
        "--",
      );
      if (typeof diff !== "string") return diff;
      const untracked = await ask("ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/");
      if (typeof untracked !== "string") return untracked;
      const fresh = entriesOf(untracked).map((path) => ({ path, change: "added" as const }));
      return [...statusesOf(entriesOf(diff)), ...fresh].map(({ path, change }) => ({
        path: fromPrefix(path, prefix),
        change,
      }));
    },
  };
}

function entriesOf(text: string): readonly string[] {
  return text.split("\0").filter((entry) => entry !== "");
}

/** `M`, path, `A`, path, … */
function statusesOf(entries: readonly string[]): readonly ChangedFile[] {
  return entries.flatMap((status, index): readonly ChangedFile[] => {
    const path = entries[index + 1];
    if (index % 2 === 1 || path === undefined) return [];
    const change = status === "A" ? "added" : status === "D" ? "deleted" : "modified";
    return [{ path, change }];
  });
}

/** A path of the repository as one from our root, which may be a folder in it. */
function fromPrefix(path: string, prefix: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) : `../${path}`;
}
