/**
 * Finds the position of a declared property in its file, on errors only: ts-morph's compiler takes 0.6 s to load. If the
 * object was built elsewhere, the place is the nearest call in the declaration file, else its line 1 (SPIKES, ruling 4).
 */
import type { ts as TypeScript } from "ts-morph";
import { at, type Diagnostic, type Place, type PropertyPath } from "../diagnostics/index.ts";

type Ts = typeof TypeScript;
type Node = TypeScript.Node;

/** The diagnostics with every property turned into a position; `texts` gives the declaration files. */
export async function locate(
  diagnostics: readonly Diagnostic[],
  read: (file: string) => string | undefined,
): Promise<readonly Diagnostic[]> {
  if (!diagnostics.some(({ place }) => place?.kind === "property")) return diagnostics;
  const { ts } = await import("ts-morph");
  const parsed = new Map<string, TypeScript.SourceFile | undefined>();
  const parse = (file: string) => {
    if (!parsed.has(file)) {
      const text = read(file);
      parsed.set(file, text === undefined ? undefined : ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
    }
    return parsed.get(file);
  };
  return diagnostics.map((found) =>
    found.place?.kind === "property" ? { ...found, place: position(ts, parse(found.place.file), found.place) } : found,
  );
}

function position(ts: Ts, source: TypeScript.SourceFile | undefined, place: Place & { kind: "property" }): Place {
  const exported = source && defaultExport(ts, source);
  if (!source || !exported) return at(place.file);
  const node = descend(ts, source, rootObject(ts, source, exported, place), place.path);
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return at(place.file, line + 1, character + 1);
}

function defaultExport(ts: Ts, source: TypeScript.SourceFile): Node | undefined {
  const statement = source.statements.find(ts.isExportAssignment);
  return statement && follow(ts, source, statement.expression);
}

/** Follows a name to what it is declared as, and looks through `as`, `satisfies` and parentheses. */
function follow(ts: Ts, source: TypeScript.SourceFile, node: Node): Node {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return follow(ts, source, node.expression);
  if (!ts.isIdentifier(node)) return node;
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const declared = statement.declarationList.declarations.find(
      (d) => ts.isIdentifier(d.name) && d.name.text === node.text,
    );
    if (declared?.initializer) return follow(ts, source, declared.initializer);
  }
  return node;
}

/** The object of the service: the export itself, an element of it, or an element of the config's `services`. */
function rootObject(ts: Ts, source: TypeScript.SourceFile, exported: Node, place: Place & { kind: "property" }): Node {
  if (place.service === undefined) return exported;
  if (ts.isArrayLiteralExpression(exported)) return follow(ts, source, exported.elements[place.service] ?? exported);
  if (!/(?:^|\/)bazel-images\.config\.[mc]?[jt]s$/.test(place.file)) return exported;
  const config = objectOf(ts, source, exported);
  const services = config && propertyOf(ts, config, "services");
  const list = services && follow(ts, source, services);
  return list && ts.isArrayLiteralExpression(list)
    ? follow(ts, source, list.elements[place.service] ?? list)
    : exported;
}

function objectOf(ts: Ts, source: TypeScript.SourceFile, node: Node): TypeScript.ObjectLiteralExpression | undefined {
  const followed = follow(ts, source, node);
  if (ts.isObjectLiteralExpression(followed)) return followed;
  if (!ts.isCallExpression(followed)) return undefined;
  // defineService({...}), or a team's goService("name", {...}): the object among the arguments.
  return followed.arguments.map((argument) => follow(ts, source, argument)).find(ts.isObjectLiteralExpression);
}

function propertyOf(ts: Ts, object: TypeScript.ObjectLiteralExpression, name: string): Node | undefined {
  const property = object.properties.find(
    (p) =>
      p.name &&
      (ts.isIdentifier(p.name) || ts.isStringLiteralLike(p.name) || ts.isNumericLiteral(p.name)) &&
      p.name.text === name,
  );
  if (!property) return undefined;
  return ts.isPropertyAssignment(property)
    ? property.initializer
    : ts.isShorthandPropertyAssignment(property)
      ? property.name
      : property;
}

/** Walks down the path as far as the literals go. A property is pointed at by its name, an element by itself. */
function descend(ts: Ts, source: TypeScript.SourceFile, root: Node, path: PropertyPath): Node {
  let pointed: Node = root;
  let current: Node = root;
  for (const step of path) {
    const next = child(ts, source, current, step);
    if (!next) break;
    pointed = ts.isPropertyAssignment(next.parent) && next.parent.initializer === next ? next.parent.name : next;
    current = next;
  }
  return pointed;
}

function child(ts: Ts, source: TypeScript.SourceFile, node: Node, step: string | number): Node | undefined {
  const followed = follow(ts, source, node);
  if (typeof step === "string") {
    const object = objectOf(ts, source, followed);
    return object && propertyOf(ts, object, step);
  }
  const list = ts.isCallExpression(followed)
    ? (followed.arguments.find(ts.isArrayLiteralExpression) ?? followed)
    : followed;
  return ts.isArrayLiteralExpression(list) ? list.elements[step] : undefined;
}
