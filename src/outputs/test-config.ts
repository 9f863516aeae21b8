import type { StructureTests } from "../model/index.ts";
import { header, type OutputFile, type Templates } from "./output.ts";

/** The config of a structure test, container-structure-test schema 2.0.0. */
export function testConfig(path: string, tests: StructureTests, source: string, templates: Templates): OutputFile {
  const slots = { header, sources: source, tests: printTests(tests) };
  return { path, type: "yaml", text: templates.render("image_test.yaml", slots) };
}

/** The typed tests as block YAML, keys in the order declared, every string in double quotes (SPIKES, ruling 8). */
export function printTests(tests: StructureTests): string {
  return printEntries(tests as Tree, "").join("\n");
}

type Tree = Readonly<Record<string, unknown>>;

function printEntries(object: Tree, indent: string): readonly string[] {
  return Object.keys(object).flatMap((key) =>
    key === "comment" || object[key] === undefined ? [] : printEntry(key, object[key], indent),
  );
}

function printEntry(key: string, value: unknown, indent: string): readonly string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}${key}: []`];
    return [`${indent}${key}:`, ...value.flatMap((element: unknown) => printElement(element, `${indent}  `))];
  }
  if (typeof value === "object" && value !== null) {
    const lines = printEntries(value as Tree, `${indent}  `);
    return [
      ...printComments(value, indent),
      ...(lines.length === 0 ? [`${indent}${key}: {}`] : [`${indent}${key}:`, ...lines]),
    ];
  }
  return [`${indent}${key}: ${printScalar(value)}`];
}

function printElement(element: unknown, indent: string): readonly string[] {
  if (Array.isArray(element)) return [`${indent}- [${element.map(printScalar).join(", ")}]`];
  if (typeof element !== "object" || element === null) return [`${indent}- ${printScalar(element)}`];
  const lines = printEntries(element as Tree, `${indent}  `);
  const [first = "{}", ...rest] = lines;
  return [...printComments(element, indent), `${indent}- ${first.trimStart()}`, ...rest];
}

function printComments(element: object, indent: string): readonly string[] {
  const comment = (element as { readonly comment?: string }).comment;
  return comment === undefined ? [] : comment.split("\n").map((line) => `${indent}# ${line}`.trimEnd());
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
