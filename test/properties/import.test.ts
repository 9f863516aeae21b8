/** A random model is generated, its declarations are thrown away, and importing what was generated gives the same model. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { adoptFiles, type BuildFile } from "../../src/adopt/index.ts";
import {
  call,
  commented,
  concat,
  glob,
  ident,
  type Part,
  type Service,
  select,
  stamp,
  starlark,
} from "../../src/model/index.ts";
import { withoutHeader } from "../../src/outputs/index.ts";
import { declareConfiguration, declareProject, type Ports, plan } from "../../src/pipeline/index.ts";
import { ejectRegion, searchRegion } from "../../src/pipeline/merge/index.ts";
import { messageOf } from "../../src/report/index.ts";
import { runBuildifier } from "../../src/shell/buildifier.ts";
import { starlarkReader } from "../../src/shell/starlark.ts";
import { templates } from "../../src/shell/templates.ts";
import { type Item, printValue, type StarlarkValue } from "../../src/starlark/index.ts";

const ports: Ports = {
  format: (requests) => runBuildifier(requests, { root: import.meta.dirname }),
  templates,
  reader: starlarkReader,
};

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const text = fc.oneof(
  word,
  fc.constantFrom(
    'say "hi"',
    "it's",
    "a\\b",
    "two\nlines",
    "é 😀",
    "$HOME `x`",
    "10%",
    "",
    "tab\t",
    "\u001b[0m",
    "#no",
  ),
);
const comment = fc.oneof(word, fc.constantFrom("two\nlines", "  indented", 'with "quotes"', "# twice", "a\n\nb"));
const line = fc.oneof(word, fc.constantFrom('with "quotes"', "a # b"));

function remarked<T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 5, arbitrary: value as fc.Arbitrary<unknown> },
    fc.tuple(value, comment).map(([inner, said]) => commented(inner, said)),
    fc.tuple(value, line).map(([inner, said]) => commented(inner, said, { place: "after" })),
    fc
      .tuple(value, comment, line)
      .map(([inner, above, after]) => commented(commented(inner, after, { place: "after" }), above)),
  );
}

const name = fc.constantFrom("TAG_A", "TAG_B").map((constant) => ident(constant, { from: "//dev:tags.bzl" }));
const local = fc.constantFrom("LOCAL", "OTHER.member").map((constant) => ident(constant));
const item = fc.oneof({ weight: 6, arbitrary: text as fc.Arbitrary<unknown> }, name, local);
const plainList = fc.array(remarked(item), { maxLength: 4 });
const list = remarked(
  fc.oneof(
    { weight: 5, arbitrary: plainList as fc.Arbitrary<unknown> },
    fc.tuple(fc.array(text, { maxLength: 2 }), fc.oneof(name, local)).map((operands) => concat(...operands)),
    fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 3 }), word)
      .map(([values, x]) => starlark`[${x} % n for n in ${values}]`),
    fc
      .tuple(word, fc.array(word, { maxLength: 2 }))
      .map(([key, values]) => call("of", [values], { [key]: values }, { from: "//dev:rules.bzl" })),
  ),
);
const stamped = fc
  .tuple(fc.constantFrom("STABLE_VERSION", "STABLE_GIT_COMMIT"), word, fc.option(word), fc.option(word))
  .map(([key, fallback, prefix, suffix]) =>
    stamp(key, { fallback, ...(prefix !== null && { prefix }), ...(suffix !== null && { suffix }) }),
  );
const key = fc.oneof(word, fc.constantFrom("10", "2", "__proto__", "constructor", "a.b/c", "1e3"));
const dict = remarked(
  fc.uniqueArray(fc.tuple(key, remarked(text)), { selector: ([k]) => k, minLength: 1, maxLength: 4 }),
);
const labels = fc.uniqueArray(
  word.map((file) => `${file}.txt`),
  { maxLength: 4 },
);
const srcs = fc.oneof(
  remarked(labels),
  fc
    .tuple(labels, labels)
    .map(([include, exclude]) => glob(["*.go", ...include], exclude.length > 0 ? { exclude } : {})),
  fc.tuple(labels, labels).map(([a, b]) => select({ "//dev:debug": a, "//conditions:default": b })),
);

function optional<T extends Record<string, fc.Arbitrary<unknown>>>(shape: T) {
  return fc.record(shape, { requiredKeys: [] });
}

const rule = {
  comment,
  visibility: fc.constant(["//visibility:public"]),
  tags: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
};

const crossed = fc.record({
  tags: rule.tags,
  srcs: word.map((binary) => [`:${binary}`]),
  crossBinary: fc.constantFrom("linux/amd64", "linux/arm64"),
});
const layer = optional({
  ...rule,
  srcs,
  mode: fc.constantFrom("0555", "0644"),
  remapPaths: dict,
  symlinks: dict,
  emptyDirs: list,
  portableMtime: fc.boolean(),
});
const load = fc.record(
  { ...rule, repoTags: fc.oneof(fc.array(word, { maxLength: 2 }), fc.constant(":tags.txt")), manual: fc.boolean() },
  { requiredKeys: ["repoTags"] },
);
const commandTest = fc.record(
  {
    name: word,
    command: word,
    comment,
    args: fc.array(text, { maxLength: 3 }),
    exitCode: fc.integer({ min: 0, max: 255 }),
    setup: fc.array(fc.array(word, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  },
  { requiredKeys: ["name", "command"] },
);
const structureTest = fc.record(
  {
    ...rule,
    size: fc.constantFrom("small", "large"),
    commandTests: fc.array(commandTest, { minLength: 1, maxLength: 3 }),
    metadataTest: optional({ comment, user: word, entrypoint: fc.array(text, { maxLength: 2 }) }),
  },
  { requiredKeys: ["commandTests"] },
);
const push = (at: string) =>
  fc.record(
    {
      ...rule,
      repository: fc.oneof(
        word.map((w) => `ghcr.io/${at}/${w}`),
        fc.constant(starlark`${"%s/x"} % PREFIX`),
      ),
      remoteTags: remarked(
        fc.array(fc.oneof(word as fc.Arbitrary<unknown>, remarked(stamped)), { minLength: 1, maxLength: 3 }),
      ),
      stage: fc.constantFrom("candidate", "release"),
    },
    { requiredKeys: ["repository"] },
  );

const service = (image: string) =>
  fc.record(
    {
      base: fc.constantFrom("wolfi", "//base:image", "@other//:image"),
      layers: fc.array(fc.oneof({ weight: 3, arbitrary: layer }, { weight: 1, arbitrary: crossed }), { maxLength: 3 }),
      entrypoint: list,
      cmd: list,
      env: dict,
      labels: fc.oneof(
        dict,
        fc.uniqueArray(fc.tuple(word, fc.oneof(text as fc.Arbitrary<unknown>, stamped)), {
          selector: ([k]) => k,
          minLength: 1,
          maxLength: 3,
        }),
      ),
      user: remarked(text),
      image: optional(rule),
      load: fc.oneof(load, fc.tuple(load, load)),
      test: structureTest,
      push: push(image),
    },
    { requiredKeys: ["base"] },
  );

/** Up to three services of one package; the names make the targets different. */
const services = fc
  .tuple(service("image"), service("debug_image"), service("x.image-2"), fc.integer({ min: 1, max: 3 }))
  .map(([a, b, c, count]) =>
    [a, b, c].slice(0, count).map((one, index) => {
      const image = ["image", "debug_image", "x.image-2"][index] ?? "";
      const layers = one.layers?.map((part, at) => ({ ...part, name: `tar_${index}_${at}` }));
      const loads = Array.isArray(one.load)
        ? one.load.map((part, at) => ({ ...part, name: `load_${index}_${at}` }))
        : one.load;
      return {
        ...one,
        name: `s${index}`,
        image: { ...one.image, name: image },
        ...(layers && { layers }),
        ...(loads && { load: loads }),
      };
    }),
  );

const sorted: ReadonlySet<string> = new Set(["srcs", "tags", "visibility"]);

/** A model without names that no rule carries; what buildifier sorts is sorted, and text stands for what only Bazel understands. */
function modelOf(all: readonly Service[]): unknown {
  const part = ({ name: target, comment: said, fields }: Part) => ({
    name: target,
    comment: said,
    fields: Object.fromEntries(
      fields.map((field) => [
        field.name,
        {
          value: canonical(field.value, sorted.has(field.name)),
          comments: field.comments,
          stamped: (field.stamped ?? []).map(({ index, key, fallback, prefix, suffix }) => ({
            index,
            key,
            fallback,
            prefix,
            suffix,
          })),
        },
      ]),
    ),
  });
  return all
    .flatMap(({ layers, image, loads, tests, pushes }) => [
      ...layers.map((one) => ({ ...part(one), crossBinary: one.crossBinary?.platform })),
      ...(image ? [part(image)] : []),
      ...loads.map((one) => ({ ...part(one), manual: one.manual })),
      ...tests.map((one) => ({ ...part(one), config: one.config })),
      ...pushes.map((one) => ({ ...part(one), stage: one.stage })),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function canonical(value: StarlarkValue, isSorted = false): unknown {
  const items = (all: readonly Item[]) => all.map((one) => ({ value: canonical(one.value), comments: one.comments }));
  switch (value.kind) {
    case "list": {
      const inner = items(value.items);
      return isSorted ? inner.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : inner;
    }
    case "dict":
      return { dict: value.entries.map((entry) => [canonical(entry.key), ...items([entry])]) };
    case "select":
      return { select: value.branches.map((branch) => [canonical(branch.key), canonical(branch.value, isSorted)]) };
    case "sum":
      return { sum: value.operands.map((operand) => canonical(operand)) };
    case "call":
      return { ...value, args: value.args.map((argument) => [argument.name, ...items([argument])]) };
    case "expression":
      return {
        text: printValue(value)
          .replace(/\s+/g, " ")
          .replace(/,? ?([)\]}])/g, "$1")
          .replace(/([([{]) /g, "$1"),
      };
    default:
      return value;
  }
}

function declaredConfig(oci: string) {
  const config = declareConfiguration("bazel-images.config.ts", {
    rulesets: { oci },
    bases: { wolfi: { image: "index.docker.io/acme/wolfi", digest: `sha256:${"1".repeat(64)}` } },
    services: [],
  }).value;
  if (!config) throw new Error("no config");
  return config;
}

async function roundTrip(declared: readonly unknown[], oci: string) {
  const config = declaredConfig(oci);
  const reader = await starlarkReader();
  const project = declareProject(config, [{ file: "pkg/pkg.image.ts", exported: declared }], true);
  const planned = await plan(
    { project: project.value, texts: new Map(), whole: true, prune: false, ignored: new Map(), settled: [] },
    ports,
  );
  const wrong = [...project.diagnostics, ...planned.diagnostics];
  if (wrong.length > 0) return { wrong };
  const texts = new Map(planned.changes.map(({ path, after }) => [path, after && withoutHeader(after)]));
  const ejected = ejectRegion("pkg/BUILD.bazel", texts.get("pkg/BUILD.bazel") ?? "", reader).value;
  texts.set("pkg/BUILD.bazel", ejected);
  const shared = [...texts].filter(([path]) => !path.startsWith("pkg/"));
  const file = reader.read(ejected);
  const build: BuildFile = { path: "pkg/BUILD.bazel", file, region: searchRegion(file, "pkg/BUILD.bazel").region };
  const adoption = await adoptFiles(
    {
      files: [{ ...build, package: "pkg", declaration: "pkg/pkg.image.ts" }],
      config,
      declarations: [],
      whole: true,
      texts: new Map([...texts].filter(([path]) => path.startsWith("pkg/"))),
      instead: new Map(
        planned.changes.flatMap(({ path, after }) =>
          shared.some(([one]) => one === path) && after !== undefined ? [[path, after] as const] : [],
        ),
      ),
      links: new Set(),
      placesAfter: true,
      rootName: "root",
      describe: messageOf,
    },
    ports,
  );
  const back = declareProject(
    config,
    [{ file: "pkg/pkg.image.ts", exported: adoption.packages[0]?.services ?? [] }],
    true,
  );
  return { wrong: [], adoption, was: modelOf(project.value.services), is: modelOf(back.value.services) };
}

test.each(["rules_oci@1.8.0", "rules_oci@2.3.2"])(
  "%s: import of what was generated gives the same model",
  async (oci) => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(services, async (declared) => {
        const { wrong, adoption, was, is } = await roundTrip(declared, oci);
        // What cannot be declared is no model.
        fc.pre(wrong.length === 0);
        tried += 1;
        expect(adoption?.diagnostics).toEqual([]);
        expect(is).toEqual(was);
      }),
      { numRuns: 60 },
    );
    expect(tried).toBeGreaterThan(40);
  },
);
