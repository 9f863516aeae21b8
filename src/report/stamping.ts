import type { GoLibraryAdvice } from "../pipeline/index.ts";
import type { Colours } from "./text.ts";

/** How a repository is set up for stamping, and what its services use of it. */
export interface StampingReport {
  /** Lines that `.bazelrc` lacks. */
  readonly bazelrc: readonly string[];
  /** Configurations that stamp; "" is every build. */
  readonly configs: readonly string[];
  /** The program that gives the values, as a path from the root; undefined where `.bazelrc` has a command line instead. */
  readonly script?: { readonly path: string; readonly present: boolean; readonly executable: boolean };
  /** Keys that stamps and `goStamps` name. */
  readonly keys: readonly string[];
  /** Those of them that the script does not name. */
  readonly unknownKeys: readonly string[];
  /** The config has `goStamps`. */
  readonly goStamps: boolean;
  readonly goLibraries: readonly GoLibraryAdvice[];
}

/** Says what stamping needs, with lines that can be pasted. */
export function printStamping(report: StampingReport, c: Colours): string {
  const lines = [...setUpLines(report, c), ...goLines(report, c)];
  return `${c.bold("stamping")}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function setUpLines({ bazelrc, configs, script, keys, unknownKeys }: StampingReport, c: Colours): readonly string[] {
  const missing = script && !script.present;
  if (missing && keys.length + configs.length === 0)
    return ["not set up, and nothing asks for it; npx gen-bazel-images init --stamping does"];
  const blocked = script?.present && !script.executable;
  const lines = [
    ...(missing ? [`${c.red("missing:")} ${script.path}; npx gen-bazel-images init --stamping writes it`] : []),
    ...(blocked ? [`${c.red("not executable:")} chmod +x ${script.path}`] : []),
    ...(bazelrc.length > 0 ? ["add to .bazelrc:", ...bazelrc.map((line) => `  ${line}`)] : []),
    ...unknownKeys.map(
      (key) => `${c.red("no value:")} ${script?.path} does not name ${key}: a stamped build leaves {{${key}}}`,
    ),
  ];
  if (configs.includes(""))
    return [
      ...lines,
      `${c.yellow("every build stamps:")} .bazelrc has --stamp without a configuration, so each commit rebuilds`,
    ];
  return lines.length > 0 ? lines : [`${c.green("set up:")} bazel build --config=${configs[0]} stamps`];
}

function goLines({ goStamps, goLibraries }: StampingReport, c: Colours): readonly string[] {
  if (goLibraries.length === 0) return [];
  if (!goStamps)
    return [
      `Go binaries in layers: ${goLibraries.length}; to stamp them, name their variables in the config:`,
      '  goStamps: { "example.com/app/internal/version.version": "STABLE_VERSION" }',
    ];
  const lacking = goLibraries.filter((library) => library.lacking.length > 0);
  if (lacking.length === 0) return [`${c.green("x_defs:")} in all ${goLibraries.length} Go libraries of services`];
  return lacking.flatMap((library) => libraryLines(library, c));
}

function libraryLines({ label, file, services, lacking, opaque }: GoLibraryAdvice, c: Colours): readonly string[] {
  const of = `of ${services.join(", ")}`;
  if (opaque)
    return [
      `${label} (${of}): its x_defs are an expression; see that they hold ${lacking.map(([name]) => name).join(", ")}`,
    ];
  return [
    `${c.red("x_defs lack:")} ${label} (${of}); add in ${file}:`,
    "  x_defs = {",
    // Single braces, and no text for unstamped builds: rules_go leaves the key as it is.
    ...lacking.map(([name, key]) => `      ${JSON.stringify(name)}: "{${key}}",`),
    "  },",
    `  or: buildozer ${lacking.map(([name, key]) => `'dict_set x_defs ${name}:{${key}}'`).join(" ")} ${label}`,
  ];
}
