import type { CatalogueEntry } from "./entry.ts";

/** Problems of stamps and of Go binaries for another platform. */
export const stamping = {
  "stamp-misplaced": {
    message: "a stamp cannot stand in `{what}`",
    hint: "stamps are items of `remoteTags` of a push, values of `labels` and `annotations`, and `created`; not inside select, concat or another call",
    doc: "Only what a ruleset takes as a file can be stamped.",
  },
  "stamp-key-invalid": {
    message: "{key} is no key of the workspace status",
    hint: 'keys look like "STABLE_VERSION": letters, digits and `_`, no digit first',
    doc: "A stamp names a key that `--workspace_status_command` or Bazel itself gives.",
  },
  "stamp-fallback-invalid": {
    message: "the stamp {key} has {problem}",
    hint: 'give it the text of unstamped builds: stamp({key}, {{ fallback: "dev" }})',
    doc: "Unstamped builds need a text, and expand_template expands `$` in it.",
  },
  "stamp-volatile": {
    message: "the volatile key {key} makes `{attribute}` and so the image differ from build to build",
    hint: "use a key that begins with STABLE_, which changes with the commit only; a volatile one is fine in `remoteTags`",
    severity: "warning",
    doc: "What depends on a stamped image, its tarball, tests and pushes, is cached as long as its content is the same.",
  },
  "stamp-line-broken": {
    message: "{text} cannot stand beside a stamp: {problem}",
    doc: "The items of a list or dictionary with stamps become lines of a file, KEY=VALUE for a dictionary.",
  },
  "stamp-created-invalid": {
    message: '"{text}" is no time of creation',
    hint: 'write an RFC 3339 time: stamp("STABLE_GIT_COMMIT_DATE", {{ fallback: "2000-01-01T00:00:00Z" }})',
    doc: "`created` is a time, in unstamped builds too.",
  },
  "go-stamp-invalid": {
    message: '"{name}" is no Go variable',
    hint: 'it is the import path and the name: "example.com/app/internal/version.version"',
    doc: "`goStamps` has Go variables as `go build -X` takes them.",
  },
  "cross-binary-srcs": {
    message: "`crossBinary` needs `srcs` with one label of a go_binary, got {got}",
    hint: 'write srcs: [":worker"], and put other files into a layer of their own',
    doc: "A go_cross_binary rebuilds one go_binary.",
  },
  "cross-binary-platform": {
    message: '"{platform}" is no platform that rules_go builds for',
    doc: "Platforms are os/arch, as Go spells them, without a variant.",
  },
} as const satisfies Record<string, CatalogueEntry>;
