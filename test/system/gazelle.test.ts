/** The real Gazelle and the real buildozer in turn with generate, on a repository with Go code. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemSuite } from "../support/system.ts";
import { type Ended, type GoRepository, goRepository, regionOf, workerBuild } from "./go-tools.ts";

systemSuite("gazelle", { programs: ["gazelle"] }, () => {
  let repository: GoRepository;
  beforeEach(() => {
    repository = goRepository();
  });
  afterEach(() => repository.remove());

  const read = (): string => repository.read(workerBuild);

  /** Runs a program that must succeed; gives the file before and after. */
  function edit(run: () => Ended): { readonly before: string; readonly after: string } {
    const before = repository.exists(workerBuild) ? read() : "";
    const ended = run();
    expect(ended, ended.err).toMatchObject({ code: 0 });
    return { before, after: read() };
  }

  /** One more round of all tools, in which nothing may change. */
  function expectSettled(): void {
    const settled = read();
    for (const run of [
      () => repository.gazelle(),
      () => repository.ours("generate"),
      () => repository.gazelle("fix"),
      () => repository.ours("check"),
      () => repository.buildifier(workerBuild),
    ]) {
      expect(run()).toMatchObject({ code: 0 });
      expect(read()).toBe(settled);
    }
  }

  const changes: readonly { readonly what: string; readonly make: () => void; readonly adds: string }[] = [
    {
      what: "a _test.go",
      make: () =>
        repository.write(
          "cmd/worker/main_test.go",
          'package main\n\nimport "testing"\n\nfunc TestMain(t *testing.T) {}\n',
        ),
      adds: 'go_test(\n    name = "worker_test",',
    },
    {
      what: "a file with a new import",
      make: () =>
        repository.write(
          "cmd/worker/send.go",
          'package main\n\nimport "example.com/shop/internal/mail"\n\nfunc send() { mail.Send("") }\n',
        ),
      adds: '"//internal/mail",',
    },
    {
      what: "a deleted file",
      make: () => repository.delete("cmd/worker/send.go"),
      adds: 'srcs = ["main.go"],',
    },
  ];

  test("rounds of code changes, Gazelle, buildozer and generate", () => {
    edit(() => repository.gazelle());
    expect(read()).toContain('go_binary(\n    name = "worker",');
    const first = edit(() => repository.ours("generate"));
    expect(first.after).not.toBe(first.before);
    expect(first.after).toContain(
      'load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_library")\nload("@rules_oci',
    );
    const region = regionOf(first.after);
    expect(region).toContain("oci_image(");
    expectSettled();

    for (const [index, { what, make, adds }] of changes.entries()) {
      make();
      const gazelle = edit(() => repository.gazelle());
      expect(gazelle.after, what).not.toBe(gazelle.before);
      expect(gazelle.after, what).toContain(adds);
      expect(gazelle.before, what).not.toContain(adds);
      expect(regionOf(gazelle.after), what).toBe(region);

      const buildozer = edit(() => repository.buildozer(`add tags round${index}`, "//cmd/worker:worker"));
      expect(buildozer.after, what).toContain(`round${index}`);

      const ours = edit(() => repository.ours("generate"));
      expect(ours.after, what).toBe(buildozer.after);
      expectSettled();
    }
  });

  test("a declaration that changes between the rounds changes the region alone", () => {
    edit(() => repository.gazelle());
    edit(() => repository.ours("generate"));
    const declaration = "cmd/worker/worker.image.ts";
    for (const { what, make } of changes) {
      make();
      repository.write(declaration, repository.read(declaration).replace(/user: "\w+"/, `user: "u${what.length}"`));
      const gazelle = edit(() => repository.gazelle());
      expect(gazelle.after, what).not.toBe(gazelle.before);
      const ours = edit(() => repository.ours("generate"));
      const [before, after] = [regionOf(ours.before), regionOf(ours.after)];
      expect(after, what).toBe(before.replace(/user = "\w+"/, `user = "u${what.length}"`));
      expect(after, what).not.toBe(before);
      expect(ours.after.replace(after, ""), what).toBe(ours.before.replace(before, ""));
      expectSettled();
    }
  });

  test("generate first, Gazelle into a file that holds nothing but the region", () => {
    const ours = edit(() => repository.ours("generate"));
    const region = regionOf(ours.after);
    const gazelle = edit(() => repository.gazelle());
    expect(gazelle.after).not.toBe(gazelle.before);
    edit(() => repository.ours("generate"));
    expect(regionOf(read())).toBe(region);
    expect(read().replace(region, "")).toContain('go_binary(\n    name = "worker",');
    expectSettled();
  });

  test("a rule that Gazelle puts right below the borders when its rules were deleted", () => {
    edit(() => repository.gazelle());
    edit(() => repository.ours("generate"));
    const region = regionOf(read());
    for (const name of ["worker", "worker_lib"])
      expect(repository.buildozer("delete", `//cmd/worker:${name}`)).toMatchObject({ code: 0 });
    expect(read()).not.toContain("go_binary(");
    const gazelle = edit(() => repository.gazelle());
    expect(gazelle.after).not.toBe(gazelle.before);
    edit(() => repository.ours("generate"));
    expect(regionOf(read())).toBe(region);
    expect(read().replace(region, "")).toContain("go_binary(");
    expectSettled();
  });

  test("the last service goes: what Gazelle wrote stays", () => {
    const { after: before } = edit(() => repository.gazelle());
    const other = repository.read("cmd/worker/worker.image.ts").replaceAll("worker", "other");
    repository.write("cmd/other/other.image.ts", other);
    edit(() => repository.ours("generate"));
    expect(read()).not.toBe(before);
    repository.delete("cmd/worker/worker.image.ts");
    edit(() => repository.ours("generate"));
    expect(read()).toBe(before);
    const { after } = edit(() => repository.gazelle());
    expect(after).toBe(before);
  });
});
