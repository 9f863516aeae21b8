/** The programs that we are measured against: native ones, without the launchers that npm puts before them. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { time } from "./process.mjs";

const require = createRequire(import.meta.url);

/** What an empty program costs on this machine. */
export const node = { name: "node -e 0", program: process.execPath, argv: ["-e", "0"] };

/** The floor: a native program that reads, parses and prints the same files. */
export function buildifier(root) {
  const folder = dirname(require.resolve("@bazel/buildifier/package.json"));
  const system = process.platform === "win32" ? "windows" : process.platform;
  const file = `buildifier-${system}_${process.arch === "x64" ? "amd64" : process.arch}`;
  const program = join(folder, process.platform === "win32" ? `${file}.exe` : file);
  return { name: "buildifier -mode=check -r", program, argv: ["-mode=check", "-r", "-config=off", root], cwd: root };
}

/** Gazelle with nothing to do, when it is on the PATH; `tools/gazelle-version` says which. */
export function gazelle(root) {
  const program = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "gazelle"))
    .find(existsSync);
  if (program === undefined) return undefined;
  return { name: "gazelle update", program, argv: ["update", "-repo_root", root], cwd: root };
}

/** projen writing the given files, when PROJEN_DIR has it or `install` allows to fetch it. */
export function projen(files, install) {
  const place = process.env.PROJEN_DIR ?? (install ? installProjen() : undefined);
  if (place === undefined) return undefined;
  const work = mkdtempSync(join(tmpdir(), "gen-bazel-images-projen-"));
  writeFileSync(join(work, "files.json"), JSON.stringify(files));
  writeFileSync(join(work, "projenrc.cjs"), script(join(place, "node_modules/projen")));
  const out = join(work, "out");
  let turn = 0;
  return {
    name: "projen synth, writing",
    program: process.execPath,
    argv: [join(work, "projenrc.cjs"), out],
    cwd: work,
    env: { PROJEN_DISABLE_POST: "1", CI: "" },
    // Put aside, not removed, like our own tree before a first run.
    prepare: () => {
      if (existsSync(out)) renameSync(out, `${out}-${++turn}`);
      mkdirSync(out);
    },
    remove: () => rmSync(work, { recursive: true, force: true }),
    version: JSON.parse(readFileSync(join(place, "node_modules/projen/package.json"), "utf8")).version,
  };
}

function installProjen() {
  const place = mkdtempSync(join(tmpdir(), "gen-bazel-images-projen-npm-"));
  const argv = ["install", "--prefix", place, "--no-audit", "--no-fund", "--ignore-scripts", "projen", "constructs"];
  time({ program: process.platform === "win32" ? "npm.cmd" : "npm", argv, cwd: place });
  return place;
}

function script(projen) {
  return `const { Project, TextFile } = require(${JSON.stringify(projen)});
const files = require("./files.json");
const project = new Project({ name: "shop", outdir: process.argv[2] });
for (const [path, text] of Object.entries(files)) new TextFile(project, path, { lines: text.split("\\n") });
project.synth();
`;
}
