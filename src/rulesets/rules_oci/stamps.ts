/**
 * Stamps in images and pushes, alike in both generations: an attribute with stamps becomes the label of a file, one tag a
 * line, or one KEY=VALUE. The extension is `.txt`, which `remote_tags` needs before rules_oci 2.1.0. No line break ends the
 * file, as in those that rules_oci writes itself (`created` is taken with all that the file holds).
 */
import { type Field, type Part, stampedText } from "../../model/index.ts";
import { string } from "../../starlark/index.ts";
import type { StampedFile, StampedLine } from "../ruleset.ts";

/** What the target for a stamped attribute is called: `candidate_push_tags`, `image_labels`. */
export function stampedFileName(rule: string, attribute: string): string {
  return `${rule}_${attribute === "remote_tags" ? "tags" : attribute}`;
}

/** The part with labels of files in place of its stamps, and those files. */
export function splitStamps(part: Part): { readonly part: Part; readonly files: readonly StampedFile[] } {
  if (!part.fields.some((field) => field.stamped)) return { part, files: [] };
  const files = part.fields.filter((field) => field.stamped).map((field) => fileOf(field, part));
  const fields = part.fields.map((field) =>
    field.stamped ? { ...field, value: string(`:${stampedFileName(part.name, field.name)}`) } : field,
  );
  return { part: { ...part, fields }, files };
}

/** The reverse of {@link splitStamps} for one attribute: a list of tags, a dictionary by what stands before `=`, or one text. */
export function joinStamps(field: Field, lines: readonly StampedLine[]): Field | undefined {
  const isDict = field.name === "labels" || field.name === "annotations";
  const split = lines.map((line) => (isDict ? splitLine(line) : line));
  const items = split.map(({ content, comments }) => {
    const value = "key" in content ? string(stampedText(content, content.fallback)) : content.value;
    return { value, comments };
  });
  const stamped = split.flatMap(({ content }, index) => ("key" in content ? [{ ...content, index, path: [] }] : []));
  const made = { ...field, stamped };
  if (field.name === "remote_tags") return { ...made, value: { kind: "list", items } };
  if (!isDict) return items.length === 1 && items[0] ? { ...made, value: items[0].value } : undefined;
  if (split.some(({ before }) => before === "")) return undefined;
  const entries = items.map((item, index) => ({ key: string(split[index]?.before ?? ""), ...item }));
  return { ...made, value: { kind: "dict", entries } };
}

/** What stands before the first `=` is the key; "" when there is none. */
function splitLine(line: StampedLine): StampedLine {
  const { content } = line;
  const text = "key" in content ? content.prefix : content.value.kind === "string" ? content.value.value : "";
  const equals = text.indexOf("=");
  if (equals < 1) return line;
  const [before, rest] = [text.slice(0, equals), text.slice(equals + 1)];
  return { ...line, before, content: "key" in content ? { ...content, prefix: rest } : { value: string(rest) } };
}

function fileOf(field: Field, part: Part): StampedFile {
  const name = stampedFileName(part.name, field.name);
  return {
    name,
    out: `${name}.txt`,
    lines: linesOf(field),
    // `manual`, above all: what nobody builds by `//...` needs no file.
    attributes: part.fields.filter((other) => other.name === "tags"),
    path: field.path,
  };
}

function linesOf({ value, stamped = [] }: Field): readonly StampedLine[] {
  const line = (
    before: string,
    item: { readonly value: Field["value"]; readonly comments: Field["comments"] },
    index: number,
  ): StampedLine => ({
    before,
    content: stamped.find((one) => one.index === index) ?? { value: item.value },
    comments: item.comments,
  });
  if (value.kind === "list") return value.items.map((item, index) => line("", item, index));
  if (value.kind !== "dict") return [line("", { value, comments: [] }, 0)];
  return value.entries.map((entry, index) =>
    line(entry.key.kind === "string" ? `${entry.key.value}=` : "", entry, index),
  );
}
