import { describe, expect, test } from "vitest";
import { ejectRegion, findRegion, isUnchanged, regionText } from "../../src/pipeline/merge/index.ts";
import { body, loads, merge, oci, pkg, region, remove, requestFor, wanted } from "./fixture.ts";
import { reader } from "./reader.ts";

const full = `${loads}\n\nx()\n\n${region}\n`;

/** The full text with something between the rules of the region. */
function inRegion(text: string): string {
  return full.replace(")\n\noci_image(", `)\n\n${text}\noci_image(`);
}

describe("what stands in the region", () => {
  test("an edit of a rule of ours is put right", () => {
    const edited = full.replace("@wolfi_base", "@other");
    expect(merge(edited)).toMatchObject({ text: full, moved: [], removed: [] });
  });

  test("a rule of ours that was deleted comes back", () => {
    const start = full.indexOf("pkg_tar(");
    const deleted = full.slice(0, start) + full.slice(full.indexOf("oci_image(", start));
    expect(merge(deleted).text).toBe(full);
  });

  test("a rule of a kind of ours that nobody wants is removed and named, its load with it", () => {
    const before = inRegion('# old\noci_push(\n    name = "candidate_push",  # x\n)\n').replace(
      '"oci_image"',
      '"oci_image", "oci_push"',
    );
    expect(merge(before)).toMatchObject({ text: full, moved: [], removed: ['oci_push "candidate_push"'] });
  });

  test("a load is used elsewhere and stays", () => {
    const before = `${full.replace('"oci_image"', '"oci_image", "oci_push"')}\noci_push(name = "mine")\n`;
    expect(merge(before).text).toBe(before);
  });

  test("a stale load with # keep stays", () => {
    const before = full.replace(loads, `${loads}\nload("//dev:oci_defs.bzl", "image_repository")  # keep`);
    expect(merge(before).text).toBe(before);
    expect(merge(before.replace("  # keep", "")).text).toBe(full);
  });

  test("anything else moves below END with its comments, and stays there", () => {
    const before = inRegion(
      '# mine\ngo_test(\n    name = "worker_test",  # t\n)  # end\n\n# alone 1\n# alone 2\n\nprint("x")\n',
    );
    const after = `${full}\n# mine\ngo_test(\n    name = "worker_test",  # t\n)  # end\n\n# alone 1\n# alone 2\n\nprint("x")\n`;
    const moved = ['go_test "worker_test"', "# alone 1", "print"];
    expect(merge(before)).toMatchObject({ text: after, moved, removed: [] });
    expect(merge(after)).toMatchObject({ text: after, moved: [] });
    expect(remove(before).text).toBe(`x()\n${after.slice(full.length)}`);
  });

  test("what is moved stays apart from what follows", () => {
    const before = `${inRegion("# alone\n")}\ny()\n`;
    expect(merge(before).text).toBe(`${full}\n# alone\n\ny()\n`);
  });

  test("a definition that the body uses moves above BEGIN", () => {
    const uses = { ...wanted, body: body.replace('"@wolfi_base"', "BASE") };
    const used = full.replace(body, uses.body);
    const before = used.replace(")\n\noci_image(", ')\n\nBASE = "@b"\n\noci_image(');
    const after = used.replace("# BEGIN", 'BASE = "@b"\n\n# BEGIN');
    expect(merge(before, { wanted: uses })).toMatchObject({ text: after, moved: ['BASE = "@b"'] });
    expect(merge(after, { wanted: uses }).text).toBe(after);
  });

  test("a rule of a kind of ours without a plain name is not ours", () => {
    const before = inRegion("[pkg_tar(name = n) for n in X]\npkg_tar(name = X)\n");
    expect(merge(before)).toMatchObject({ moved: ["[pkg_tar(name = n) for n in X]", "pkg_tar"], removed: [] });
  });

  test("a comment that a person adds to a rule of ours moves below END", () => {
    const above = full.replace("oci_image(\n", "# why?\noci_image(\n");
    expect(merge(above)).toMatchObject({ text: `${full}\n# why?\n`, moved: ["# why?"] });
    const element = full.replace('srcs = [":worker"],', 'srcs = [":worker"],  # keep sorted');
    expect(merge(element).text).toBe(`${full}\n# keep sorted\n`);
    const glued = full.replace("gen-bazel-images\n\npkg_tar", "gen-bazel-images\n# hm\n\npkg_tar");
    expect(merge(glued).text).toBe(`${full}\n# hm\n`);
  });

  test("a comment that changes in the declaration leaves nothing behind", () => {
    const withComment = (text: string) => ({ ...wanted, body: body.replace("oci_image(", `# ${text}\noci_image(`) });
    const old = merge(undefined, { wanted: withComment("old") }).text;
    const next = merge(undefined, { wanted: withComment("new") }).text;
    expect(merge(old, { wanted: withComment("new") })).toMatchObject({ text: next, moved: [] });
    const more = old?.replace("# old\n", "# old\n# mine\n");
    expect(merge(more, { wanted: withComment("old") })).toMatchObject({ text: `${old}\n# mine\n`, moved: ["# mine"] });
  });

  test("loads move to the loads", () => {
    const before = inRegion(
      `load("//:a.bzl", "a")\nload("${oci}", "oci_layout")\n# c\nload("//:b.bzl", "b")  # keep\n`,
    );
    const after = full.replace(
      loads,
      `load("${oci}", "oci_image", "oci_layout")\nload("${pkg}", "pkg_tar")\nload("//:a.bzl", "a")\n# c\nload("//:b.bzl", "b")  # keep`,
    );
    expect(merge(before).text).toBe(after);
    expect(merge(after).text).toBe(after);
  });

  test("blank lines around the borders come back", () => {
    const glued = full.replace("x()\n\n#", "x()\n#").replace("\n\n# END", "\n# END");
    expect(merge(`${glued}y()\n`).text).toBe(`${full}\ny()\n`);
  });

  test("a region in the middle stays where it is, and goes without a trace", () => {
    const text = `${full}\ny()\n`;
    expect(merge(text).text).toBe(text);
    expect(remove(text).text).toBe("x()\n\ny()\n");
  });
});

describe("a file is refused", () => {
  const refused: readonly (readonly [string, string, string, number])[] = [
    ["BEGIN alone", full.replace(/\n# END.*/, ""), "region-unbalanced", 6],
    ["END alone", full.replace(/# BEGIN.*\n/, ""), "region-unbalanced", 20],
    ["END before BEGIN", `# END gen-bazel-images\n\n${full}`, "region-unbalanced", 1],
    ["two regions", `${full}\n${region}\n`, "region-doubled", 23],
    ["nested regions", inRegion("# BEGIN gen-bazel-images\n"), "region-doubled", 14],
    ["a border inside a call", `${full}\nx(\n# BEGIN gen-bazel-images\n)\n`, "region-inside-statement", 24],
    ["conflict markers", full.replace("x()", "<<<<<<< HEAD\nx()\n=======\ny()\n>>>>>>> b"), "conflict-markers", 4],
    ["conflict markers in a string", `"""\n<<<<<<< a\n=======\n>>>>>>> b\n"""\n`, "conflict-markers", 2],
    ["a syntax error", `${full}\nx(\n`, "build-file-syntax", 23],
    ["a rule outside with a wanted name", `x()\n\ny(name = "image")\n`, "target-outside-region", 3],
    ["a rule inside of another kind with a wanted name", inRegion('y(name = "image")\n'), "region-target-taken", 14],
    ["the symbol from elsewhere", 'x()\nload("//:d.bzl", "oci_image")\n', "load-elsewhere", 2],
    ["another symbol under the name", `load("${oci}",\n oci_image = "oci_push")\n`, "load-name-taken", 2],
    ["a definition of the name", "\noci_image = 1\n", "load-name-taken", 2],
    ["a load that cannot be read", `load("//:a.bzl", *X)\n`, "build-file-syntax", 1],
    ["an alias", `load("${oci}", image = "oci_image")\n`, "load-aliased", 1],
  ];

  test.each(refused)("for %s", (_, text, code, line) => {
    const result = merge(text);
    expect(result.text).toBe(text);
    expect(result.diagnostics).toMatchObject([
      { code, severity: "error", place: { file: "cmd/worker/BUILD.bazel", line } },
    ]);
  });

  test("for a region that was copied from another package", () => {
    const isForeignSource = (source: string) => source.startsWith("cmd/worker/");
    for (const more of [{ wanted: { ...wanted, sources: ["b/b.image.ts"] } }, { wanted: undefined }]) {
      const result = merge(full, { isForeignSource, ...more });
      expect(result).toMatchObject({ text: full, diagnostics: [{ code: "region-foreign", place: { line: 7 } }] });
    }
  });

  test("with all problems at once", () => {
    const text = `load("//:d.bzl", "oci_image", "pkg_tar")\n\ny(name = "image")\n\nz(name = "tar_worker")\n`;
    expect(merge(text).diagnostics).toHaveLength(4);
  });

  test("never when nothing of ours is in it or wanted there", () => {
    for (const text of ["<<<<<<<\n", "x(", '"""\n# BEGIN gen-bazel-images\n"""\n']) {
      expect(remove(text)).toMatchObject({ text, diagnostics: [] });
    }
  });
});

test("a file that asks to be left alone is left alone", () => {
  const text = `# gen-bazel-images: ignore\n\n${full.replace("@wolfi_base", "@mine")}`;
  for (const result of [merge(text), remove(text)]) {
    expect(result).toMatchObject({ text, ignored: true, diagnostics: [{ code: "file-ignored", severity: "warning" }] });
  }
  expect(isUnchanged(requestFor(`# gen-bazel-images: ignore\n\n${full}`))).toBe(false);
});

test("a file that is ours alone goes with the last service, one with a comment stays", () => {
  expect(remove(`${loads}\n\n${region}\n`).text).toBeUndefined();
  expect(remove(`# by hand\n\n${loads}\n\n${region}\n`).text).toBe("# by hand\n");
});

test("ejecting leaves plain rules", () => {
  const eject = (text: string) => ejectRegion("BUILD", text, reader).value;
  expect(eject(full)).toBe(`${loads}\n\nx()\n\n${body}\n`);
  expect(eject(`${full}\ny()\n`)).toBe(`${loads}\n\nx()\n\n${body}\n\ny()\n`);
  expect(eject(full.replaceAll("\n", "\r\n"))).toBe(`${loads}\n\nx()\n\n${body}\n`.replaceAll("\n", "\r\n"));
  expect(eject("x()\n")).toBe("x()\n");
  expect(ejectRegion("BUILD", `${full}\nx(`, reader).diagnostics).toHaveLength(1);
});

describe("the quick look", () => {
  test("knows an unchanged file", () => {
    expect(isUnchanged(requestFor(full))).toBe(true);
    expect(isUnchanged(requestFor(undefined, { wanted: undefined }))).toBe(true);
    expect(isUnchanged(requestFor("x()", { wanted: undefined }))).toBe(true);
  });

  test.each([
    ["the region differs", full.replace("@wolfi_base", "@x")],
    ["a blank line is missing", full.replace("\n\n# BEGIN", "\n# BEGIN")],
    ["a load is missing", full.replace(/load.*\n/, "")],
    ["a load is stale", full.replace('"oci_image"', '"oci_image", "oci_push"')],
    ["a load is doubled", `${full}\nload("${oci}", "oci_image")\n`],
    ["a load is indented", full.replace("load(", "  load(")],
    ["the symbol comes from elsewhere", full.replace(oci, "//:x.bzl")],
    ["the name is defined", `${full}\noci_image = 1\n`],
    ["a wanted name stands outside", `${full}\ny(name = "image")\n`],
    ["the region is in a string", `x = """\n\n${full}\n\n"""\n`],
    ["the region is in brackets", `${loads}\n\nx(\n\n${region}\n\n)\n`],
    ["there is a second region", `${full}\n${region}\n`],
    ["line ends are mixed", full.replace("\n", "\r\n")],
    ["an escape may hide a name", `${full}\nx("im\\141ge")\n`],
  ])("is not sure when %s", (_, text) => {
    expect(isUnchanged(requestFor(text))).toBe(false);
  });
});

test("a region is found, and printed with its sources in order", () => {
  expect(findRegion(full)).toBe(true);
  expect(findRegion(full.replaceAll("\n", "\r\n"))).toBe(true);
  expect(findRegion("x()\n")).toBe(false);
  expect(regionText("x()", ["b.ts", "a.ts"]).split("\n")[1]).toBe(
    "# Source: a.ts, b.ts; edit it there, then run: npx gen-bazel-images",
  );
});
