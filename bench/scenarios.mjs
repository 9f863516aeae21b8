/** What is measured of ours: each scenario prepares the tree, unmeasured, and then runs the built program once. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configText, declarationOf, declarationText, digests, packageOf, writeTree } from "./tree.mjs";

const main = join(import.meta.dirname, "../dist/main.cjs");

/** The scenarios for a tree of `count` services, each twice: with what earlier runs remembered, and with nothing. */
export function scenarios(root, count, kind, caches) {
  let turn = 0;
  const edited = Math.floor(count / 2);
  const write = (path, text) => writeFileSync(join(root, path), text);
  const kinds = [
    { name: "generate, nothing there", argv: ["generate"], prepare: () => startAnew(root, count, kind, ++turn) },
    { name: "generate, nothing to do", argv: ["generate"] },
    { name: "check, nothing to do", argv: ["check"] },
    {
      name: "generate, one declaration changed",
      argv: ["generate"],
      prepare: () => write(declarationOf(edited), declarationText(edited, kind, `user${++turn}`)),
    },
    {
      name: "generate, one base digest changed",
      argv: ["generate"],
      prepare: () => write("bazel-images.config.ts", configText(digests[++turn % 2])),
    },
    { name: "check, one package by path", argv: ["check", packageOf(edited)], against: "node" },
  ];
  return ["warm", "empty"].flatMap((cache) =>
    kinds.map(({ name, argv, prepare, against = "buildifier" }) => ({
      name,
      cache,
      against,
      program: process.execPath,
      argv: [main, ...argv],
      cwd: root,
      env: { GEN_BAZEL_IMAGES_CACHE: join(caches, cache) },
      prepare: () => {
        prepare?.();
        if (cache === "empty") rmSync(join(caches, cache), { recursive: true, force: true });
      },
    })),
  );
}

/** The files that we generate, for a peer that is to write as much. */
export function generatedFiles(root, count) {
  const paths = Array.from({ length: count }, (_, index) => packageOf(index)).flatMap((folder) => [
    `${folder}/BUILD.bazel`,
    `${folder}/image_test.yaml`,
  ]);
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/**
 * Brings the tree to the state before the first run. The old one is put aside, not removed: for some minutes ext4 passes
 * over every inode that was freed, one by one, so that making files where many were removed takes ten times as long.
 */
function startAnew(root, count, kind, turn) {
  renameSync(root, `${root}-${turn}`);
  writeTree(root, count, kind);
}
