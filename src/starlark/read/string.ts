/**
 * Decodes a string literal the way Bazel does; undefined when Bazel refuses it, or when its value has no place in a
 * JavaScript string (octal escapes above 127 are bytes).
 *
 * - prefixes: none and `r`; Bazel has no `b`, `f` or `u`
 * - a carriage return before a newline does not count
 * - escapes: newline (nothing), `\\`, `\'`, `\"`, `\n`, `\r`, `\t`, one to three octal digits
 * - in a raw string a backslash stays, the character behind it too
 */
export function decodeString(literal: string): string | undefined {
  const match = /^(r?)("""|'''|"|')([\s\S]*)\2$/.exec(literal);
  if (!match) return undefined;
  const [, raw, , inner = ""] = match;
  const text = inner.replaceAll("\r\n", "\n");
  return raw === "r" ? text : unescapeText(text);
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  n: "\n",
  r: "\r",
  t: "\t",
};

function unescapeText(text: string): string | undefined {
  let known = true;
  const value = text.replace(/\\([0-7]{1,3}|[\s\S]|$)/g, (_, escaped: string) => {
    const octal = /^[0-7]/.test(escaped) ? Number.parseInt(escaped, 8) : undefined;
    const character = octal === undefined ? escapes[escaped] : octal < 128 ? String.fromCharCode(octal) : undefined;
    known &&= character !== undefined;
    return character ?? "";
  });
  return known ? value : undefined;
}
