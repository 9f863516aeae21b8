/**
 * bazel-lib, called aspect_bazel_lib up to 2.x: `expand_template` writes a text, and in a stamped build one with the values
 * of the workspace status in it. The template is a list of lines, and what stands for a value is replaced in every build,
 * by the fallback or by the value: the fallback in the template itself would be replaced wherever else it occurs.
 */
import type { Attribute } from "../../bazel/index.ts";
import { type Field, type StampText, stampedText } from "../../model/index.ts";
import { dict, type Item, type StarlarkValue, string } from "../../starlark/index.ts";
import { emitRule } from "../emit.ts";
import { type ChosenRuleset, isAtLeast } from "../facts.ts";
import type { FileRuleset, StampedFile, StampedLine } from "../ruleset.ts";

/** bazel-lib in the version chosen. */
export function bazelLib(chosen: ChosenRuleset): FileRuleset {
  return {
    chosen,
    file: (file) =>
      emitRule("expand_template", { name: file.name, fields: [], path: file.path }, chosen, attributesOf(file)),
    recognise,
    namesOf: (rule) => [rule.name, `${rule.name}.txt`, ...helperNames(rule.name, chosen)],
  };
}

/** The reverse of {@link attributesOf}, for a template of lines with at most one placeholder each. */
function recognise(name: string, fields: readonly Field[]): readonly StampedLine[] | undefined {
  const field = (wanted: string) => fields.find((one) => one.name === wanted)?.value;
  const [out, template] = [field("out"), field("template")];
  const [stamps, fallbacks] = [textsOf(field("stamp_substitutions")), textsOf(field("substitutions"))];
  if (out?.kind !== "string" || out.value !== `${name}.txt` || template?.kind !== "list") return undefined;
  const placeholders = [...stamps].flatMap(([text, value]) => {
    const key = /^\{\{([A-Za-z_]\w*)\}\}$/.exec(value)?.[1];
    const fallback = fallbacks.get(text);
    return key === undefined || fallback === undefined ? [] : [{ text, key, fallback }];
  });
  if (placeholders.length !== stamps.size || stamps.size !== fallbacks.size) return undefined;
  return template.items.map(({ value, comments }): StampedLine => {
    const text = value.kind === "string" ? value.value : "";
    const found = placeholders.find((one) => text.includes(one.text));
    if (!found) return { before: "", content: { value }, comments };
    const [prefix = "", ...rest] = text.split(found.text);
    const content = { key: found.key, fallback: found.fallback, prefix, suffix: rest.join(found.text) };
    return { before: "", content, comments };
  });
}

function textsOf(value: StarlarkValue | undefined): ReadonlyMap<string, string> {
  const entries = value?.kind === "dict" ? value.entries : [];
  return new Map(
    entries.flatMap(({ key, value: text }) =>
      key.kind === "string" && text.kind === "string" ? [[key.value, text.value] as const] : [],
    ),
  );
}

/** DIFFERENCES.md 4: the target that holds an inline template, and its file. */
function helperNames(name: string, chosen: ChosenRuleset): readonly string[] {
  const helper = isAtLeast(chosen, "2.11.0") ? `${name}_tmpl` : `_${name}.tmpl`;
  return [helper, `${helper}.txt`];
}

function attributesOf({ lines, out, attributes, path }: StampedFile): readonly Attribute[] {
  const placeholders = placeholdersOf(lines);
  const attribute = (name: string, value: StarlarkValue): Attribute => ({ name, value, comments: [], path });
  const unstamped = placeholders.map(({ text, stamp }) => [text, string(stamp.fallback)] as const);
  const stamped = placeholders.map(({ text, stamp }) => [text, string(`{{${stamp.key}}}`)] as const);
  return [
    attribute("out", string(out)),
    attribute("stamp_substitutions", dict(stamped)),
    attribute("substitutions", dict(unstamped)),
    ...attributes,
    attribute("template", { kind: "list", items: lines.map((line) => templateLine(line, placeholders)) }),
  ];
}

/** What stands in the template for the value of a key with a fallback. */
interface Placeholder {
  readonly text: string;
  readonly stamp: StampText;
}

function isSame(a: StampText, b: StampText): boolean {
  return a.key === b.key && a.fallback === b.fallback;
}

/**
 * A placeholder for each key and fallback: `{{KEY}}`, or `{{KEY_2}}` and so on where that is taken.
 *
 * - one key with two fallbacks has two
 * - a text that occurs in a line, in a fallback, or in a line with its fallback is taken: it would be replaced there too
 */
function placeholdersOf(lines: readonly StampedLine[]): readonly Placeholder[] {
  const stamps = lines.flatMap(({ content }) => ("key" in content ? [content] : []));
  const distinct = stamps.filter((stamp, index) => stamps.findIndex((other) => isSame(stamp, other)) === index);
  const texts = lines.flatMap((line) => [lineText(line, "\n"), ...fallbacksOf(line)]);
  const placeholders: Placeholder[] = [];
  for (const stamp of distinct) {
    const isFree = (text: string) =>
      !texts.some((other) => other.includes(text)) && !placeholders.some((other) => other.text === text);
    for (let count = 1; ; count += 1) {
      const text = `{{${stamp.key}${count === 1 ? "" : `_${count}`}}}`;
      if (!isFree(text)) continue;
      placeholders.push({ text, stamp });
      break;
    }
  }
  return placeholders;
}

/** What of a line is known, with a text where the value goes. */
function lineText({ before, content }: StampedLine, value: string): string {
  if ("key" in content) return before + stampedText(content, value);
  return before + (content.value.kind === "string" ? content.value.value : value);
}

/** The fallback of a line, and the line with it: the text around it may make a placeholder of it. */
function fallbacksOf(line: StampedLine): readonly string[] {
  const { content } = line;
  return "key" in content ? [content.fallback, lineText(line, content.fallback)] : [];
}

function templateLine({ before, content, comments }: StampedLine, placeholders: readonly Placeholder[]): Item {
  if (!("key" in content)) return { value: behind(before, content.value), comments };
  const text = placeholders.find(({ stamp }) => isSame(stamp, content))?.text ?? "";
  return { value: string(before + stampedText(content, text)), comments };
}

/** A value behind a text, as one Starlark string. */
function behind(text: string, value: StarlarkValue): StarlarkValue {
  if (text === "") return value;
  if (value.kind === "string") return string(text + value.value);
  // Brackets, for an expression of any kind.
  if (value.kind === "expression") return { kind: "expression", parts: [string(text), " + (", value, ")"] };
  return { kind: "sum", operands: [string(text), value] };
}
