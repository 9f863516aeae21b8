import type { CatalogueEntry } from "./entry.ts";

/** What `import` cannot take over, and why; everything that it names stays as it is. */
export const imports = {
  "import-no-workspace": {
    message: "there is no WORKSPACE and no MODULE.bazel at or above {cwd}",
    hint: "run it in a Bazel repository, or name one: --cwd DIR",
    doc: "Without a config, the root of the repository is where Bazel's is.",
  },
  "import-spread": {
    message: "{what} stays hand-written: some of its attributes come from `{spread}`",
    hint: "write the attributes out in the call, then run import again",
    doc: "What `**` brings is known to Bazel alone, so nothing can be declared from it.",
    severity: "warning",
  },
  "import-positional": {
    message: "{what} stays hand-written: it has arguments without a name",
    hint: "name the arguments, then run import again",
    doc: "Only the first argument of a macro, its name, may stand without a name.",
    severity: "warning",
  },
  "import-name": {
    message: "{what} stays hand-written: its name is no plain string",
    hint: "write the name out, then run import again",
    doc: "Rules are found again by their name.",
    severity: "warning",
  },
  "import-nested": {
    message: "{what} stays hand-written: it is made in a function or a comprehension",
    hint: "write the rules out and run import again, or declare the services with a loop in TypeScript",
    doc: "Only statements of their own can be taken out of a BUILD file.",
    severity: "warning",
  },
  "import-line-shared": {
    message: "{what} stays hand-written: another statement stands on its lines",
    hint: "format the file with buildifier, then run import again",
    doc: "A statement is taken out with its lines.",
    severity: "warning",
  },
  "import-changed-below": {
    message: "{what} stays hand-written: `{name}`, which it reads, changes below it",
    hint: "give the two values two names, then run import again",
    doc: "The region stands at the end of the file, where the name has another value.",
    severity: "warning",
  },
  "import-link": {
    message: "{file} is a link, so its rules stay hand-written",
    hint: "import the package that holds the file, or replace the link by the file",
    doc: "A linked BUILD file belongs to several packages, and a region to one.",
    severity: "warning",
  },
  "import-encoding": {
    message: "{file} is not UTF-8, so it stays as it is",
    hint: "convert it: iconv -f latin1 -t utf-8",
    doc: "Bytes that are no text would be lost when the file is written.",
  },
  "import-setup-syntax": {
    message: "{file} does not parse, so rulesets and bases may be missed in it",
    hint: "mend the file, then run import again, or say `rulesets` and `bases` in the config",
    doc: "Without a config, import takes the versions of the rulesets and the bases from WORKSPACE or MODULE.bazel.",
    severity: "warning",
  },
  "import-kind": {
    message: "{what} stays hand-written: there is nothing to declare it with",
    doc: "The model has no word for this kind of rule; it lives beside the region.",
    severity: "warning",
  },
  "import-kind-version": {
    message: "{what} stays hand-written: {ruleset} has no {kind}",
    hint: 'import with rulesets: {{ oci: "{other}" }}, then change the version and run: npx gen-bazel-images',
    doc: "The rule is of the other generation of rules_oci. Import with the version that the file was written for; upgrading is a change of one line afterwards.",
    severity: "warning",
  },
  "import-load": {
    message: "{what} stays hand-written: it is loaded from {from}, and {kind} comes from {chosen} elsewhere",
    hint: "load it from {chosen}, then run import again",
    doc: "A repository loads each kind from one file, the ruleset's or the one that `loads` of the config names.",
    severity: "warning",
  },
  "import-declared": {
    message: "{what} is declared already, with another `{attribute}`, so the package stays as it is",
    hint: "make the declaration say the same and run import again, or delete one of the two",
    doc: "A declaration is never overwritten; a hand-written rule that equals the declared one is taken out.",
  },
  "import-comment-lost": {
    message: "the comment `{comment}` would be lost, so {file} stays as it is",
    hint: "move the comment above its rule and run import again; please report the file",
    doc: "The last look before writing found a comment without a place in the declaration.",
  },
  "import-refused": {
    message: "{what} stays hand-written: {problem}",
    hint: "mend the rule, then run import again",
    doc: "The rule cannot be declared as it is: generating it would be an error.",
    severity: "warning",
  },
  "import-differs": {
    message: "{what} stays hand-written: its `{attribute}` would come back as {got}",
    hint: "declare it by hand, or report the rule",
    doc: "Every rule is generated again before anything is written, and compared attribute by attribute.",
    severity: "warning",
  },
  "import-test-config": {
    message: "{config} stays a file of yours, named in `configs` of {what}: {reason}",
    hint: "nothing is lost; to have it typed, change that and run import again",
    doc: "A structure-test config becomes typed tests only when nothing of it is lost, comments included.",
    severity: "warning",
  },
  "import-glob": {
    message: "this glob takes {declaration} in as well",
    hint: 'leave declarations out: exclude = ["*.image.ts"]',
    doc: "The declaration lies in the package, where a wide glob finds it, and puts it into the image.",
    severity: "warning",
  },
  "import-base": {
    message: 'base "{base}" stays with {file} alone: {reason}',
    hint: "declare it in `bases` of the config when pin and bots should look after it",
    doc: "A pull that is not a plain call with an image and a digest is not taken into the config; services name it by its label.",
    severity: "warning",
  },
  "import-base-twice": {
    message: 'base "{base}" is declared now and written to {pins}, and is pulled here as well',
    hint: "{next}",
    doc: "The pulls that stand in WORKSPACE, MODULE.bazel or another .bzl file are not ours to delete.",
    severity: "warning",
  },
  "import-config": {
    message: "{file} is not a plain defineConfig({{ ... }}), so it cannot be extended",
    hint: "add by hand: {lines}",
    doc: "The config is edited as a syntax tree; one that is computed stays as it is, and nothing is written.",
  },
  "import-base-ambiguous": {
    message: 'base "{base}" stays with the files that pull it: it is pulled here and otherwise at {others}',
    hint: "make the pulls the same or delete those that are not used, then run import again",
    doc: "Two pulls of one name with another image, tag or digest, and neither or both in files that WORKSPACE or MODULE.bazel loads: nobody can tell which one Bazel takes.",
    severity: "warning",
  },
  "import-pins": {
    message: "{file} is written by hand and cannot be replaced by ours: {reason}",
    hint: "write ours beside it with files: {{ {beside} }} in {config}, or mend that; then run import again",
    doc: "A pins file of people's is replaced only when nothing of it is lost: every pull a base of the config, no other statement, no docstring, no comment without a pull.",
  },
} as const satisfies Record<string, CatalogueEntry>;
