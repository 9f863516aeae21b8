import { catalogue, type Diagnostic, InternalError } from "../diagnostics/index.ts";

/** The sentence of a diagnostic. */
export function messageOf({ code, args }: Diagnostic): string {
  return fill(catalogue[code].message, args);
}

/** The next step, with a command that can be pasted; a `hint` among the arguments replaces the catalogue's. */
export function hintOf({ code, args }: Diagnostic): string | undefined {
  const { hint } = catalogue[code];
  if (typeof args["hint"] === "string") return args["hint"];
  return hint === undefined ? undefined : fill(hint, args);
}

/** Puts arguments in; `{{` and `}}` stand for braces. */
function fill(text: string, args: Diagnostic["args"]): string {
  return text.replace(/\{\{|\}\}|\{(\w+)\}/g, (match, name: string | undefined) => {
    if (name === undefined) return match.charAt(0);
    const value = args[name];
    if (value === undefined) throw new InternalError(`the message "${text}" lacks the argument ${name}`);
    return String(value);
  });
}
