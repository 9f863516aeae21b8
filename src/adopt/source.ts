/** Declared objects as TypeScript, laid out as a person would: what fits on a line stands on one. */
import { IndentationText, Project } from "ts-morph";
import { commentedOf, type ExpressionNode, expressionOf, stampOf } from "../model/index.ts";
import type { Comment } from "../starlark/index.ts";
import type { Declared } from "./declare-part.ts";

const width = 100;

/** Text, or a sequence in brackets that may be broken over lines. */
type Doc =
  | string
  | { readonly open: string; readonly items: readonly Doc[]; readonly close: string; readonly isBroken?: boolean };

/** The source of a declaration file with these services. */
export function printServices(services: readonly Declared[]): string {
  const docs = services.map((service) => call("defineService", [broken(docOf(service))]));
  const [only] = docs;
  const exported: Doc = docs.length === 1 && only ? only : { open: "[", items: docs, close: "]", isBroken: true };
  return printModule(["defineService", ...helpersOf(services)], print(exported, "", "export default ".length));
}

/** The source of a config file. */
export function printConfig(config: Declared): string {
  const doc = call("defineConfig", [broken(docOf(config))]);
  return printModule(["defineConfig", ...helpersOf(config)], print(doc, "", "export default ".length));
}

/** A value as an expression, its lines after the first indented by `indent`. */
export function printExpression(value: unknown, indent: string): string {
  return print(docOf(value), indent, indent.length);
}

function printModule(names: readonly string[], expression: string): string {
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces },
  });
  const source = project.createSourceFile("declaration.ts");
  source.addImportDeclaration({ namedImports: [...new Set(names)].sort(), moduleSpecifier: "gen-bazel-images" });
  // As text: an export assignment would be indented by the printer, the strings in it too.
  source.insertText(source.getEnd(), `\nexport default ${expression};\n`);
  return source.getFullText();
}

/** The helpers that the printed value needs imported. */
export function helpersOf(value: unknown): readonly string[] {
  const wrapped = commentedOf(value);
  if (wrapped) return ["commented", ...helpersOf(wrapped.value)];
  if (stampOf(value)) return ["stamp"];
  const node = expressionOf(value);
  if (node) return [helperOf(node), ...operandsOf(node).flatMap(helpersOf)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(helpersOf) : [];
}

function operandsOf(node: ExpressionNode): readonly unknown[] {
  switch (node.kind) {
    case "identifier":
      return [];
    case "call":
      return [...node.args, ...node.named.map(([, value]) => value)];
    case "select":
      return [node.branches];
    case "sum":
      return node.operands;
    case "expression":
      return node.values;
  }
}

function helperOf(node: ExpressionNode): string {
  if (node.kind === "call") return isGlob(node) ? "glob" : "call";
  return { identifier: "ident", select: "select", sum: "concat", expression: "starlark" }[node.kind];
}

/** A call that the helper `glob` makes: patterns, then its options in their order. */
function isGlob({ callee, from, args, named }: ExpressionNode & { kind: "call" }): boolean {
  const names = named.map(([name]) => name).join(" ");
  const isPlain = args.length === 1 && Array.isArray(args[0]) && args[0].every((item) => typeof item === "string");
  return callee === "glob" && from === undefined && isPlain && /^(?:exclude ?)?(?:allow_empty)?$/.test(names);
}

function docOf(value: unknown): Doc {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return typeof value === "string" ? textDoc(value) : String(value);
  const wrapped = commentedOf(value);
  if (wrapped) return docOfCommented(wrapped.value, wrapped.comments);
  const stamped = stampOf(value);
  if (stamped) {
    const { key, ...options } = stamped;
    return call("stamp", [docOf(key), docOf(options)]);
  }
  const node = expressionOf(value);
  if (node) return docOfExpression(node);
  const items = Array.isArray(value)
    ? value.map(docOf)
    : Object.entries(value).map(([key, inner]) => behind(`${keyText(key)}: `, docOf(inner)));
  return Array.isArray(value) ? { open: "[", items, close: "]" } : { open: "{", items, close: "}" };
}

/** In the quotes that need no escape. */
function textDoc(text: string): string {
  const quoted = JSON.stringify(text);
  const isPlainInside = text.includes('"') && quoted === `"${text.replaceAll('"', '\\"')}"` && !text.includes("'");
  return isPlainInside ? `'${text}'` : quoted;
}

/** A property name as it is written: in quotes only where it has to be. */
export function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** A sequence or text with a text in front of it. */
function behind(text: string, doc: Doc): Doc {
  return typeof doc === "string" ? text + doc : { ...doc, open: text + doc.open };
}

function broken(doc: Doc): Doc {
  return typeof doc === "string" ? doc : { ...doc, isBroken: true };
}

function call(name: string, args: readonly Doc[]): Doc {
  return { open: `${name}(`, items: args, close: ")" };
}

function docOfCommented(value: unknown, comments: readonly Comment[]): Doc {
  return comments.reduceRight((inner: Doc, { text, place }) => {
    const options = place === "above" ? [] : [docOf({ place })];
    return call("commented", [inner, JSON.stringify(text), ...options]);
  }, docOf(value));
}

function docOfExpression(node: ExpressionNode): Doc {
  const from = "from" in node && node.from !== undefined ? [docOf({ from: node.from })] : [];
  switch (node.kind) {
    case "identifier":
      return call("ident", [JSON.stringify(node.name), ...from]);
    case "select":
      return call("select", [
        docOf(node.branches),
        ...(node.noMatchError === undefined ? [] : [docOf({ noMatchError: node.noMatchError })]),
      ]);
    case "sum":
      return call("concat", node.operands.map(docOf));
    case "call":
      return isGlob(node) ? docOfGlob(node) : docOfCall(node, from);
    case "expression": {
      const texts = node.texts.map((text, index) => {
        const hole = index < node.values.length ? `\${${flat(docOf(node.values[index]))}}` : "";
        return text + hole;
      });
      return `starlark\`${texts.join("")}\``;
    }
  }
}

function docOfGlob({ args, named }: ExpressionNode & { kind: "call" }): Doc {
  const options = named.map(([name, value]) => [name === "exclude" ? name : "allowEmpty", value]);
  return call("glob", [docOf(args[0]), ...(options.length === 0 ? [] : [docOf(Object.fromEntries(options))])]);
}

/** Arguments that are left out at the end are not written. */
function docOfCall({ callee, args, named }: ExpressionNode & { kind: "call" }, from: readonly Doc[]): Doc {
  const rest = [docOf(args), docOf(Object.fromEntries(named)), ...from];
  const needed = from.length > 0 ? 3 : named.length > 0 ? 2 : args.length > 0 ? 1 : 0;
  return call("call", [JSON.stringify(callee), ...rest.slice(0, needed)]);
}

/** On one line. */
function flat(doc: Doc): string {
  if (typeof doc === "string") return doc;
  const inner = doc.items.map(flat).join(", ");
  return doc.close === "}" && inner !== "" ? `${doc.open} ${inner} ${doc.close}` : doc.open + inner + doc.close;
}

/** Prints a doc that starts at `column`, its lines after the first indented by `indent`. */
function print(doc: Doc, indent: string, column: number): string {
  if (typeof doc === "string") return doc;
  const line = flat(doc);
  const mustBreak = (one: Doc): boolean =>
    typeof one !== "string" && (one.isBroken === true || one.items.some(mustBreak));
  if (!mustBreak(doc) && column + line.length < width) return line;
  const last = doc.items.at(-1);
  const before = doc.items.slice(0, -1);
  // The only long argument of a call hugs its brackets: `select({`, `glob([`.
  if (
    doc.close === ")" &&
    last !== undefined &&
    typeof last !== "string" &&
    before.every((one) => typeof one === "string")
  ) {
    const head = [doc.open, ...before.map((one) => `${flat(one)}, `)].join("");
    return `${head}${print(last, indent, column + head.length)})`;
  }
  const inner = `${indent}  `;
  const lines = doc.items.map((item) => `${inner}${print(item, inner, inner.length)},`);
  return [doc.open, ...lines, `${indent}${doc.close}`].join("\n");
}
