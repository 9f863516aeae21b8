/** What is remembered changes how long a run takes, never what it gives: every run with a cache equals one without. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { type Tree, type Workspace, workspace } from "../support/run.ts";

const config = (digit: string, extra = "") => `import { defineConfig } from "gen-bazel-images";
export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0" },
  bases: { debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "sha256:${digit.repeat(64)}" } },
  repositoryPrefix: "us.gcr.io/example",
  services: ["cmd/*/*.image.ts"],${extra}
});
`;

const declaration = (name: string, head: string, user: string) => `import { defineService } from "gen-bazel-images";
${head}
export default defineService({
  name: "${name}",
  base: "debian",
  layers: [{ name: "tar", srcs: [":${name}"] }],
  user: ${user},
  push: { repository: "${name}" },
});
`;

const users = [
  ["", '"nobody"'],
  ["", '"root"'],
  ["", "5"],
  ["", "({} as string"],
  ['throw new TypeError("no");', '"x"'],
  ['import { user } from "../../shared/user";', "user"],
  ['import { user } from "../../shared/user.ts";', "user"],
  ['import { user } from "@shared/user";', "user"],
  ['import { readFileSync } from "node:fs";', 'readFileSync("BUILD.bazel", "utf8") === "" ? "a" : "b"'],
  ["", "(class { static user = 'z'; }).user"],
] as const;

/** Files, and the texts that they may have; undefined for no such file. */
const texts: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "bazel-images.config.ts": [
    config("1"),
    config("2"),
    config("1", " defaults: { workdir: '/w' },"),
    "export default {",
  ],
  "cmd/api/api.image.ts": users.map(([head, user]) => declaration("api", head, user)),
  "cmd/web/web.image.ts": [undefined, ...users.map(([head, user]) => declaration("web", head, user))],
  "shared/user.ts": [undefined, 'export const user = "one";', 'export const user: string = "two";'],
  "shared/user.tsx": [undefined, 'export const user = "tsx";'],
  "shared/user.js": [undefined, 'export const user = "js";'],
  "shared/user/index.ts": [undefined, 'export const user = "index";'],
  "shared/package.json": [undefined, '{ "type": "module" }', '{ "sideEffects": false }'],
  "tsconfig.json": [
    undefined,
    '{ "compilerOptions": { "baseUrl": ".", "paths": { "@shared/*": ["shared/*"] } } }',
    '{ "extends": "./base.json" }',
  ],
  "base.json": [
    undefined,
    '{ "compilerOptions": { "baseUrl": ".", "paths": { "@shared/user": ["shared/user.js"] } } }',
  ],
  "cmd/api/BUILD.bazel": [
    undefined,
    "",
    'load("//a:b.bzl", "c")\n\nc(name = "api")\n',
    "c(\n",
    "# BEGIN gen-bazel-images\n\n# END gen-bazel-images\n\nX = 1\n",
  ],
  ".buildifier.json": [undefined, '{ "tables": "tables.json" }'],
  "tables.json": ["{}", '{ "IsSortableListArg": { "tars": true } }'],
};

const edit = fc
  .constantFrom(...Object.entries(texts))
  .chain(([path, some]) => fc.constantFrom(...some).map((text) => ({ kind: "edit" as const, path, text })));
const damage = fc.record({
  kind: fc.constant("damage" as const),
  record: fc.nat(),
  how: fc.constantFrom("cut", "flip", "empty", "swap", "remove", "folder"),
  at: fc.nat(),
});
const step = fc.oneof({ weight: 5, arbitrary: edit }, { weight: 2, arbitrary: damage });

const start: Tree = {
  "bazel-images.config.ts": config("1"),
  "cmd/api/api.image.ts": declaration("api", "", '"nobody"'),
  "shared/user.ts": 'export const user = "one";',
};

const places: Workspace[] = [];
function place(files: Tree): Workspace {
  const made = workspace(files);
  places.push(made);
  return made;
}
afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

function applyEdit({ root }: Workspace, path: string, text: string | undefined): void {
  const file = join(root, path);
  rmSync(file, { force: true, recursive: true });
  if (text === undefined) return;
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}

function damageRecord(cache: string, record: number, how: string, at: number): void {
  const entries = existsSync(cache) ? readdirSync(cache, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const name = names[record % Math.max(1, names.length)];
  if (name === undefined) return;
  const file = join(cache, name);
  const bytes = readFileSync(file);
  const position = at % Math.max(1, bytes.length);
  rmSync(file);
  if (how === "cut") writeFileSync(file, bytes.subarray(0, position));
  if (how === "empty") writeFileSync(file, "");
  if (how === "flip") {
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }
  if (how === "swap") {
    const other = names[(record + 1) % names.length] ?? name;
    writeFileSync(file, other === name ? bytes : readFileSync(join(cache, other)));
  }
  if (how === "folder") mkdirSync(file);
}

const argvs = [["check"], ["generate"], ["diff", "cmd/api"], ["generate", "cmd/api"]];

test("whatever is edited, and whatever happens to the records", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(3)), { minLength: 1, maxLength: 6 }), async (steps) => {
      const [warm, cold, caches] = [place(start), place(start), place({})];
      const cache = join(caches.root, "cache");
      const both = async (argv: readonly string[]) => {
        const remembered = await warm.run(argv, { GEN_BAZEL_IMAGES_CACHE: cache });
        expect(remembered).toEqual(await cold.run(argv));
      };
      await both(["generate"]);
      for (const [one, verb] of steps) {
        if (one.kind === "damage") damageRecord(cache, one.record, one.how, one.at);
        else for (const made of [warm, cold]) applyEdit(made, one.path, one.text);
        await both(argvs[verb] ?? ["check"]);
      }
    }),
    { numRuns: 40 },
  );
}, 300_000);

test("the second run takes the bundle and the formatted texts from the cache", async () => {
  const [made, caches] = [place(start), place({})];
  const env = { GEN_BAZEL_IMAGES_CACHE: join(caches.root, "cache") };
  for (let run = 0; run < 4; run++) await made.run(["generate"], env);
  const before = caches.read();
  expect(Object.keys(before)).toEqual(["cache/config", "cache/declarations", "cache/formatted"]);
  await made.run(["generate"], env);
  expect(caches.read()).toEqual(before);
});

test("two runs at once, and a cache that cannot be written", async () => {
  const [made, caches] = [place(start), place({ file: "in the way" })];
  const wanted = await made.run(["generate"]);
  const env = { GEN_BAZEL_IMAGES_CACHE: join(caches.root, "cache") };
  const [first, second] = await Promise.all([made.run(["check"], env), made.run(["check"], env)]);
  expect([first.code, second.code]).toEqual([0, 0]);
  const blocked = await made.run(["check"], { GEN_BAZEL_IMAGES_CACHE: join(caches.root, "file") });
  expect(blocked).toMatchObject({ code: 0, err: "", tree: wanted.tree });
});

test("--no-cache and the variable leave no trace; node_modules is where records go by themselves", async () => {
  const made = place({ ...start, "node_modules/x/package.json": "{}" });
  const records = join(made.root, "node_modules/.cache/gen-bazel-images");
  await made.run(["generate", "--no-cache"], { GEN_BAZEL_IMAGES_CACHE: "" });
  await made.run(["check"], { GEN_BAZEL_IMAGES_CACHE: "off" });
  expect(existsSync(records)).toBe(false);
  await made.run(["check"], { GEN_BAZEL_IMAGES_CACHE: "" });
  expect(readdirSync(records)).toContain("declarations");
});

test("what a killed run left half written goes, and folders of monorepos stay few", async () => {
  const caches = place({ "gen-bazel-images/formatted.999999999.tmp": "half" });
  const home = { GEN_BAZEL_IMAGES_CACHE: "", XDG_CACHE_HOME: caches.root };
  for (let count = 0; count < 22; count++) {
    const made = place({ "bazel-images.config.ts": config("1").replace("cmd/*/*.image.ts", "") });
    await made.run(["check"], home);
  }
  const folders = readdirSync(join(caches.root, "gen-bazel-images")).filter((name) => !name.endsWith(".tmp"));
  expect(folders).toHaveLength(20);
  const own = join(caches.root, "gen-bazel-images", folders[0] ?? "");
  writeFileSync(join(own, "config.999999999.tmp"), "half");
  const given = place(start);
  await given.run(["check"], { GEN_BAZEL_IMAGES_CACHE: own });
  expect(readdirSync(own).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});
