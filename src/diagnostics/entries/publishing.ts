import type { CatalogueEntry } from "./entry.ts";

/** What can keep `push` from pushing: git, Bazel, the targets themselves, and registries. */
export const publishing = {
  "git-not-found": {
    message: "there is no git on PATH, so nobody can say what would be pushed",
    hint: "install git, or push without its guards: --any-branch --allow-dirty",
    doc: "`push` asks git for the branch, for uncommitted changes and for what changed since a revision.",
    exit: 3,
  },
  "git-no-repository": {
    message: "{root} is in no git repository",
    hint: "run it in a clone, or push without the guards: --any-branch --allow-dirty",
    doc: "The guards of `push` need a repository of git.",
  },
  "git-failed": {
    message: "git {command} failed: {detail}",
    hint: "run it yourself: git {command}",
    doc: "git ended with an error.",
    exit: 3,
  },
  "git-unknown-revision": {
    message: 'git knows no revision "{revision}"',
    hint: "a shallow clone does not have it; fetch it first: git fetch --unshallow, or git fetch origin {revision}",
    doc: "`--only-changed-since` takes what `git rev-parse` takes: a commit, a branch, a tag.",
  },
  "push-detached": {
    message: 'HEAD is detached, so this may not be the branch "{branch}"; only that is pushed from',
    hint: "git switch {branch}; in CI set GITHUB_REF_NAME (with GITHUB_REF_TYPE=branch) or BUILDKITE_BRANCH, or say --any-branch; --dry-run builds without pushing",
    doc: "Images are pushed from the main branch only. CI systems check out a commit; the branch is then read from GITHUB_REF_NAME or BUILDKITE_BRANCH.",
  },
  "push-wrong-branch": {
    message: 'this is "{current}", and only "{branch}" is pushed from',
    hint: 'build without pushing: --dry-run; another main branch: --branch {current}, or push: {{ branch: "{current}" }} in the config',
    doc: "Images are pushed from the main branch only.",
  },
  "push-dirty": {
    message: "{files} from HEAD, so no commit says what would be pushed",
    hint: "commit, stash or ignore them (git status), or say --allow-dirty",
    doc: "An image that is published must be made from a commit.",
  },
  "bazel-not-found": {
    message: "{program} is not on PATH",
    hint: "install bazelisk, or name the program: --bazel PATH",
    doc: "`push` builds with `bazel`, else with `bazelisk`, unless `--bazel` names a program.",
    exit: 3,
  },
  "bazel-query-failed": {
    message: "bazel query failed:\n{detail}",
    hint: "see it whole: bazel query '{query}'",
    doc: "The push targets are found by a query over all packages, so all of them have to load.",
    exit: 3,
  },
  "bazel-build-failed": {
    message: "bazel build failed, nothing was pushed:\n{detail}",
    hint: "build it yourself: bazel build --stamp {target}",
    doc: "All targets are built before the first is pushed; one that does not build keeps all back.",
    exit: 3,
  },
  "bazel-run-failed": {
    message: "bazel run --script_path failed for {target}, nothing was pushed:\n{detail}",
    hint: "is it executable? bazel run --stamp {target}",
    doc: "The script of each target is asked of Bazel before the first is run.",
    exit: 3,
  },
  "push-not-in-bazel": {
    message: "{target} is declared, and Bazel does not have it; nothing was pushed",
    hint: "npx gen-bazel-images {package}",
    doc: "A declared push target that Bazel does not know would silently stay behind.",
  },
  "push-unmanaged": {
    message: "{count} push targets are in no region of ours and are not pushed: {targets}",
    hint: "push them too: --unmanaged",
    severity: "warning",
    doc: "Rules that push, and that no declaration wants, are pushed with `--unmanaged` only.",
  },
  "push-name-unknown": {
    message: "{target} names no repository, so `--registry` has no name to put behind the registry",
    hint: "declare `repository`, or push it without --registry",
    doc: "The name below a registry is the declared one; it is never made from the label.",
  },
  "push-same-destination": {
    message: "{target} and {other} both push {destination}; nothing was pushed",
    hint: "give one of them another repository or tag",
    doc: "Two images under one name: the one pushed last would win.",
  },
  "push-failed": {
    message: "{target} was not pushed to {repository}, tried {attempts}: {detail}",
    hint: "push it alone: bazel run --stamp {target}",
    doc: "The script of a push target failed, after all retries when the failure may pass.",
    exit: 3,
  },
} as const satisfies Record<string, CatalogueEntry>;
