import type { StructureTests } from "../model/index.ts";
import { header, type OutputFile, type Templates } from "./output.ts";

/** The config of a structure test, container-structure-test schema 2.0.0. */
export function testConfig(path: string, tests: StructureTests, source: string, templates: Templates): OutputFile {
  const slots = { header, sources: source, tests: printTests(tests) };
  return { path, text: templates.render("image_test.yaml", slots) };
}

/** The typed tests as block YAML, keys in the order declared, every string in double quotes (SPIKES, ruling 8). */
export function printTests(tests: StructureTests): string {
  return printEntries(tests as Tree, "").slice(0, -1);
}

type Tree = Readonly<Record<string, unknown>>;

/** Lines, each with its end. */
function printEntries(object: Tree, indent: string): string {
  let lines = "";
  for (const key of Object.keys(object))
    if (key !== "comment" && object[key] !== undefined) lines += printEntry(key, object[key], indent);
  return lines;
}

function printEntry(key: string, value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}${key}: []\n`;
    return `${indent}${key}:\n${value.map((element: unknown) => printElement(element, inner)).join("")}`;
  }
  if (typeof value === "object" && value !== null) {
    const lines = printEntries(value as Tree, inner);
    return `${printComments(value, indent)}${indent}${key}:${lines === "" ? " {}\n" : `\n${lines}`}`;
  }
  return `${indent}${key}: ${printScalar(value)}\n`;
}

function printElement(element: unknown, indent: string): string {
  if (Array.isArray(element)) return `${indent}- [${element.map(printScalar).join(", ")}]\n`;
  if (typeof element !== "object" || element === null) return `${indent}- ${printScalar(element)}\n`;
  const lines = printEntries(element as Tree, `${indent}  `) || "{}\n";
  return `${printComments(element, indent)}${indent}- ${lines.trimStart()}`;
}

function printComments(element: object, indent: string): string {
  const comment = (element as { readonly comment?: string }).comment;
  if (comment === undefined) return "";
  const lines = comment.split("\n").map((line) => `${indent}# ${line}`.trimEnd());
  return `${lines.join("\n")}\n`;
}

/** JSON's strings are YAML's double-quoted ones, but for characters that YAML does not allow raw. */
function printScalar(value: unknown): string {
  if (typeof value !== "string") return String(value);
  const quoted = JSON.stringify(value);
  if (!unprintable.test(quoted)) return quoted;
  return quoted.replace(new RegExp(unprintable, "g"), (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What YAML 1.2 does not count among printable characters (5.1), as far as JSON leaves it raw. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
