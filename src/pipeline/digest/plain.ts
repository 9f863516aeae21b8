import { placesOf } from "../../starlark/read/place.ts";
import type { StoredPin } from "./index.ts";

/*
 * A pins file as we write it and bots leave it, in printable ASCII. No string has a quote, a backslash or a parenthesis in
 * it, so it is what it says, and the grammar below is that of whole files: nothing is taken for what it is not.
 */
const inner = "[ !#-'*-\\[\\]-~]*";
const string = `"(${inner})"`;
const comments = "(?: *#[ -~]*\\n)*";
const doc = `"""${inner}"""\\n`;
const list = (indent: string) => `(?:\\[${string}\\]|\\[\\n(?:${indent}    ${string},\\n)+${indent}\\])`;
const fields = (indent: string) =>
  `(?:${indent}(?:(?:name|digest|image|tag) = ${string}|platforms = ${list(indent)}),\\n)+`;
const pull = (callee: string, indent: string) =>
  `${comments}${indent}${callee}\\(\\n${fields(`${indent}    `)}${indent}\\)\\n`;
const workspacePulls = `${pull("oci_pull", "    ")}(?:\\n${pull("oci_pull", "    ")})*`;
const workspace = `${comments}${doc}(?:\\nload\\(${string}, ${string}\\)\\n)?\\ndef oci_deps\\(\\):\\n    ${doc}(?:    pass\\n|${workspacePulls})`;
const useRepo = `use_repo\\((?:oci, ${string}|\\n    oci,\\n(?:    ${string},\\n)+)\\)\\n`;
const module = `${comments}(?:\\noci = use_extension\\(${string}, "oci"\\)\\n(?:\\n?${pull("oci\\.pull", "")})+${useRepo})?`;
const whole = new RegExp(`^(?:${workspace}|${module})$`);
const call = /^ *oci[_.]pull\($([^)]*)^ *\)$/gm;
const field = new RegExp(`^ *(name|digest|image|tag) = ${string},$`, "gm");

/**
 * The pins of a text that is of just that form, read without a parser; undefined for any other, which is to be parsed. A
 * promise: what it returns is what the parser would give (test/properties/pins.test.ts).
 */
export function readPlainPins(file: string, text: string): readonly StoredPin[] | undefined {
  if (!whole.test(text)) return undefined;
  const places = placesOf(text);
  const pins: StoredPin[] = [];
  for (const { 0: found, index } of text.matchAll(call)) {
    const entries = [...found.matchAll(field)].map(([, key = "", value = ""]) => [key, value] as const);
    const values: Partial<Record<string, string>> = Object.fromEntries(entries);
    const { name, image, tag, digest } = values;
    if (Object.keys(values).length !== entries.length) return undefined;
    if (name === undefined) continue;
    pins.push({
      name,
      file,
      line: places.line(index),
      ...(image !== undefined && { image }),
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
    });
  }
  return pins;
}
