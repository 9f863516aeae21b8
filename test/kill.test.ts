/** A run that is killed at any moment, and runs at the same time: every file is whole, old or new, and the next run completes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Tree, type Workspace, workspace } from "./support/run.ts";

const mainProgram = join(import.meta.dirname, "../dist/main.cjs");
const packages = 200;
const kills = 30;

/** The declarations: 200 services whose environment says which generation of the declarations a run sees. */
const config = `import { defineConfig } from "gen-bazel-images";

const names = Array.from({ length: Number(process.env.SERVICES ?? ${packages}) }, (_, index) => "s" + String(index).padStart(3, "0"));

export default defineConfig({
  rulesets: { oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.7.0" },
  bases: { debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "sha256:${"1".repeat(64)}" } },
  repositoryPrefix: "us.gcr.io/example",
  services: names.map((name) => ({
    name,
    package: "cmd/" + name,
    base: "debian",
    layers: [{ name: "tar_" + name, srcs: [":" + name] }],
    env: { GENERATION: process.env.GENERATION ?? "old" },
    test: { metadataTest: { envVars: [{ key: "GENERATION", value: process.env.GENERATION ?? "old" }] } },
    push: { repository: name },
  })),
});
`;

const handWritten = Object.fromEntries(
  Array.from({ length: packages / 2 }, (_, index): [string, string] => [
    `cmd/s${String(index * 2).padStart(3, "0")}/BUILD.bazel`,
    `# Written by hand.\nfilegroup(name = "by_hand",  srcs = ["a"])\n`,
  ]),
);

type Generation = "old" | "new";

const isTemporary = (path: string): boolean => /^\.gen-bazel-images\.\d+\.[0-9a-f]+\.tmp$/.test(basename(path));

/** What of a tree is no temporary file. */
function lasting(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !isTemporary(path)));
}

function temporaries(tree: Tree): readonly string[] {
  return Object.keys(tree).filter(isTemporary);
}

describe("a run over 200 packages", () => {
  let trees: Readonly<Record<Generation, Tree>>;
  let few: Readonly<Record<Generation, Tree>>;
  const places: Workspace[] = [];
  const processes: ChildProcess[] = [];

  function place(files: Tree): Workspace {
    const made = workspace(files);
    places.push(made);
    return made;
  }

  function start(root: string, generation: Generation, argv = ["generate"], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [mainProgram, ...argv], {
      cwd: root,
      env: { ...process.env, GENERATION: generation, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    processes.push(child);
    let err = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk.toString();
    });
    const ended = once(child, "close").then(([code, signal]) => ({ code, signal, err }));
    return { child, ended };
  }

  const finished = { code: 0, signal: null, err: "" };

  async function complete(root: string, generation: Generation, argv?: string[]): Promise<void> {
    expect(await start(root, generation, argv).ended).toEqual(finished);
  }

  async function generations(services: number): Promise<Readonly<Record<Generation, Tree>>> {
    const made = place({ "bazel-images.config.ts": config.replace("?? 200", `?? ${services}`), ...handWritten });
    await complete(made.root, "old");
    const old = made.read();
    await complete(made.root, "new");
    return { old, new: made.read() };
  }

  beforeAll(async () => {
    [trees, few] = await Promise.all([generations(packages), generations(40)]);
  });

  afterAll(() => {
    for (const child of processes) if (child.exitCode === null) child.kill("SIGKILL");
    for (const made of places) made.remove();
  });

  /** The files that differ between the generations, in the order in which they are written. */
  function differing(): readonly string[] {
    return Object.keys(trees.new).filter((path) => trees.new[path] !== trees.old[path]);
  }

  test(`killed ${kills} times between its first and its last rename`, async () => {
    const paths = differing();
    expect(paths).toHaveLength(2 * packages);
    const made = place(trees.old);
    const live = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    processes.push(live);
    const liveFile = `cmd/s007/.gen-bazel-images.${live.pid}.0123456789ab.tmp`;
    made.write({ [liveFile]: "half a fi" });

    let current: Generation = "old";
    const mixed: string[] = [];
    let left = 0;
    let missed = 0;
    for (let kill = 1; kill <= kills; ) {
      const next: Generation = current === "old" ? "new" : "old";
      const before = made.read();
      const pending = paths.filter((path) => before[path] !== trees[next][path]);
      if (pending.length === 0) {
        // The last kill came between the last rename and the end of the process: there is nothing left to write.
        current = next;
        continue;
      }
      const { child, ended } = start(made.root, next);
      killAfter(
        child,
        join(made.root, pending[Math.floor(Math.random() * pending.length * (kill % 3 === 0 ? 0.75 : 0.25))] ?? ""),
      );
      const result = await ended;
      if (result.signal === null) {
        // On a busy machine the run can be through before the kill arrives: that is no kill, and is done again.
        expect(result).toEqual(finished);
        expect(++missed).toBeLessThan(kills);
        current = next;
        continue;
      }
      expect(result.signal).toBe("SIGKILL");

      const killed = made.read();
      expect(Object.keys(lasting(killed))).toEqual(Object.keys(trees.old));
      for (const path of paths) expect([trees.old[path], trees.new[path]], path).toContain(killed[path]);
      const written = pending.filter((path) => killed[path] === trees[next][path]).length;
      if (written > 0 && written < pending.length) mixed.push(`${written}/${pending.length}`);
      // It has left one for each file that it did not come to, and none of those that the run before it left are there.
      const remains = temporaries(killed).filter((path) => path !== liveFile);
      expect(remains).toHaveLength(pending.length - written);
      left += remains.length;
      if (kill === 1) {
        const stale = written < pending.length ? 1 : 0;
        expect((await start(made.root, next, ["check"]).ended).code).toBe(stale);
        expect(made.read(), "check writes and removes nothing").toEqual(killed);
      }
      // Two kills in a row, and then a run that completes; every other time back to where it was.
      current = kill % 2 === 0 ? next : current;
      if (kill++ % 3 !== 0) continue;
      await complete(made.root, current);
      const completed = made.read();
      expect(temporaries(completed)).toEqual([liveFile]);
      expect(lasting(completed)).toEqual(trees[current]);
    }
    console.log(
      `${mixed.length} of ${kills} kills left a mixed tree, ${missed} came too late (files written of those to write: ${mixed.join(" ")}); the next runs cleared ${left} temporary files`,
    );
    expect(mixed.length).toBeGreaterThanOrEqual(20);
    await complete(made.root, current, ["check"]);

    live.kill("SIGKILL");
    await once(live, "close");
    await complete(made.root, current);
    expect(made.read()).toEqual(trees[current]);
  }, 400_000);

  test("killed while it writes temporary files: nothing has changed", async () => {
    const made = place(trees.old);
    for (let kill = 0; kill < 2; kill++) {
      const { child, ended } = start(made.root, "new");
      const folder = join(made.root, dirname(differing()[kill * 50] ?? ""));
      waitFor(() => readdirSync(folder).some(isTemporary));
      child.kill("SIGKILL");
      expect((await ended).signal).toBe("SIGKILL");
      const killed = made.read();
      expect(temporaries(killed)).not.toEqual([]);
      expect(lasting(killed)).toEqual(trees.old);
    }
    await complete(made.root, "old");
    expect(made.read()).toEqual(trees.old);
  });

  test("a killed run's files are cleared where its process id has come back as ours", async () => {
    const made = place({ ...trees.old, [`cmd/s001/.gen-bazel-images.${process.pid}.0123456789ab.tmp`]: "half" });
    expect(await made.run(["generate"], {})).toMatchObject({ code: 0 });
    expect(made.read()).toEqual(trees.old);
  });

  test("pairs of runs at the same time, of the same declarations and of others", async () => {
    const pairs: readonly (readonly [Generation, Generation])[] = [
      ["new", "new"],
      ["old", "new"],
      ["new", "old"],
    ];
    await Promise.all(
      pairs.map(async (pair) => {
        const made = place({ "bazel-images.config.ts": few.old["bazel-images.config.ts"] ?? "", ...handWritten });
        const runs = pair.map((generation) => start(made.root, generation));
        for (const { ended } of runs) expect(await ended).toEqual(finished);
        const tree = made.read();
        expect(Object.keys(tree)).toEqual(Object.keys(few.new));
        for (const [path, text] of Object.entries(tree)) expect([few.old[path], few.new[path]], path).toContain(text);
        await complete(made.root, "new");
        expect(made.read()).toEqual(few.new);
        await complete(made.root, "new", ["check"]);
      }),
    );
  });

  test("three pairs at the same time in one tree, and pairs that remove the same files", async () => {
    const made = place(few.old);
    const six = Array.from({ length: 6 }, (_, index) => start(made.root, index % 2 === 0 ? "new" : "old"));
    for (const { ended } of six) expect(await ended).toEqual(finished);
    const tree = made.read();
    expect(Object.keys(tree)).toEqual(Object.keys(few.new));
    for (const [path, text] of Object.entries(tree)) expect([few.old[path], few.new[path]], path).toContain(text);

    const fewer = Array.from({ length: 4 }, () => start(made.root, "new", ["generate", "--prune"], { SERVICES: "10" }));
    for (const { ended } of fewer) expect(await ended).toEqual(finished);
    expect(existsSync(join(made.root, "cmd/s011/BUILD.bazel"))).toBe(false);
    expect(existsSync(join(made.root, "cmd/s011/image_test.yaml"))).toBe(false);
    expect(readFileSync(join(made.root, "cmd/s012/BUILD.bazel"), "utf8")).toBe(handWritten["cmd/s012/BUILD.bazel"]);
    await complete(made.root, "new");
    expect(made.read()).toEqual(few.new);
    await complete(made.root, "new", ["check"]);
  });
});

/** Kills the process as soon as it has put a new file in the place of an old one. */
function killAfter(child: ChildProcess, path: string): void {
  const { ino } = statSync(path);
  waitFor(() => statSync(path).ino !== ino);
  child.kill("SIGKILL");
}

/** Looks in a tight loop: what is waited for is over in milliseconds. */
function waitFor(isThere: () => boolean): void {
  const deadline = Date.now() + 30_000;
  while (!isThere()) if (Date.now() > deadline) throw new Error("nothing happened for 30 s");
}

// bash counts in units of 1,024 bytes; Windows has no such limit.
test.skipIf(process.platform === "win32")("a file that cannot be written whole leaves nothing behind", () => {
  const made = workspace({ "bazel-images.config.ts": config, "cmd/s000/BUILD.bazel": "# By hand.\n".repeat(200) });
  const before = made.read();
  const env = { ...process.env, SERVICES: "2", GEN_BAZEL_IMAGES_CACHE: "off" };
  const limited = `ulimit -f 1; exec "${process.execPath}" "${mainProgram}" generate`;
  const { status, stderr } = spawnSync("bash", ["-c", limited], { cwd: made.root, env, encoding: "utf8" });
  expect({ status, tree: made.read() }).toEqual({ status: 3, tree: before });
  expect(stderr).toContain("error[disk-failed]: cmd/s000/BUILD.bazel: the file is larger than the system allows");
  made.remove();
});
