import type { CatalogueEntry } from "./entry.ts";

/** Problems of a BUILD file that a region of ours is put into. */
export const splice = {
  "build-file-syntax": {
    message: "{file} does not parse: {detail}",
    hint: "mend the file, then run: npx gen-bazel-images",
    doc: "buildifier refuses an existing BUILD file; nothing is written.",
  },
  "conflict-markers": {
    message: "{file} has conflict markers of a merge",
    hint: "resolve the conflict (what stands between the borders does not matter), then run: npx gen-bazel-images",
    doc: "A file with an unresolved conflict stays as it is.",
  },
  "region-unbalanced": {
    message: "`{border}` has no {missing}",
    hint: "put the line `# {missing} gen-bazel-images` back, or remove this one",
    doc: "Each region has one BEGIN and one END, in this order; without both nobody knows what is ours.",
  },
  "region-doubled": {
    message: "a second region begins here; a file has one",
    hint: "remove one of the two, borders included, then run: npx gen-bazel-images",
    doc: "A file has one region. A second one comes from a merge or a copied block.",
  },
  "region-inside-statement": {
    message: "`{border}` stands inside a statement",
    hint: "put the borders between statements, or remove both",
    doc: "A border is a comment outside every statement.",
  },
  "region-foreign": {
    message: "this region comes from {sources}, which is about another package",
    hint: "remove the region, borders included, then run: npx gen-bazel-images",
    doc: "A BUILD file was copied with its region from another package.",
  },
  "region-target-taken": {
    message: 'the region holds {kind} "{name}", which we did not write, and wants a rule of that name',
    hint: "rename one of the two; when it was ours before `loads` or `rulesets` changed, delete it",
    doc: "A rule of a kind that we do not emit stands in the region under a name that a declaration wants.",
  },
  "target-outside-region": {
    message: '{kind} "{name}" stands outside the region, and a declaration wants a rule of that name',
    hint: "take it over: npx gen-bazel-images import //{package}; or delete it, or give one of the two another name",
    doc: "A hand-written rule has the name of a generated one. `import` turns it into a declaration.",
  },
  "load-elsewhere": {
    message: '{symbol} is loaded from "{got}" here, the region needs it from "{from}"',
    hint: 'to use this one, put into the config: loads: {{ {symbol}: "{got}" }}',
    doc: "A file binds a name once, so a symbol that is loaded from an unknown file must be named in `loads`.",
  },
  "load-aliased": {
    message: "{symbol} is loaded as {local} here, the region calls it {symbol}",
    hint: 'load it under its own name as well: load("{from}", "{symbol}", {local} = "{symbol}")',
    doc: "The file loads a symbol that the region needs under another name only.",
  },
  "load-name-taken": {
    message: "{local} is {what} here, the region needs it for {symbol} of {from}",
    hint: "give that one another name",
    doc: "A name that the region needs is bound to something else in the file.",
  },
  "region-unplaceable": {
    message: "{file} would not be whole with the region in it, so it stays as it is",
    hint: "format it first: buildifier {file}; if that does not help, please report the file",
    doc: "The last look before writing found that something outside the region would change, or the result would not parse.",
  },
  "file-ignored": {
    message: "{file} asks to be left alone (# gen-bazel-images: ignore)",
    hint: "remove the comment to have the file maintained",
    doc: "A file with that comment is never changed.",
    severity: "warning",
  },
} as const satisfies Record<string, CatalogueEntry>;
