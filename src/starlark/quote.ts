/**
 * The one function that quotes strings. Bazel's Starlark takes `\n`, `\r`, `\t`, `\\`, `\"` and octal escapes, and
 * refuses `\x41`, `\u0041`, `\a` and `\b` (tried on Bazel 4.2.3), so other control characters become octal.
 */
export function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : `"${text.replace(needsEscape, escapeCharacter)}"`;
}

/** Reports whether half of a surrogate pair stands alone; such a string has no UTF-8. */
export function hasLoneSurrogate(text: string): boolean {
  return loneSurrogate.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped here
const needsEscape = /["\\\u0000-\u001f\u007f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same characters
const plain = /^[^"\\\u0000-\u001f\u007f]*$/;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

function escapeCharacter(character: string): string {
  return named[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
