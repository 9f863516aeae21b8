/** Reads what `bazel query --output=build` prints: targets with the attributes that were set. */

/** A value as Bazel prints it; a select keeps its branches, `+` its operands. */
export type BazelValue =
  | string
  | number
  | boolean
  | null
  | readonly BazelValue[]
  | { readonly dict: ReadonlyArray<readonly [string, BazelValue]> }
  | { readonly select: ReadonlyArray<readonly [string, BazelValue]> }
  | { readonly sum: readonly BazelValue[] };

/** One target: its package, the class of its rule and its attributes in Bazel's order. */
export interface BazelTarget {
  /** `cmd/worker`; an external one begins with `@`. */
  readonly package: string;
  readonly name: string;
  readonly rule: string;
  /** The macro that made it, else the rule. */
  readonly generator: string;
  /** The `name` given to the macro, else its own. */
  readonly generatorName: string;
  readonly attributes: ReadonlyMap<string, BazelValue>;
}

/** Attributes that Bazel adds on its own. */
const added = ["generator_name", "generator_function", "generator_location"];

/** All targets in the output, in its order; `root` is the workspace it speaks of. */
export function parseBuildOutput(text: string, root: string): readonly BazelTarget[] {
  const reader = new Reader(text);
  const targets: BazelTarget[] = [];
  let file = "";
  while (!reader.atEnd()) {
    const comment = reader.take(/#([^\n]*)\n?/y);
    const place = comment && /^ (\/.*)\/[^/]+:\d+:\d+$/.exec(comment[1] ?? "");
    if (place) file = place[1] ?? "";
    if (comment === undefined) targets.push(readTarget(reader, packageOf(file, root)));
  }
  return targets;
}

function packageOf(folder: string, root: string): string {
  if (folder === root) return "";
  return folder.startsWith(`${root}/`) ? folder.slice(root.length + 1) : `@${folder}`;
}

function readTarget(reader: Reader, folder: string): BazelTarget {
  const rule = reader.need(/(\w+)\(/y)[1] ?? "";
  const attributes = new Map<string, BazelValue>();
  while (!reader.take(/\)/y)) {
    attributes.set(reader.need(/(\w+) = /y)[1] ?? "", reader.value());
    reader.need(/,/y);
  }
  const name = String(attributes.get("name"));
  const generator = String(attributes.get("generator_function") ?? rule);
  const generatorName = String(attributes.get("generator_name") ?? name);
  for (const one of added) attributes.delete(one);
  return { package: folder, name, rule, generator, generatorName, attributes };
}

/** A cursor over Starlark literals. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#match(/\s*$/y) !== null;
  }

  take(wanted: RegExp): RegExpExecArray | undefined {
    this.#at += this.#match(/\s*/y)?.[0].length ?? 0;
    const found = this.#match(wanted);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  need(wanted: RegExp): RegExpExecArray {
    const found = this.take(wanted);
    if (found === undefined)
      throw new Error(`no ${wanted} at: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 80))}`);
    return found;
  }

  value(): BazelValue {
    const operands = [this.#operand()];
    while (this.take(/\+/y)) operands.push(this.#operand());
    return operands.length === 1 ? (operands[0] ?? null) : { sum: operands };
  }

  #match(wanted: RegExp): RegExpExecArray | null {
    wanted.lastIndex = this.#at;
    return wanted.exec(this.#text);
  }

  #operand(): BazelValue {
    const text = this.take(/"((?:[^"\\]|\\[\s\S])*)"/y);
    if (text) return unquote(text[1] ?? "");
    const word = this.take(/True|False|None|-?\d+/y);
    if (word) return word[0] === "True" ? true : word[0] === "False" ? false : word[0] === "None" ? null : +word[0];
    if (this.take(/\[/y)) return this.#items(/\]/y, () => this.value());
    if (this.take(/select\(/y)) {
      this.need(/\{/y);
      const select = this.#pairs();
      this.need(/\)/y);
      return { select };
    }
    this.need(/\{/y);
    return { dict: this.#pairs() };
  }

  #pairs(): ReadonlyArray<readonly [string, BazelValue]> {
    return this.#items(/\}/y, () => {
      const key = String(this.value());
      this.need(/:/y);
      return [key, this.value()] as const;
    });
  }

  #items<Item>(end: RegExp, one: () => Item): readonly Item[] {
    const items: Item[] = [];
    while (!this.take(end)) {
      items.push(one());
      this.take(/,/y);
    }
    return items;
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** Undoes Bazel's own printing, where `\x00` stands for one byte below a space. */
function unquote(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|([\s\S]))/g, (_, hex: string | undefined, other: string) =>
    hex === undefined ? (escapes[other] ?? other) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
