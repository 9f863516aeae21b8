/** What `init --stamping` makes of a `.bazelrc` that is there. */
import { afterEach, expect, it } from "vitest";
import { stampingConfigs, statusScript } from "../src/outputs/index.ts";
import { type Tree, type Workspace, workspace } from "./support/run.ts";

let made: Workspace | undefined;
afterEach(() => made?.remove());

async function initialised(files: Tree): Promise<Tree> {
  made = workspace(files);
  const { code, err, tree } = await made.run(["init", "--stamping"]);
  expect(err).toBe("");
  expect(code).toBe(0);
  const again = await made.run(["init", "--stamping"]);
  expect(again.out).toBe("stamping is set up; nothing to write\n");
  expect(again.tree).toEqual(tree);
  return tree;
}

const comment = "# Stamping: only what is built with --config=release has the values of the workspace status in it.";
const status = "build --workspace_status_command=dev/workspace_status.sh";

it("is made where there is none", async () => {
  const tree = await initialised({ "README.md": "" });
  expect(tree[".bazelrc"]).toBe(`${comment}\n${status}\nbuild:release --stamp\n`);
  expect(tree["dev/workspace_status.sh"]).toMatch(/^#!\/bin\/sh\n/);
});

it.each<readonly [why: string, before: string, after: string]>([
  ["lacks both lines", "common --color=yes", `common --color=yes\n\n${comment}\n${status}\nbuild:release --stamp\n`],
  [
    "has line ends of Windows",
    "common --color=yes\r\n",
    `common --color=yes\r\n\r\n${comment}\r\n${status}\r\nbuild:release --stamp\r\n`,
  ],
  [
    "only speaks of them",
    `# ${status} --stamp\nbuild --nostamp\n`,
    `# ${status} --stamp\nbuild --nostamp\n\n${comment}\n${status}\nbuild:release --stamp\n`,
  ],
  ["stamps under another name", "build:ci --stamp\n", `build:ci --stamp\n\n${comment}\n${status}\n`],
  ["has both", `${status}\nbuild:ci --stamp=true\n`, `${status}\nbuild:ci --stamp=true\n`],
])("gets what it lacks when it %s", async (_, before, after) => {
  expect((await initialised({ ".bazelrc": before }))[".bazelrc"]).toBe(after);
});

it("is read with what it imports, and the script goes where it says", async () => {
  const tree = await initialised({
    ".bazelrc":
      "import %workspace%/tools/ci.bazelrc\ntry-import %workspace%/user.bazelrc\nimport %workspace%/../outside\n",
    "tools/ci.bazelrc": "build --workspace_status_command=%workspace%/tools/status.sh\nbuild:ci --stamp\n",
  });
  expect(Object.keys(tree)).toEqual([".bazelrc", "tools/ci.bazelrc", "tools/status.sh"]);
});

it("never writes over a script", async () => {
  const own = "#!/bin/sh\necho STABLE_VERSION 1\n";
  expect((await initialised({ "dev/workspace_status.sh": own }))["dev/workspace_status.sh"]).toBe(own);
});

it("knows programs from command lines, and which configurations stamp", () => {
  const script = (text: string) => statusScript(`build --workspace_status_command${text}`, "dev");
  expect(statusScript("", "dev")).toBe("dev/workspace_status.sh");
  expect(statusScript("", "")).toBe("workspace_status.sh");
  expect(script("=./tools/status.sh")).toBe("tools/status.sh");
  expect(script(` "tools/status.sh"`)).toBe("tools/status.sh");
  expect(script(`="bash tools/status.sh"`)).toBe(undefined);
  expect(script("=/usr/bin/status")).toBe(undefined);
  expect(script("=../status.sh")).toBe(undefined);
  expect(
    stampingConfigs("build --stamp\nbuild:a --x --stamp --y\ncommon:b --stamp=1\ntest --stamp\nbuild:c --stamp=0\n"),
  ).toEqual(["", "a", "b"]);
});

it("is said to stamp every build where it does", async () => {
  made = workspace({
    "bazel-images.config.ts": `export default { rulesets: { oci: "rules_oci@2" }, services: [] };\n`,
    ".bazelrc": `${status}\nbuild --stamp\n`,
  });
  expect((await made.run(["doctor"])).out).toContain(
    "every build stamps: .bazelrc has --stamp without a configuration",
  );
});
