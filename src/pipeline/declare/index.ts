/**
 * First stage: user objects in, {@link Project} out. Folds defaults in, makes names, lowers values to Starlark and checks
 * shapes, each service by itself and then against each other. Does not know rulesets, files on disk or digests.
 */
import { folderOf } from "../../bazel/index.ts";
import { type Diagnostic, diagnostic, type Result } from "../../diagnostics/index.ts";
import type { Config, Origin, Project, Service } from "../../model/index.ts";
import { checkAcross } from "./across.ts";
import { declareConfig, servicesOf } from "./config.ts";
import { describe, isObject, reporterFor } from "./report.ts";
import { declareService } from "./service.ts";

export { allParts, pushedBy } from "./across.ts";
export { attributeName, knownKeys } from "./fields.ts";
export { namesAround } from "./service.ts";
export { type Property, type Shape, structureTestShapes } from "./structure-tests.ts";

/** What a declaration file exported. */
export interface DeclarationFile {
  /** Path from the root, with `/`. */
  readonly file: string;
  readonly exported: unknown;
}

/** The config as exported, and what is read off it before the declaration files are known. */
export interface DeclaredConfig {
  readonly config: Config;
  /** Globs of declaration files, relative to the root. */
  readonly globs: readonly string[];
  readonly inline: readonly { readonly service: unknown; readonly index: number }[];
  readonly defaults: unknown;
}

/** Reads the configuration off what the config file exports; undefined when that is no object. */
export function declareConfiguration(file: string, exported: unknown): Result<DeclaredConfig | undefined> {
  const diagnostics: Diagnostic[] = [];
  if (!isObject(exported)) {
    const code = exported === undefined ? "default-export-missing" : "default-export-wrong";
    const args = {
      file,
      helper: "defineConfig",
      expected: "an object (defineConfig({ ... }))",
      got: describe(exported),
    };
    return { value: undefined, diagnostics: [diagnostic(code, args, { kind: "property", file, path: [] })] };
  }
  const reporter = reporterFor({ file }, diagnostics);
  const config = declareConfig(exported, reporter);
  return { value: { config, ...servicesOf(exported, reporter), defaults: exported["defaults"] }, diagnostics };
}

/**
 * Declares every service of the config and the declaration files. `whole` is false for a narrowed run, which leaves
 * checks across packages to whole runs.
 */
export function declareProject(
  declared: DeclaredConfig,
  files: readonly DeclarationFile[],
  whole: boolean,
): Result<Project> {
  const diagnostics: Diagnostic[] = [];
  const { config, defaults } = declared;
  const baseNames = config.bases.map((base) => base.name);
  const declare = (
    service: unknown,
    origin: Origin,
    folder: string | undefined,
    path: readonly (string | number)[],
  ): readonly Service[] => {
    const reporter = reporterFor(origin, diagnostics);
    if (!isObject(service)) {
      const args = { file: origin.file, expected: "a service or an array of services", got: describe(service) };
      reporter.report("default-export-wrong", args, path);
      return [];
    }
    const value = declareService(service, { baseNames, defaults, folder }, reporter);
    return value ? [value] : [];
  };
  const inline = declared.inline.flatMap(({ service, index }) =>
    declare(service, { file: config.file, service: index }, undefined, []),
  );
  const filed = files.flatMap(({ file, exported }) => {
    if (exported === undefined) {
      diagnostics.push(
        diagnostic("default-export-missing", { file, helper: "defineService" }, { kind: "property", file, path: [] }),
      );
      return [];
    }
    const services: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
    return services.flatMap((service, index) => declare(service, { file, service: index }, folderOf(file), []));
  });
  const services = [...inline, ...filed].sort(byPackageAndName);
  diagnostics.push(...checkAcross(services, config, whole));
  return { value: { config, services }, diagnostics };
}

function byPackageAndName(a: Service, b: Service): number {
  return (
    compare(a.package, b.package) ||
    compare(a.name, b.name) ||
    compare(a.origin.file, b.origin.file) ||
    (a.origin.service ?? 0) - (b.origin.service ?? 0)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
