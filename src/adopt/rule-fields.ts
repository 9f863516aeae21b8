/** What is asked of a found rule again and again. */
import { configFile, type Field } from "../model/index.ts";
import type { FoundRule } from "./find-rules.ts";

/** The attribute of that name. */
export function fieldOf(rule: FoundRule, name: string): Field | undefined {
  return rule.fields.find((field) => field.name === name);
}

/** The image that the rule names by a plain string. */
export function labelOf(rule: FoundRule): string | undefined {
  const image = fieldOf(rule, "image")?.value;
  return image?.kind === "string" ? image.value : undefined;
}

/** Reports whether a test has the tar driver. */
export function isTarTest(rule: FoundRule): boolean {
  const driver = fieldOf(rule, "driver")?.value;
  return driver?.kind === "string" && driver.value === "tar";
}

/**
 * The config of a test that could be typed tests: the first one named, when it lies in the package. It stays a file when
 * typed tests would be written elsewhere, or when a comment would get lost.
 */
export function ownConfig(rule: FoundRule): { readonly name: string; readonly reason?: string } | undefined {
  const configs = fieldOf(rule, "configs");
  const first = configs?.value.kind === "list" ? configs.value.items[0] : undefined;
  if (!configs || first?.value.kind !== "string" || /^(?:@|\/\/)/.test(first.value.value)) return undefined;
  const { value: label } = first.value;
  const name = label.replace(/^:/, "");
  const wanted = configFile(rule.name);
  if (label !== wanted) return { name, reason: `typed tests of "${rule.name}" are written to ${wanted}` };
  const hasComment = configs.comments.length > 0 || first.comments.length > 0;
  return hasComment ? { name, reason: "a comment stands at its name" } : { name };
}
