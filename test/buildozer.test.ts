/** The real buildozer on a file with a region, then generate. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GoRepository, goRepository, regionOf, workerBuild } from "./system/go-tools.ts";

const handWritten = `load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_library")

# The worker of the shop.
go_library(
    name = "worker_lib",
    srcs = ["main.go"],
    importpath = "example.com/shop/cmd/worker",
    visibility = ["//visibility:private"],
)

go_binary(
    name = "worker",
    embed = [":worker_lib"],  # keep
    visibility = ["//visibility:public"],
)
`;

describe("buildozer and generate in turn", () => {
  let repository: GoRepository;
  let generated: string;
  let region: string;

  beforeEach(() => {
    repository = goRepository();
    repository.write(workerBuild, handWritten);
    succeed(repository.ours("generate"));
    generated = read();
    region = regionOf(generated);
    expect(region).toContain("oci_image(");
  });
  afterEach(() => repository.remove());

  const read = (): string => repository.read(workerBuild);

  function succeed<E extends { readonly code: number | null; readonly err: string }>(ended: E): E {
    expect(ended, ended.err).toMatchObject({ code: 0 });
    return ended;
  }

  /** buildozer changes the file. */
  function buildozer(command: string, target: string): string {
    const before = read();
    succeed(repository.buildozer(command, target));
    expect(read(), command).not.toBe(before);
    return read();
  }

  /** The file is stale, one run puts it right, and then nothing is left to do for any tool. */
  function generate(): { readonly diff: string; readonly text: string } {
    const stale = repository.ours("check");
    expect(stale.code).toBe(1);
    succeed(repository.ours("generate"));
    const text = read();
    succeed(repository.ours("check"));
    succeed(repository.buildifier(workerBuild));
    expect(read()).toBe(text);
    return { diff: stale.out, text };
  }

  test("new: the rule is still there, outside the region, and reported", () => {
    const edited = buildozer("new go_test x", "//cmd/worker:__pkg__");
    expect(regionOf(edited)).toContain('name = "x"');
    expect(repository.ours("check").out).toContain('moved below the region: go_test "x"');
    const { out } = succeed(repository.ours("generate"));
    expect(out).toContain('moved below the region: go_test "x"');
    expect(read()).toBe(`${generated}\ngo_test(name = "x")\n`);
    succeed(repository.ours("check"));
    const { err } = succeed(repository.buildozer("print name kind", "//cmd/worker:x"));
    expect(err).toBe("");
  });

  test("new with a comment and attributes: they go along", () => {
    buildozer("new go_test x", "//cmd/worker:__pkg__");
    buildozer("comment why", "//cmd/worker:x");
    buildozer("add srcs x_test.go", "//cmd/worker:x");
    const { text } = generate();
    expect(text.startsWith(generated)).toBe(true);
    expect(text.slice(generated.length)).toContain("# why\ngo_test(");
    expect(text.slice(generated.length)).toContain('srcs = ["x_test.go"]');
  });

  test("new of a kind that we emit, under a name of its own, is removed and named", () => {
    buildozer("new pkg_tar extra", "//cmd/worker:__pkg__");
    expect(repository.ours("generate").out).toContain('removed: pkg_tar "extra"');
    expect(read()).toBe(generated);
  });

  test.each(["tar_worker", "image", "candidate_push"])("delete of %s: it is back, borders intact", (name) => {
    const edited = buildozer("delete", `//cmd/worker:${name}`);
    expect(edited.match(/^# (?:BEGIN|END) gen-bazel-images$/gm)).toHaveLength(2);
    expect(generate().text).toBe(generated);
  });

  test("delete of every rule of ours: all are back", () => {
    for (const [, name] of region.matchAll(/^ {4}name = "(\w+)",$/gm)) buildozer("delete", `//cmd/worker:${name}`);
    expect(read()).not.toContain("oci_image(");
    expect(generate().text).toBe(generated);
  });

  test("set user on our image: check shows the diff, generate puts it right", () => {
    buildozer("set user root", "//cmd/worker:image");
    const { diff, text } = generate();
    expect(diff).toMatch(/^- +user = root,\n\+ +user = "nobody",$/m);
    expect(text).toBe(generated);
  });

  test("every other edit of our rules is put right", () => {
    for (const [command, target] of [
      ["rename user workdir", "//cmd/worker:image"],
      ["set_if_absent testonly True", "//cmd/worker:image"],
      ["dict_set env A:b", "//cmd/worker:image"],
      ["remove tars", "//cmd/worker:image"],
      ["add tags manual", "//cmd/worker:tar_worker"],
      ["set name picture", "//cmd/worker:candidate_push"],
    ] as const)
      buildozer(command, target);
    expect(generate().text).toBe(generated);
  });

  test("another kind under the name of our rule is an error, and the file stays", () => {
    const edited = buildozer("set kind my_image", "//cmd/worker:image");
    const refused = repository.ours("generate");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('my_image "image"');
    expect(read()).toBe(edited);
  });

  test("a comment on a rule of ours survives", () => {
    buildozer("comment why\\ so", "//cmd/worker:image");
    succeed(repository.ours("generate"));
    expect(read()).toContain("# why so");
    expect(regionOf(read())).toContain("oci_image(");
    const settled = read();
    succeed(repository.ours("generate"));
    expect(read()).toBe(settled);
  });

  test("changes outside the region stay, byte for byte", () => {
    buildozer("add deps //internal/queue", "//cmd/worker:worker_lib");
    buildozer("set pure on", "//cmd/worker:worker");
    const edited = buildozer("delete", "//cmd/worker:worker_lib");
    succeed(repository.ours("check"));
    succeed(repository.ours("generate"));
    expect(read()).toBe(edited);
  });

  test("new_load of somebody else's symbol stays, with the loads, outside the region", () => {
    const edited = buildozer("new_load //:a.bzl a", "//cmd/worker:__pkg__");
    expect(edited).toContain('load("//:a.bzl", "a")');
    succeed(repository.ours("generate"));
    expect(read()).toContain('load("//:a.bzl", "a")');
    expect(regionOf(read())).toBe(region);
  });

  test("new_load where the file is wholly ours", () => {
    repository.delete(workerBuild);
    succeed(repository.ours("generate"));
    const ours = read();
    const edited = buildozer("new_load //:a.bzl a", "//cmd/worker:__pkg__");
    expect(edited).toContain('load("//:a.bzl", "a")');
    succeed(repository.ours("generate"));
    expect(read().replace(/load\("\/\/:a.bzl", "a"\)\n/, "")).toBe(ours);
    expect(regionOf(read())).toBe(regionOf(ours));
  });

  test("fix unusedLoads takes nothing that we need; replace_load is put right or refused", () => {
    succeed(repository.ours("check"));
    expect([0, 3]).toContain(repository.buildozer("fix unusedLoads", "//cmd/worker:__pkg__").code);
    expect(read()).toBe(generated);
    buildozer("replace_load //elsewhere:oci.bzl oci_image", "//cmd/worker:__pkg__");
    const edited = read();
    const refused = repository.ours("generate");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('loads: { oci_image: "//elsewhere:oci.bzl" }');
    expect(read()).toBe(edited);
  });
});
