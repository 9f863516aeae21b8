/** A structure-test config as people wrote it to typed tests, when nothing of it is lost; else why it stays a file. */
import { type Document, isMap, isScalar, isSeq, Lexer, type ParsedNode, parseDocument, visit } from "yaml";
import type { StructureTests } from "../model/index.ts";
import { printTests } from "../outputs/index.ts";
import { type Property, structureTestShapes } from "../pipeline/index.ts";

/** Typed tests, or the reason why there are none. */
export type TestConfig = { readonly tests: StructureTests } | { readonly reason: string };

/** Reads the text of a config. */
export function readTestConfig(text: string): TestConfig {
  const document = parseDocument(text, { schema: "failsafe", keepSourceTokens: false });
  if (text.includes("\ufffd")) return { reason: "it holds bytes that are no UTF-8" };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) return { reason: `it is no plain YAML (${problem.message.split("\n")[0]})` };
  if (usesAnchors(document)) return { reason: "it uses anchors" };
  if (/^---[ \t]*$[\s\S]*^---[ \t]*$/m.test(text)) return { reason: "it holds several documents" };
  try {
    const { schemaVersion, ...sections } = readObject(document.contents, "config", configShape) as Sections;
    if (schemaVersion !== "2.0.0") return { reason: `its schemaVersion is ${schemaVersion ?? "missing"}, not 2.0.0` };
    const tests = sections as StructureTests;
    return Object.keys(sections).length === 0 ? { reason: "it has no tests" } : (lossOf(text, tests) ?? { tests });
  } catch (error) {
    if (error instanceof Untyped) return { reason: error.message };
    throw error;
  }
}

function usesAnchors(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
    },
    Node: (_, node) => {
      found ||= "anchor" in node && node.anchor !== undefined;
    },
  });
  return found;
}

type Sections = { readonly schemaVersion?: string } & Readonly<Record<string, unknown>>;

const configShape: Readonly<Record<string, Property>> = {
  schemaVersion: { shape: "string" },
  ...structureTestShapes["config"],
};

/** Something that typed tests cannot say. */
class Untyped extends Error {}

function readNode(node: ParsedNode | null, property: Property, what: string): unknown {
  const { shape } = property;
  if (typeof shape === "string") return readScalar(node, shape, what);
  if ("enum" in shape) return readScalar(node, "string", what);
  if ("object" in shape) return readObject(node, shape.object, structureTestShapes[shape.object] ?? {});
  if (!isSeq<ParsedNode>(node)) throw new Untyped(`${what} is no plain list`);
  return node.items.map((item, index) => {
    const value = readNode(item, { shape: shape.list }, what);
    // The parser gives the comment above the first item to the list.
    const above = [index === 0 ? node.commentBefore : undefined, item.commentBefore].filter((text) => text != null);
    const isEntry = typeof value === "object" && value !== null && !Array.isArray(value) && above.length > 0;
    return isEntry ? { comment: plainComment(above.join("\n")), ...value } : value;
  });
}

/** Go's YAML puts the text of any scalar into a string, so `8080` and `yes` are what they look like. */
function readScalar(node: ParsedNode | null, shape: "string" | "integer" | "boolean", what: string): unknown {
  if (!isScalar<string>(node) || node.tag) throw new Untyped(`${what} is no plain ${shape}`);
  const text = String(node.value ?? "");
  if (shape === "string") return text;
  if (shape === "integer" && /^-?(?:0|[1-9]\d{0,9})$/.test(text)) return Number(text);
  if (shape === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  throw new Untyped(`${what}: ${text} is no plain ${shape}`);
}

function readObject(node: ParsedNode | null, type: string, shapes: Readonly<Record<string, Property>>): object {
  if (!isMap<ParsedNode, ParsedNode>(node) || node.tag) throw new Untyped(`${type} is no plain object`);
  const entries = node.items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    const property = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (!property) throw new Untyped(`schema 2.0.0 knows no ${name || "such key"} in ${type}`);
    const read = readNode(value, property, name);
    const isEntry = typeof property.shape === "object" && "object" in property.shape && key.commentBefore != null;
    return [name, isEntry ? { comment: plainComment(key.commentBefore ?? ""), ...(read as object) } : read] as const;
  });
  return Object.fromEntries(entries);
}

function plainComment(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^ /, ""))
    .join("\n");
}

/** Prints the tests again and compares: the data, and the comments in their order. */
function lossOf(text: string, tests: StructureTests): { readonly reason: string } | undefined {
  const printed = `schemaVersion: "2.0.0"\n${printTests(tests)}\n`;
  if (commentsOf(printed).join("\n") !== commentsOf(text).join("\n"))
    return { reason: "it has a comment where typed tests have no place for one" };
  return dataOf(printed) === dataOf(text) ? undefined : { reason: "it holds values that typed tests cannot say" };
}

function commentsOf(text: string): readonly string[] {
  return [...new Lexer().lex(text)].filter((token) => token.startsWith("#")).map((token) => token.slice(1).trim());
}

function dataOf(text: string): string {
  const { schemaVersion, ...sections } = parseDocument(text, { schema: "failsafe" }).toJS() as Sections;
  return JSON.stringify([schemaVersion, sections]);
}
