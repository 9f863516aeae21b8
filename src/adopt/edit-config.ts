/** Additions to a config that people wrote, through its syntax tree, so that everything else in it stays as it is. */
import {
  type ArrayLiteralExpression,
  IndentationText,
  Node,
  type ObjectLiteralExpression,
  Project,
  type SourceFile,
} from "ts-morph";
import type { Declared } from "./declare-part.ts";
import { keyText, printExpression } from "./source.ts";

/** What an import adds to a config. */
export interface ConfigAdditions {
  /** By the name of the base. */
  readonly bases: Declared;
  /** By the kind. */
  readonly loads: Declared;
  /** Globs of declaration files. */
  readonly services: readonly string[];
}

/** The text with the additions; undefined when the config is not a literal that can be extended. */
export function editConfig(text: string, additions: ConfigAdditions): string | undefined {
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: indentationOf(text), useTrailingCommas: true },
  });
  const source = project.createSourceFile("bazel-images.config.ts", text);
  const config = configOf(source);
  if (!config || config.getProperties().some(Node.isSpreadAssignment)) return undefined;
  const pending: Pending = { source, values: [] };
  const isDone =
    addEntries(config, "bases", additions.bases, pending) &&
    addEntries(config, "loads", additions.loads, pending) &&
    addGlobs(config, additions.services);
  return isDone ? filled(pending) : undefined;
}

/** What the config is indented with: the first line that is. */
function indentationOf(text: string): IndentationText {
  const [, first = "  "] = /^([ \t]+)\S/m.exec(text) ?? [];
  if (first.startsWith("\t")) return IndentationText.Tab;
  return first.length === 4 ? IndentationText.FourSpaces : IndentationText.TwoSpaces;
}

/** Values that stand in the tree as names until the text is whole: ts-morph would indent their lines once more. */
interface Pending {
  readonly source: SourceFile;
  readonly values: unknown[];
}

function placeholder(value: unknown, { values }: Pending): string {
  return `gen_bazel_images_${values.push(value) - 1}`;
}

/** The text with the values in their places, each indented by the line that it stands on. */
function filled({ source, values }: Pending): string {
  const text = source.getFullText();
  const step = source.getProject().manipulationSettings.getIndentationText();
  return text.replace(/\bgen_bazel_images_(\d+)\b/g, (_, index: string, offset: number) => {
    const start = text.lastIndexOf("\n", offset) + 1;
    const [indent = ""] = /^[ \t]*/.exec(text.slice(start)) ?? [];
    const printed = printExpression(values[Number(index)], "");
    return printed.replace(/^(?: {2})*/gm, (blanks, at: number) =>
      at === 0 ? "" : indent + step.repeat(blanks.length / 2),
    );
  });
}

/** The lines to add by hand, for a config that cannot be edited. */
export function linesOf({ bases, loads, services }: ConfigAdditions): string {
  const wanted = {
    ...(Object.keys(bases).length > 0 && { bases }),
    ...(Object.keys(loads).length > 0 && { loads }),
    ...(services.length > 0 && { services }),
  };
  return printExpression(wanted, "  ");
}

function configOf(source: SourceFile): ObjectLiteralExpression | undefined {
  const exported = source.getExportAssignment((one) => !one.isExportEquals())?.getExpression();
  return exported && objectOf(exported, source);
}

/** Looks through `defineConfig(…)`, `as`, `satisfies`, brackets and names. */
function objectOf(node: Node, source: SourceFile): ObjectLiteralExpression | undefined {
  if (Node.isObjectLiteralExpression(node)) return node;
  if (Node.isCallExpression(node)) {
    const [first] = node.getArguments();
    return first && objectOf(first, source);
  }
  if (Node.isAsExpression(node) || Node.isSatisfiesExpression(node) || Node.isParenthesizedExpression(node))
    return objectOf(node.getExpression(), source);
  const value = Node.isIdentifier(node) ? source.getVariableDeclaration(node.getText())?.getInitializer() : undefined;
  return value && objectOf(value, source);
}

function addEntries(config: ObjectLiteralExpression, key: string, entries: Declared, pending: Pending): boolean {
  if (Object.keys(entries).length === 0) return true;
  const property = config.getProperty(key);
  if (!property) {
    config.addPropertyAssignment({ name: key, initializer: placeholder(entries, pending) });
    return true;
  }
  const value = Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
  const object = value && objectOf(value, config.getSourceFile());
  if (!object) return false;
  for (const [name, entry] of Object.entries(entries)) {
    object.addPropertyAssignment({ name: keyText(name), initializer: placeholder(entry, pending) });
  }
  return true;
}

function addGlobs(config: ObjectLiteralExpression, globs: readonly string[]): boolean {
  if (globs.length === 0) return true;
  const property = config.getProperty("services");
  const value = property && Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
  const array = value && arrayOf(value, config.getSourceFile());
  if (!array) return false;
  for (const glob of globs) array.addElement(JSON.stringify(glob));
  return true;
}

function arrayOf(node: Node, source: SourceFile): ArrayLiteralExpression | undefined {
  if (Node.isArrayLiteralExpression(node)) return node;
  const value = Node.isIdentifier(node) ? source.getVariableDeclaration(node.getText())?.getInitializer() : undefined;
  return value && arrayOf(value, source);
}
