import { appendOf, commentedOf, concat, expressionOf, isPairs } from "../../model/index.ts";
import { type Declared, isObject } from "./report.ts";

const partLists: ReadonlySet<string> = new Set(["load", "test", "push"]);

/**
 * A service with its defaults folded in: scalars and lists of the service replace, `append([...])` goes behind the
 * defaults' list, dictionaries merge with the defaults' keys first. Each object of a `load`, `test` or `push` array takes
 * the defaults of that part.
 */
export function mergeDefaults(service: Declared, defaults: Declared): Declared {
  if (Object.keys(defaults).length === 0 && !Object.values(service).some(isAppended)) return service;
  const keys = [...new Set([...Object.keys(defaults), ...Object.keys(service)])];
  return Object.fromEntries(keys.map((key) => [key, mergeKey(key, service[key], defaults[key])]));
}

/** Without defaults only `append` still has to be unwrapped: around a value, or around a part of a list. */
function isAppended(value: unknown): boolean {
  return appendOf(value) !== undefined || (Array.isArray(value) && value.some((part) => appendOf(part) !== undefined));
}

function mergeKey(key: string, own: unknown, given: unknown): unknown {
  if (partLists.has(key) && Array.isArray(own) && !Array.isArray(given))
    return own.map((part) => mergeValue(part, given || undefined));
  return mergeValue(own, given);
}

function mergeValue(own: unknown, given: unknown): unknown {
  if (own === undefined) return given;
  const appended = appendOf(own);
  if (appended) return mergeList(appended, given);
  const [ownEntries, givenEntries] = [entriesOf(own), given === undefined ? [] : entriesOf(given)];
  if (!ownEntries || !givenEntries) return own;
  const merged = mergeEntries(ownEntries, givenEntries);
  // Pairs stay pairs: an object would lose the order that they were written for.
  return Array.isArray(own) || Array.isArray(given) ? merged : Object.fromEntries(merged);
}

function mergeList(appended: readonly unknown[], given: unknown): unknown {
  const before = given === undefined ? [] : (appendOf(given) ?? given);
  return Array.isArray(before) ? [...before, ...appended] : concat(before, appended);
}

type Entries = readonly (readonly [string, unknown])[];

function entriesOf(value: unknown): Entries | undefined {
  if (expressionOf(value) || commentedOf(value)) return undefined;
  if (isObject(value) && Object.getPrototypeOf(value) === Object.prototype) return Object.entries(value);
  return Array.isArray(value) && isPairs(value) ? value : undefined;
}

function mergeEntries(own: Entries, given: Entries): Entries {
  const mine = new Map(own);
  const inherited = given.map(
    ([key, value]) => [key, mine.has(key) ? mergeValue(mine.get(key), value) : value] as const,
  );
  const keys = new Set(given.map(([key]) => key));
  return [...inherited, ...own.filter(([key]) => !keys.has(key))];
}
