/** Values of the model back to what a declaration holds: the reverse of lowering them. */
import {
  call,
  commented,
  concat,
  type Field,
  glob,
  ident,
  isPairs,
  needsPairs,
  select,
  stamp,
  starlark,
} from "../model/index.ts";
import type { DictEntry, Item, StarlarkArgument, StarlarkValue } from "../starlark/index.ts";

/** What stands in the declaration for a value and its comments. */
export function declareItem({ value, comments }: Item): unknown {
  return withComments(declareValue(value), comments);
}

/** A declared value with comments around it. */
export function withComments(declared: unknown, comments: Item["comments"]): unknown {
  return comments.reduceRight((inner, { text, place }) => commented(inner, text, { place }), declared);
}

/** What stands in the declaration for an attribute: like {@link declareItem}, with stamps where it has some. */
export function declareField(field: Field): unknown {
  const { value, comments, stamped } = field;
  if (!stamped) return declareItem(field);
  const declareAt = (item: Item, index: number): unknown => {
    const found = stamped.find((one) => one.index === index);
    if (!found) return declareItem(item);
    const { key, fallback, prefix, suffix } = found;
    const around = { ...(prefix !== "" && { prefix }), ...(suffix !== "" && { suffix }) };
    return withComments(stamp(key, { fallback, ...around }), item.comments);
  };
  if (value.kind === "list") return withComments(value.items.map(declareAt), comments);
  if (value.kind !== "dict") return withComments(declareAt({ value, comments: [] }, 0), comments);
  return withComments(asDict(value.entries.map((entry, index) => [keyOf(entry), declareAt(entry, index)])), comments);
}

/** What stands in the declaration for a value. */
export function declareValue(value: StarlarkValue): unknown {
  switch (value.kind) {
    case "string":
    case "number":
    case "boolean":
      return value.value;
    case "none":
      return null;
    case "list":
      return declareList(value.items);
    case "dict":
      return declareEntries(value.entries);
    case "identifier":
      return ident(value.name, fromOf(value));
    case "call":
      return declareGlob(value) ?? declareCall(value);
    case "select": {
      const branches = declareEntries(value.branches);
      return select(branches, value.noMatchError === undefined ? {} : { noMatchError: value.noMatchError });
    }
    case "sum":
      return concat(...value.operands.map(declareValue));
    case "expression":
      return declareText(value.parts);
  }
}

function fromOf({ load }: { readonly load?: { readonly from: string } }): { readonly from?: string } {
  return load ? { from: load.from } : {};
}

/** A list of lists that would be taken for a dictionary is written as text around its items. */
function declareList(items: readonly Item[]): unknown {
  const declared = items.map(declareItem);
  if (!isPairs(declared)) return declared;
  return declareText(["[", ...items.flatMap(({ value }, index) => (index === 0 ? [value] : [", ", value])), "]"]);
}

type Declared = Readonly<Record<string, unknown>>;

function declareEntries(entries: readonly DictEntry[]): Declared | readonly (readonly [string, unknown])[] {
  return asDict(entries.map((entry) => [keyOf(entry), declareItem(entry)]));
}

function asDict(pairs: readonly (readonly [string, unknown])[]): Declared | readonly (readonly [string, unknown])[] {
  return needsPairs(pairs.map(([key]) => key)) ? pairs : Object.fromEntries(pairs);
}

function keyOf({ key }: DictEntry): string {
  return key.kind === "string" ? key.value : "";
}

function declareCall(value: StarlarkValue & { kind: "call" }): unknown {
  const positional = value.args.filter(({ name }) => name === undefined).map(declareItem);
  const named = value.args.flatMap((argument) =>
    argument.name === undefined ? [] : [[argument.name, declareItem(argument)] as const],
  );
  return call(value.callee, positional, Object.fromEntries(named), fromOf(value));
}

/** `glob` of plain patterns has a helper of its own; any other is a call. */
function declareGlob(value: StarlarkValue & { kind: "call" }): unknown {
  const [include, ...named] = value.args;
  if (value.callee !== "glob" || value.load || include?.name !== undefined) return undefined;
  const patterns = plainStrings(include);
  const options = named.map(globOption);
  if (!patterns || options.includes(undefined)) return undefined;
  return glob(patterns, Object.assign({}, ...options));
}

function globOption(argument: StarlarkArgument): object | undefined {
  if (argument.name === "exclude") {
    const exclude = plainStrings(argument);
    return exclude && { exclude };
  }
  const isFlag = argument.name === "allow_empty" && argument.value.kind === "boolean" && argument.comments.length === 0;
  return isFlag ? { allowEmpty: (argument.value as { readonly value: boolean }).value } : undefined;
}

function plainStrings(item: Item | undefined): readonly string[] | undefined {
  if (item?.value.kind !== "list" || item.comments.length > 0) return undefined;
  const texts = item.value.items.flatMap(({ value, comments }) =>
    value.kind === "string" && comments.length === 0 ? [value.value] : [],
  );
  return texts.length === item.value.items.length ? texts : undefined;
}

function declareText(parts: readonly (string | StarlarkValue)[]): unknown {
  const texts = [""];
  const values: unknown[] = [];
  for (const part of parts) {
    if (typeof part === "string") texts[texts.length - 1] += part;
    else {
      values.push(declareValue(part));
      texts.push("");
    }
  }
  return starlark(Object.assign([...texts], { raw: texts }), ...values);
}
