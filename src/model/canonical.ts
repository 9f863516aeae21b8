/**
 * A text that tells a declared value from every other that could be declared differently; undefined when there is none,
 * since the value holds what has no text of its own: a function, an instance of a class, a symbol of somebody else's.
 */
export function canonicalText(declared: unknown): string | undefined {
  // What JSON has no form for, with the place where it stands in the order of the text.
  const marks: string[] = [];
  let place = 0;
  const replace = function (this: Readonly<Record<string, unknown>>, key: string, given: unknown): unknown {
    const value = this[key];
    place++;
    // `toJSON` would hide what it stands for.
    if (value !== given) throw new NoText();
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) return value;
    if (value === undefined) {
      marks.push(`${place} undefined`);
      return null;
    }
    if (typeof value !== "object") throw new NoText();
    const brands = Object.getOwnPropertySymbols(value);
    if (brands.length === 0 && isPlain(value)) return value;
    const [brand] = brands;
    const name = brand && Symbol.keyFor(brand);
    if (!brand || name === undefined || brands.length > 1 || Object.getOwnPropertyNames(value).length > 0)
      throw new NoText();
    marks.push(`${place} ${name}`);
    return { branded: (value as Readonly<Record<symbol, unknown>>)[brand] };
  };
  try {
    const text = JSON.stringify([declared], replace);
    return `${text}\n${marks.join("\n")}`;
  } catch {
    // That, a value that contains itself, or a getter that throws.
    return undefined;
  }
}

/** A value has no text. */
class NoText extends Error {}

/** Nothing is inherited, hidden from enumeration, left out of an array or put onto one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const own = Object.getOwnPropertyNames(value).length;
  if (Array.isArray(value)) return prototype === Array.prototype && own === value.length + 1;
  return prototype === Object.prototype && own === Object.keys(value).length;
}
