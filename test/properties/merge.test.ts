import fc from "fast-check";
import { expect, test } from "vitest";
import { isUnchanged, mergeFirst, regionText } from "../../src/pipeline/merge/index.ts";
import { buildFile, wantedRegion } from "../merge/arbitrary.ts";
import { merge, pkg, remove, requestFor } from "../merge/fixture.ts";

const runs = { numRuns: 600 };

test("a region that is added and removed leaves the original bytes", () => {
  fc.assert(
    fc.property(buildFile, wantedRegion, (text, wanted) => {
      const added = merge(text, { wanted });
      expect(added.diagnostics).toEqual([]);
      expect(remove(added.text).text).toBe(text.trim() === "" ? undefined : text);
    }),
    runs,
  );
});

test("merging twice changes nothing, and the quick look agrees", () => {
  let quick = 0;
  fc.assert(
    fc.property(buildFile, wantedRegion, (text, wanted) => {
      const once = merge(text, { wanted }).text;
      expect(merge(once, { wanted })).toMatchObject({ text: once, moved: [], removed: [], diagnostics: [] });
      if (isUnchanged(requestFor(once, { wanted }))) quick += 1;
    }),
    runs,
  );
  expect(quick).toBeGreaterThan(runs.numRuns / 4);
});

test("the way to a region does not matter", () => {
  fc.assert(
    fc.property(buildFile, wantedRegion, wantedRegion, (text, first, second) => {
      const direct = merge(text, { wanted: second }).text;
      const detour = merge(merge(text, { wanted: first }).text, { wanted: second });
      if (detour.moved.length === 0) expect(detour.text).toBe(direct);
    }),
    runs,
  );
});

test("every line outside survives, in order, load statements and blank lines aside", () => {
  const linesOf = (text: string) =>
    text
      .replace("\ufeff", "")
      .replace(/load\([^)]*\)/g, "")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
  fc.assert(
    fc.property(buildFile, wantedRegion, (text, wanted) => {
      const region = regionText(wanted.body, wanted.sources);
      const merged = merge(text, { wanted }).text ?? "";
      const rest = merged.replace(region, "").replace(region.replaceAll("\n", "\r\n"), "");
      expect(rest.length).toBeLessThan(merged.length);
      expect(linesOf(rest)).toEqual(linesOf(text));
    }),
    runs,
  );
});

test("what the quick look calls unchanged, merging leaves unchanged", () => {
  // No line feed: the grammar joins "a." and the next line, which buildifier refuses.
  const snippets = fc.constantFrom("#", '"', '"""', "'", "(", ")", "\\", "\r", "load(", "oci_image", "image", " ", "=");
  let quick = 0;
  fc.assert(
    fc.property(buildFile, wantedRegion, fc.nat(), snippets, (text, wanted, place, snippet) => {
      const merged = merge(text, { wanted }).text ?? "";
      const at = place % (merged.length + 1);
      const mutated = merged.slice(0, at) + snippet + merged.slice(at);
      if (!isUnchanged(requestFor(mutated, { wanted }))) return;
      quick += 1;
      const result = merge(mutated, { wanted });
      if (result.diagnostics[0]?.code !== "build-file-syntax")
        expect(result).toMatchObject({ text: mutated, diagnostics: [] });
    }),
    { numRuns: runs.numRuns * 4 },
  );
  expect(quick).toBeGreaterThan(10);
});

/** Files of the kind that Gazelle keeps: loads first, then rules. */
const gazelleFile = fc
  .record({
    loads: fc.shuffledSubarray(
      [
        'load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_library")',
        'load(\n    "@aspect_bazel_lib//lib:tar.bzl",\n    "mtree_spec",\n    "tar",\n)',
        'load("//dev:macros.bzl", "go_service")',
        'load(":local.bzl", "local")',
        'load("//z:z.bzl","z" , )',
        `load("${pkg}", "pkg_files")`,
      ],
      { minLength: 1 },
    ),
    rules: fc.shuffledSubarray([
      'go_library(\n    name = "worker_lib",\n    srcs = ["main.go"],  # keep\n)',
      '# The binary.\ngo_binary(\n    name = "worker",\n    embed = [":worker_lib"],\n)',
      'exports_files(["config.json"])',
      "# A comment that stands alone.",
      '"""# END gen-bazel-images"""',
      'local(name = "image")',
    ]),
    gap: fc.constantFrom("\n\n", "\n", "\n\n\n"),
    end: fc.constantFrom("\n", "", "\n\n\n", "\n  \n"),
  })
  .map(({ loads, rules, gap, end }) => `${[loads.join("\n"), ...rules].join(gap)}${end}`);

test("what is merged without a parser is what merging gives", () => {
  const snippets = fc.constantFrom(
    "",
    "#",
    '"',
    "'",
    "(",
    ")",
    "\\",
    "\r",
    "load(",
    "oci_image",
    "image",
    " ",
    "=",
    "\n\n",
  );
  let quick = 0;
  fc.assert(
    fc.property(fc.oneof(gazelleFile, buildFile), wantedRegion, fc.nat(), snippets, (text, wanted, place, snippet) => {
      const at = place % (text.length + 1);
      const mutated = text.slice(0, at) + snippet + text.slice(at);
      const first = mergeFirst(requestFor(mutated, { wanted }));
      if (first === undefined) return;
      const result = merge(mutated, { wanted });
      if (result.diagnostics[0]?.code === "build-file-syntax") return;
      quick += 1;
      expect(result).toMatchObject({ text: first, moved: [], removed: [], diagnostics: [] });
    }),
    { numRuns: runs.numRuns * 6 },
  );
  expect(quick).toBeGreaterThan(100);
});
