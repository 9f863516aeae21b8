#!/bin/sh
# The workspace status: Bazel runs this before a build and stamps what is built with --config=release with it. Written
# once by `gen-bazel-images init`; from then on it is yours.
#
# A key that begins with STABLE_ rebuilds what is stamped with it when its value changes; any other key is volatile: a new
# value alone rebuilds nothing. VERSION and SOURCE_DATE_EPOCH of the environment win over what is found out here.
# Works in a shallow clone, a worktree, with a detached head, and without git or a repository ("unknown").

cd "$(dirname "$0")" || exit 1
# No lock that a git of somebody at work would wait for.
export GIT_OPTIONAL_LOCKS=0

version=unknown
commit=unknown
date=1970-01-01T00:00:00Z
if command -v git >/dev/null 2>&1 && git rev-parse --verify --quiet HEAD >/dev/null 2>&1; then
  # The length of the hash is fixed: git's own choice depends on how much of the history a clone has.
  version=$(git describe --tags --always --abbrev=12 HEAD)
  commit=$(git rev-parse HEAD)
  date=$(TZ=UTC git show -s --no-show-signature --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd HEAD)
  # Files that git does not track do not count: CI leaves some in every checkout.
  if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
    version=$version-dirty
    commit=$commit-dirty
  fi
fi

# What a registry takes as a tag: git's tags may hold slashes and more.
version=$(printf %s "${VERSION:-$version}" | LC_ALL=C tr -c 'A-Za-z0-9_.-' - | sed 's/^[.-]*//' | cut -c 1-128)

echo "STABLE_VERSION ${version:-unknown}"
echo "STABLE_GIT_COMMIT $commit"
echo "STABLE_GIT_COMMIT_DATE $date"
echo "VERSION_TIMESTAMP ${SOURCE_DATE_EPOCH:-$(date +%s)}"
