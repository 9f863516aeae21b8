import type { Tree } from "../support/run.ts";

/**
 * A tree that a user could have sent, with something wrong in it. `‸` stands before every place that a diagnostic has to
 * point at; it is taken out before the file is written. Nothing else may be reported.
 */
export interface BadInput {
  /** What is wrong, when the code alone does not say it. */
  readonly why?: string;
  readonly code: string;
  readonly files: Tree;
  /** Diagnostics that come without a place. */
  readonly placeless?: number;
  /** Places in files that are not there as texts. */
  readonly elsewhere?: readonly string[];
  readonly severity?: "warning";
  /** 2 for errors and 0 for warnings, unless set. */
  readonly exit?: number;
  readonly argv?: readonly string[];
  /** Folders that stand where files should. */
  readonly folders?: readonly string[];
  /** Links by path, with their targets; `<outside>` is a folder outside the root. */
  readonly links?: Readonly<Record<string, string>>;
  /** A part of what is said: of the message, the frame or the hint. */
  readonly says?: string;
}

const library = `import { append, call, commented, concat, glob, ident, select, stamp, starlark } from "gen-bazel-images";`;

export const digest = `sha256:${"1".repeat(64)}`;

const properties = {
  rulesets: `{ oci: "rules_oci@1.8.0", pkg: "rules_pkg@0.7.0" }`,
  bases: `{ debian: { image: "index.docker.io/library/debian", tag: "stable", digest: "${digest}" } }`,
  services: `["app/*.image.ts"]`,
};

/** A config in which nothing is wrong but what `changes` says, one property a line; the text of a property, or none. */
export function configWith(changes: Readonly<Record<string, string | undefined>>): string {
  const kept = Object.entries(properties).filter(([key]) => !(`‸${key}` in changes));
  const all: Readonly<Record<string, string | undefined>> = { ...Object.fromEntries(kept), ...changes };
  const lines = Object.entries(all).map(([key, text]) => (text === undefined ? "" : `  ${key}: ${text},\n`));
  return `${library}\nexport default {\n${lines.join("")}};\n`;
}

/** Files in which nothing is wrong but what the body of the one service says. */
export function serviceWith(body: string, config: Readonly<Record<string, string | undefined>> = {}): Tree {
  return {
    "bazel-images.config.ts": configWith(config),
    "app/app.image.ts":
      `${library}\nexport default ‸service({\n  name: "app",\n  ${body}\n});\nfunction service(it) {\n  return it;\n}\n`.replace(
        body.includes("§") ? "" : "‸",
        "",
      ),
  };
}

/** The one service, without anything wrong. */
export const goodService = serviceWith(`base: "debian",`)["app/app.image.ts"] ?? "";

/** A config with something wrong and a service without. */
export function config(changes: Readonly<Record<string, string | undefined>>): Tree {
  return { "bazel-images.config.ts": configWith(changes), "app/app.image.ts": goodService };
}

/** A service with something wrong in its body, which follows the name; `§` in it means that the whole service is the place. */
export function service(body: string, changes: Readonly<Record<string, string | undefined>> = {}): Tree {
  const files = serviceWith(body, changes);
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace("§", "")]));
}
