/** What `push` decides, on answers of Bazel and git as they come from versions that no test can run. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publishing } from "../src/diagnostics/entries/publishing.ts";
import {
  dependentsQuery,
  fileWithoutTarget,
  isRefusal,
  outputsOf,
  planPushes,
  pushQuery,
  reachOf,
  readRules,
  rowOf,
  selectTargets,
} from "../src/publish/index.ts";
import { colours, printPushTable } from "../src/report/index.ts";

describe("what Bazel answers", () => {
  it("rules: labels of Bzlmod, escaped values, selects left out", () => {
    const xml = `<?xml version="1.1" encoding="UTF-8" standalone="no"?>
<query version="2">
    <rule class="oci_push" location="/r/a/BUILD.bazel:1:9" name="@@//a:push">
        <string name="name" value="push"/>
        <label name="image" value="@@//a:image"/>
        <label name="remote_tags" value="@@//a:one"/>
        <label name="remote_tags" value="@@//a:two"/>
        <list name="tags"><string value="manual"/></list>
        <string name="repository" value="x.io/a&amp;&quot;b&#39;&#x3e;>"/>
        <rule-input name="@@rules_oci~//oci:x"/>
    </rule>
    <rule class="jq" location="/r/a/BUILD.bazel:1:9" name="//a:image.digest"/>
</query>`;
    const [push, digest] = readRules(xml);
    expect(push).toMatchObject({ label: "//a:push", kind: "oci_push" });
    expect(Object.fromEntries(push?.attributes ?? [])).toEqual({
      name: "push",
      image: "//a:image",
      repository: `x.io/a&"b'>>`,
    });
    expect(digest).toMatchObject({ label: "//a:image.digest", kind: "jq" });
  });

  it("outputs: sets in sets, of the default group only, also of targets that failed", () => {
    const events = [
      { id: { started: {} }, started: { uuid: "x" } },
      { id: { namedSet: { id: "0" } }, namedSetOfFiles: { files: [{ uri: "file:///b/tags" }] } },
      { id: { namedSet: { id: "1" } }, namedSetOfFiles: { fileSets: [{ id: "0" }] } },
      { id: { namedSet: { id: "2" } }, namedSetOfFiles: { files: [{ uri: "file:///b/other" }] } },
      {
        id: { targetCompleted: { label: "@@//a:tags" } },
        completed: {
          success: true,
          outputGroup: [
            { name: "default", fileSets: [{ id: "1" }] },
            { name: "other", fileSets: [{ id: "2" }] },
          ],
        },
      },
      { id: { targetCompleted: { label: "//a:bad" } }, completed: {} },
    ];
    const outputs = outputsOf(events.map((event) => JSON.stringify(event)).join("\n"));
    expect([...outputs]).toEqual([
      ["//a:tags", ["file:///b/tags"]],
      ["//a:bad", []],
    ]);
  });
});

it("the query names labels with whatever characters they have", () => {
  const push = { label: "//a.b/c+d:e^f$g", service: "s", package: "a.b/c+d", stage: "candidate" } as const;
  const query = pushQuery([{ ...push, place: { kind: "property", file: "f", path: [] } }], ["oci_push", "our_push"]);
  expect(query).toContain(`kind("^(oci_push|our_push) rule$", //...)`);
  const [, pattern = ""] = /filter\("(.*?)", \/\/\.\.\.\)/.exec(query) ?? [];
  expect(new RegExp(pattern).test(push.label)).toBe(true);
  expect(new RegExp(pattern).test("//axb/c+d:e^f$g")).toBe(false);
});

describe("what a change reaches", () => {
  const known = { declarations: new Map([["a/a.image.ts", "a"]]), pins: ["dev/oci_deps.bzl"] };
  const modified = (path: string) => reachOf([{ path, change: "modified" }], known);

  it.each([
    "WORKSPACE",
    "WORKSPACE.bzlmod",
    "sub/MODULE.bazel",
    "MODULE.bazel.lock",
    "dev/oci.MODULE.bazel",
    "REPO.bazel",
    ".bazelrc",
    "tools/ci.bazelrc",
    ".bazelversion",
    ".bazelignore",
    "dev/rules.bzl",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "Cargo.Bazel.lock",
    "maven_lock.json",
    "go.sum",
    "../outside",
    "a/b:c",
    "-a",
    "a/.../b",
    `a/"b'`,
    "a/\tb",
  ])("everything: %s", (path) => expect(modified(path).kind).toBe("everything"));

  it.each(["a/lock.go", "a/block", "a/clock.ts", "a/a b.txt", "a/workspace.go", "a/ö.txt", "a/it's"])(
    "its dependents: %s",
    (path) => expect(modified(path)).toEqual({ kind: "dependents", files: [path], packages: [] }),
  );

  it("a package: its BUILD file and its declarations", () => {
    expect(modified("a/a.image.ts")).toEqual({ kind: "dependents", files: [], packages: ["a"] });
    expect(modified("BUILD")).toEqual({ kind: "dependents", files: [], packages: [""] });
    expect(dependentsQuery(["//a:it's"], ["", "b"], ["//c:push"])).toBe(
      `rdeps(//..., set("//a:it's"\n"//:*"\n"//b:*")) intersect set("//c:push")`,
    );
  });

  it("a file is known by its label, in the root package too", () => {
    expect(fileWithoutTarget(["a.go", "b/c.go"], ["//:a.go", "//b:c.go"])).toBeUndefined();
    expect(fileWithoutTarget(["a.go", "b/c.go"], ["//:a.go"])).toBe("b/c.go");
  });
});

describe("where a target goes", () => {
  const options = { kinds: ["oci_push"], unmanaged: true, ours: new Set<string>(), ignored: new Set<string>() };
  const rule = (label: string, repository?: string) => ({
    label,
    kind: "oci_push",
    location: "",
    attributes: new Map(repository === undefined ? [] : [["repository", repository] as const]),
  });
  const built = { tags: new Map(), digests: new Map(), repositories: new Map() };

  it.each([
    ["x.io/team/app", "x.io/team", "app"],
    ["x.io/team/deep/app", "x.io/team", "deep/app"],
    ["y.io/other/app", "x.io/team", "other/app"],
    ["x.io/teammate/app", "x.io/team", "teammate/app"],
    ["localhost:5000/app", undefined, "app"],
  ])("%s under the prefix %s is called %s", (repository, repositoryPrefix, name) => {
    const { targets } = selectTargets([], [rule("//z:cut_me", repository)], {
      ...options,
      ...(repositoryPrefix !== undefined && { repositoryPrefix }),
    });
    const planned = planPushes(targets, { registries: ["eu.io/x"], tags: ["t"] }, built);
    expect(planned.value.map(({ args }) => args)).toEqual([["--repository", `eu.io/x/${name}`, "--tag", "t"]]);
  });

  it("no name is made up for a target without a repository", () => {
    const { targets } = selectTargets([], [rule("//z:push")], options);
    expect(planPushes(targets, { registries: [], tags: [] }, built).value).toHaveLength(1);
    const planned = planPushes(targets, { registries: ["eu.io/x"], tags: [] }, built);
    expect(planned.value).toEqual([]);
    expect(planned.diagnostics.map(({ code }) => code)).toEqual(["push-name-unknown"]);
  });

  it("what a file says is known before anything is pushed, so that two to one place are seen", () => {
    const file = { ...rule("//z:file"), attributes: new Map([["repository_file", "//z:where"]]) };
    const { targets } = selectTargets([], [file, rule("//z:plain", "x.io/a")], options);
    const repositories = new Map([["//z:where", "x.io/a"]]);
    const planned = planPushes(targets, { registries: [], tags: ["t"] }, { ...built, repositories });
    expect(planned.value.map(({ repository }) => repository)).toEqual(["x.io/a", "x.io/a"]);
    expect(planned.diagnostics).toMatchObject([
      { code: "push-same-destination", args: { target: "//z:plain", other: "//z:file", destination: "x.io/a:t" } },
    ]);
  });

  it("digest and repository are read from the script's words when nothing else tells", () => {
    const [push] = planPushes([{ label: "//z:push" }], { registries: [], tags: [] }, built).value;
    const digest = `sha256:${"a".repeat(64)}`;
    const said = `2026/01/01 pushed blob: sha256:${"b".repeat(64)}\nx.io/a@${digest}\n`;
    const row = push && rowOf(push, { isPushed: true, said, attempts: 2, seconds: 1.25 });
    expect(row).toMatchObject({ repository: "x.io/a", digest, digestFrom: "script", status: "pushed" });
    expect(printPushTable(row ? [row] : [], colours(false))).toMatchInlineSnapshot(`
      "TARGET    REPOSITORY  TAGS  DIGEST                                                                                     SECONDS
      //z:push  x.io/a      -     sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (from its script)  1.3      pushed, 2 attempts
      1 pushed, 0 failed
      "
    `);
  });
});

it.each([
  ["MANIFEST_UNKNOWN: manifest unknown; unexpected status code 404 Not Found", true],
  ["UNAUTHORIZED: authentication required", true],
  ["denied: requested access to the resource is denied", true],
  ["tls: failed to verify certificate: x509: certificate signed by unknown authority", true],
  ["unexpected status code 503 Service Unavailable", false],
  ["unexpected status code 429 Too Many Requests: TOOMANYREQUESTS", false],
  ["dial tcp: lookup registry.example: i/o timeout", false],
  ["write: connection reset by peer", false],
  ["pushed blob sha256:4010000000000000000000000000000000000000000000000000000000000403: EOF", false],
])("%s is final: %s", (said, isFinal) => expect(isRefusal(said)).toBe(isFinal));

it("every code of push is brought out by a suite", () => {
  const suites = readdirSync(join(import.meta.dirname, "system")).filter((name) => /^push.*\.test\.ts$/.test(name));
  const text = suites.map((name) => readFileSync(join(import.meta.dirname, "system", name), "utf8")).join("");
  expect(Object.keys(publishing).filter((code) => !text.replaceAll("\\", "").includes(`[${code}]`))).toEqual([]);
});
