import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { FormatAnswer, FormatRequest, Ports } from "../pipeline/index.ts";
import type { BuildifierOptions } from "./buildifier.ts";
import { type Cache, hashOf } from "./cache.ts";
import { isExecutable } from "./disk.ts";

/** A formatter that remembers. */
export interface RememberingFormat {
  readonly format: Ports["format"];
  /** What tells the formatter from another; undefined when nothing is remembered of it. */
  readonly identity: string | undefined;
  /** Saves what is new. */
  readonly save: () => void;
}

// Characters of remembered texts; beyond that only those of the last run stay.
const limit = 32 * 1024 * 1024;
const record = "formatted";

/**
 * Asks the formatter only for texts whose result is not remembered, of this run or of an earlier one. The key is the hash
 * of all that the result depends on: program, configuration, type and text. What buildifier refuses is asked again by the
 * next run.
 */
export function rememberFormat(inner: Ports["format"], options: BuildifierOptions, cache: Cache): RememberingFormat {
  const program = cache.isOn ? formatterIdentity(options) : undefined;
  const asked = new Map<string, Promise<FormatAnswer | undefined>>();
  const used = new Map<string, string>();
  let remembered: ReadonlyMap<string, string> | undefined;
  let isNew = false;
  const ask = (requests: readonly FormatRequest[], keys: readonly string[]): void => {
    const answers = inner(requests);
    for (const [index, key] of keys.entries())
      asked.set(
        key,
        answers.then((all) => all[index]),
      );
  };
  const format = async (requests: readonly FormatRequest[]): Promise<readonly FormatAnswer[]> => {
    remembered ??= program === undefined ? new Map() : load(cache);
    const known = remembered;
    const keys = requests.map(({ type, text }) => hashOf(`${program}\0${type}\0${text}`));
    const isMissing = (key: string) => !known.has(key) && !asked.has(key);
    const missing = new Map(
      requests.flatMap((request, index) => {
        const key = keys[index] ?? "";
        return isMissing(key) ? [[key, request] as const] : [];
      }),
    );
    if (missing.size > 0) ask([...missing.values()], [...missing.keys()]);
    return Promise.all(
      keys.map(async (key) => {
        const text = known.get(key);
        const answer = text === undefined ? ((await asked.get(key)) as FormatAnswer) : { text };
        if ("text" in answer) {
          isNew ||= text === undefined;
          used.set(key, answer.text);
        }
        return answer;
      }),
    );
  };
  return {
    format,
    identity: program,
    save: () => {
      if (program !== undefined && isNew) save(cache, remembered ?? new Map(), used);
    },
  };
}

/** What tells one formatter from another; undefined when nobody can tell. */
function formatterIdentity({ program, config }: BuildifierOptions): string | undefined {
  try {
    const settings = config === undefined ? "off" : readFileSync(config, "utf8");
    // Tables are files of their own.
    if (config !== undefined && /tables|\\u/i.test(settings)) return undefined;
    if (program !== undefined) {
      if (!isExecutable(program)) return undefined;
      const content = readFileSync(program);
      return isNative(content) ? `${hashOf(content)}\0${settings}` : undefined;
    }
    const { version } = createRequire(import.meta.url)("@bazel/buildifier/package.json") as {
      readonly version: string;
    };
    return `@bazel/buildifier ${version} ${process.platform} ${process.arch}\0${settings}`;
  } catch {
    return undefined;
  }
}

/** Reports whether a file is a program by itself (ELF, Mach-O, PE); a script may start anything. */
function isNative(content: Buffer): boolean {
  return /^(?:\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|MZ)/.test(content.toString("latin1", 0, 4));
}

/** A record is an index, one line for each text with its key and length, and the texts behind each other. */
function load(cache: Cache): ReadonlyMap<string, string> {
  const [index, texts] = cache.load(record) ?? [];
  if (!index || !texts) return new Map();
  const all = texts.toString();
  let start = 0;
  const lines = index.toString("latin1").split("\n");
  return new Map(
    lines.slice(0, -1).map((line) => {
      const [key = "", length = "0"] = line.split(" ");
      const end = start + Number(length);
      const text = all.slice(start, end);
      start = end;
      return [key, text];
    }),
  );
}

function save(cache: Cache, remembered: ReadonlyMap<string, string>, used: ReadonlyMap<string, string>): void {
  const together = new Map([...remembered, ...used]);
  const size = [...together.values()].reduce((sum, text) => sum + text.length, 0);
  const kept = size > limit ? used : together;
  const index = [...kept].map(([key, text]) => `${key} ${text.length}\n`).join("");
  cache.save(record, [Buffer.from(index, "latin1"), Buffer.from([...kept.values()].join(""))]);
}
