import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";

/** What git says of the tree. */
export interface GitState {
  /** Undefined when HEAD is detached. */
  readonly branch?: string;
  /** Paths that differ from HEAD or are untracked. */
  readonly dirty: readonly string[];
}

/** What may be pushed from where. */
export interface GuardOptions {
  /** The branch that pushes. */
  readonly branch: string;
  readonly anyBranch: boolean;
  readonly allowDirty: boolean;
}

/** Reports what speaks against a push of this tree. CI systems check out a commit, and name the branch in their environment. */
export function guardPush(
  state: GitState,
  env: Readonly<Record<string, string | undefined>>,
  { branch, anyBranch, allowDirty }: GuardOptions,
): readonly Diagnostic[] {
  const current = state.branch ?? branchOfCi(env);
  const [first = ""] = state.dirty;
  return [
    ...(anyBranch || current === branch
      ? []
      : [
          current === undefined
            ? diagnostic("push-detached", { branch })
            : diagnostic("push-wrong-branch", { branch, current }),
        ]),
    ...(allowDirty || state.dirty.length === 0
      ? []
      : [diagnostic("push-dirty", { files: differing(first, state.dirty.length) })]),
  ];
}

function differing(first: string, count: number): string {
  return count === 1 ? `${first} differs` : `${count} files differ (${first} is one)`;
}

/** The branch that a CI system builds: GITHUB_REF_NAME unless it is a tag, or BUILDKITE_BRANCH unless it is a pull request. */
function branchOfCi(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env["GITHUB_REF_NAME"]) return env["GITHUB_REF_TYPE"] === "branch" ? env["GITHUB_REF_NAME"] : undefined;
  const pullRequest = env["BUILDKITE_PULL_REQUEST"];
  // A fork's branch may be called main as well.
  if (pullRequest !== undefined && pullRequest !== "false") return `pull request ${pullRequest}`;
  return env["BUILDKITE_BRANCH"];
}
