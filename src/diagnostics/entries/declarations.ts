import type { CatalogueEntry } from "./entry.ts";

/** Problems of the config and of declared services. */
export const declarations = {
  "config-not-found": {
    message: "no {wanted}",
    hint: "run `npx gen-bazel-images init`, or name it: --config FILE",
    doc: "The config is looked for from the working directory upwards, unless `--config` names it.",
  },
  "init-exists": {
    message: "{file} exists; nothing was written",
    hint: "npx gen-bazel-images",
    doc: "`init` never writes over a config.",
  },
  "declaration-syntax": {
    message: "{message}",
    doc: "esbuild could not bundle a declaration file or something that it imports.",
  },
  "declaration-threw": {
    message: "{file} threw: {message}",
    doc: "Evaluating a declaration file ended in an exception.",
  },
  "default-export-missing": {
    message: "{file} has no default export",
    hint: "write: export default {helper}({{ ... }})",
    doc: "A declaration file exports one service or an array of them, the config exports the configuration.",
  },
  "default-export-wrong": {
    message: "the default export of {file} is {got}, expected {expected}",
    doc: "The default export has the wrong shape.",
  },
  "services-glob-empty": {
    message: 'the glob "{glob}" matches no file',
    hint: "globs are relative to the folder of the config and follow no links",
    doc: "A glob in `services` that matches nothing is most often a typo.",
  },
  "unknown-key": {
    message: "`{key}` is not a property of {what}",
    doc: "A key that the model does not know; attributes without a property go under `attributes`.",
  },
  "missing-key": {
    message: "{what} needs `{key}`",
    doc: "A mandatory property is missing.",
  },
  "wrong-type": {
    message: "`{what}` takes {expected}, got {got}",
    doc: "A property has the wrong type.",
  },
  "value-unsupported": {
    message: "{got} cannot be written as Starlark",
    hint: "use strings, integers, booleans, arrays, objects, or glob, select, ident, call, starlark`...`",
    doc: "A value has no form in Starlark.",
  },
  "number-not-integer": {
    message: "{got} is not an integer; Starlark attributes take integers only",
    hint: "write it as a string when the attribute takes one",
    doc: "Fractions, NaN and integers beyond 2^53 have no attribute that takes them.",
  },
  "lone-surrogate": {
    message: "{text} holds half of a surrogate pair, which has no UTF-8",
    doc: "A string that is no well-formed Unicode cannot be written to a file.",
  },
  "dict-key-order": {
    message: 'JavaScript moves the key "{key}" to the front of an object, so the order of this dictionary is lost',
    hint: 'write it as pairs, in the order wanted: [["{key}", "..."], ...]',
    doc: "The order of a dictionary is meaning; keys that look like array indices need pairs.",
  },
  "dict-key-twice": {
    message: 'the key "{key}" stands twice in a dictionary',
    hint: "keep one of the pairs",
    doc: "Bazel refuses a dictionary that has a key twice; only pairs can say one.",
  },
  "identifier-invalid": {
    message: '"{name}" is not a Starlark identifier',
    hint: "use starlark`...` for anything but a name",
    doc: "`ident` and `call` take a name, with dots.",
  },
  "expression-syntax": {
    message: "the expression does not parse: {detail}",
    doc: "A starlark`...` template is not one Starlark expression.",
  },
  "defaults-threw": {
    message: "`defaults` threw: {message}",
    doc: "The function `defaults` of the config ended in an exception.",
  },
  "package-in-declaration-file": {
    message: "`package` is for services inline in the config; the package of this file is its folder, {folder}",
    hint: "remove `package`, or move the file",
    doc: "The package of a declaration file is its folder.",
  },
  "package-missing": {
    message: "an inline service needs `package`, its folder from the root",
    hint: 'add: package: "cmd/worker"',
    doc: "A service inline in the config names its package.",
  },
  "package-outside-root": {
    message: '"{package}" is outside the repository',
    hint: "paths are relative to the folder of the config and stay inside it, links included",
    doc: "Nothing is written outside the root.",
  },
  "package-invalid": {
    message: '"{package}" cannot be the name of a Bazel package',
    doc: "A folder has a character that Bazel does not allow in package names.",
  },
  "package-ignored": {
    message: "//{package} is ignored: {reason}",
    severity: "warning",
    doc: "A service in an ignored package or file is reported and does not make `check` stale.",
  },
  "service-duplicate": {
    message: 'two services of //{package} are called "{name}"; the other is {other}',
    hint: "give one of them another `name`",
    doc: "Names of services are unique in their package.",
  },
  "target-duplicate": {
    message: 'two rules of //{package} are called "{name}"; the other is {other}',
    hint: "set `name` on one of them",
    doc: "Names of targets are unique in their package.",
  },
  "push-overlap": {
    message: "this push and {other} both write {target}",
    hint: "give them different repositories or remoteTags",
    doc: "Two pushes to one repository and tag overwrite each other (sourcegraph#58442).",
  },
  "label-invalid": {
    message: '"{label}" is not a label',
    hint: 'labels look like ":name", "//pkg:name", "@repo//pkg:name"',
    doc: "A label that Bazel would refuse.",
  },
  "load-label-invalid": {
    message: '"{label}" is not the label of a .bzl file',
    hint: 'it looks like "//dev:rules.bzl"',
    doc: "`loads` and `from` take labels of .bzl files.",
  },
  "load-kind-unknown": {
    message: "`{kind}` is no rule that we emit",
    doc: "`loads` swaps rules that the rulesets emit.",
  },
  "target-name-invalid": {
    message: '"{name}" cannot name a target',
    hint: "letters, digits and -_./+=,@~ are fine; no leading, trailing or doubled slash",
    doc: "A target name that Bazel would refuse.",
  },
  "env-name-invalid": {
    message: '"{name}" cannot name an environment variable',
    hint: "names are not empty and have no `=`, no space and no control character",
    doc: "Names of environment variables.",
  },
  "port-invalid": {
    message: '"{port}" is not a port',
    hint: 'ports look like "8080", "8080/tcp" or "53/udp", from 1 to 65535',
    doc: "`exposedPorts` takes port numbers with an optional protocol.",
  },
  "test-port-protocol": {
    message: '"{port}" never matches: container-structure-test cuts the protocol off',
    hint: "write the number alone",
    doc: "`exposedPorts` and `unexposedPorts` of a metadataTest take numbers alone.",
  },
  "base-unknown": {
    message: '"{base}" is neither a base of the config nor a label',
    doc: "`base` is a key of `bases`, or a label that begins with `:`, `//` or `@`.",
  },
  "base-name-invalid": {
    message: '"{name}" cannot name a repository',
    hint: "letters, digits, `_`, `-` and `.`, a letter first",
    doc: "A base becomes a Bazel repository of its name.",
  },
  "image-reference-invalid": {
    message: '"{image}" is not an image name: {problem}',
    hint: 'write registry and repository, "index.docker.io/library/debian"',
    doc: "`image` of a base is a registry and a repository, without tag and digest.",
  },
  "tag-invalid": {
    message: '"{value}" is not a tag',
    hint: "tags have letters, digits, `_`, `.` and `-`, at most 128, no `.` or `-` first",
    doc: "A tag that no registry takes.",
  },
  "digest-invalid": {
    message: '"{value}" is not a digest',
    hint: 'digests look like "sha256:" and 64 hexadecimal digits, in lower case',
    doc: "A digest that no registry gives.",
  },
  "platform-invalid": {
    message: '"{platform}" is not a platform',
    hint: 'platforms look like "linux/amd64" or "linux/arm64/v8", as the image\'s index spells them',
    doc: "Platforms are os/arch or os/arch/variant.",
  },
  "repository-prefix-invalid": {
    message: '"{prefix}" cannot stand before a repository name',
    hint: 'it looks like "us.gcr.io/acme", without scheme and closing slash',
    doc: "`repositoryPrefix` is a registry with an optional path.",
  },
  "repository-prefix-missing": {
    message: '"{repository}" is a short name, and the config has no `repositoryPrefix`',
    hint: 'set repositoryPrefix: "registry.example.com/team", or write the whole repository',
    doc: "A repository without a registry needs `repositoryPrefix`.",
  },
  "repository-invalid": {
    message: '"{repository}" is not a repository: {problem}',
    hint: "tags go to `remoteTags`",
    doc: "oci_push refuses a repository with a tag or digest.",
  },
  "image-missing": {
    message: "this {what} has no image: the service makes none",
    hint: 'give the service a `base`, or name another image: image: "//pkg:image"',
    doc: "load, test and push without `image` are about the service's own.",
  },
  "image-platform-missing": {
    message: "an image without a base needs `os` and `architecture`",
    hint: 'add `base`, or os: "linux", architecture: "amd64"; a package without an image says image: false',
    doc: "rules_oci takes the platform from the base, or from these attributes.",
  },
  "image-platform-twice": {
    message: "`{attribute}` is for images without a base; here the base gives it",
    hint: "remove it",
    doc: "rules_oci refuses os, architecture and variant together with a base.",
  },
  "test-empty": {
    message: 'the test "{name}" tests nothing',
    hint: 'add commandTests, fileExistenceTests, ..., or a hand-written config: configs: ["image_test.yaml"]',
    doc: "A structure test has typed tests or names its configs.",
  },
  "test-driver-tar-commands": {
    message: 'the driver "tar" runs no {property}',
    hint: 'use driver: "docker", or test files and metadata only',
    doc: "container-structure-test with the tar driver reads the tarball and starts nothing.",
  },
  "test-driver-host": {
    message:
      'the driver "host" cannot work through container_structure_test: the rule passes --image, which it refuses',
    hint: 'use driver: "docker" or "tar"',
    doc: "The host driver cannot be used through the Bazel rule.",
  },
  "test-driver-tar-needs-load": {
    message: 'the driver "tar" reads the tarball of a `load` of this image, and the service has none',
    hint: 'add: load: {{ repoTags: ["name:candidate"] }}',
    doc: "With the tar driver a structure test needs a .tar file, which only a load target makes.",
  },
  "entrypoint-comma": {
    message: 'rules_oci 1.x joins `{attribute}` with commas, so the item "{item}" would be split',
    hint: "use rules_oci@2, or the label of a file, or a wrapper script",
    doc: "From rules_oci 2.0.0 items are written one a line.",
  },
  "cmd-cleared": {
    message: "`entrypoint` clears the `cmd` of the base, and `cmd` says inherit",
    hint: "write the list out, or remove `cmd`",
    severity: "warning",
    doc: "Setting the entrypoint clears an inherited cmd (rules_oci#649).",
  },
  "ruleset-unknown": {
    message: '"{ruleset}" is no ruleset that we know for `{family}`',
    doc: "`rulesets` names a ruleset and its version.",
  },
  "ruleset-version-invalid": {
    message: '"{ruleset}" has no version that we can read',
    hint: 'write "rules_oci@1.8.0", or a major alone: "rules_oci@2"',
    doc: "Versions are three numbers, or the major alone.",
  },
  "ruleset-too-old": {
    message: "{name} {version} is older than the oldest known, {oldest}",
    doc: "Nothing is known about the attributes of such an old version.",
  },
  "ruleset-newer": {
    message: "{name} {version} is newer than the newest known, {newest}, and counts as that",
    severity: "warning",
    doc: "Attributes are checked against the newest version known.",
  },
  "attribute-unknown": {
    message: "`{kind}` has no attribute `{attribute}`",
    doc: "The ruleset has no such attribute.",
  },
  "attribute-unknown-swapped": {
    message: "`{kind}`, which `loads` swaps, has no attribute `{attribute}` in the facts; it is printed as it is",
    severity: "warning",
    doc: "A macro of the repo may take attributes that the rule does not have.",
  },
  "attribute-version": {
    message: "`{attribute}` of {kind} is there from {name} {since}, and the config says {version}",
    doc: "The attribute came with a later version.",
  },
  "attribute-removed": {
    message: "`{attribute}` of {kind} is gone from {name} {removedIn}, and the config says {version}",
    doc: "The attribute went with an earlier version.",
  },
  "attribute-internal": {
    message: "`{attribute}` of {kind} is not for users",
    hint: "remove it",
    doc: "The attribute is set by the macro itself.",
  },
  "attribute-missing": {
    message: "{kind} needs `{attribute}`",
    doc: "A mandatory attribute is missing.",
  },
  "attribute-type": {
    message: "`{attribute}` of {kind} takes {expected}, got {got}",
    doc: "The value has another type than the attribute.",
  },
  "attribute-value": {
    message: "`{attribute}` of {kind} is one of {values}, got {got}",
    doc: "The attribute takes fixed values only.",
  },
  "attribute-select": {
    message: "`{attribute}` of {kind} takes no select()",
    hint: "Bazel needs the value while loading; make two rules instead",
    doc: "The attribute is not configurable.",
  },
  "select-branches-labels": {
    message: "a select() for `{attribute}` of {kind} takes labels only, not {got}",
    hint: "put the values into files with KEY=VALUE or one item a line, and select their labels",
    doc: "The macro turns a literal into a file while loading, which it cannot do inside a select().",
  },
  "attribute-twice": {
    message: "`{attribute}` is given twice: as `{property}` and under `attributes`",
    hint: "keep one of them",
    doc: "An attribute has one home.",
  },
  "attribute-pair": {
    message: "{message}",
    doc: "Two attributes that exclude or need each other.",
  },
  "argument-unknown": {
    message: '"{argument}" is no command, path or service',
    doc: "The first words name a command, or packages, paths or services.",
  },
} as const satisfies Record<string, CatalogueEntry>;
