/**
 * Packages that need no plan. What a run finds of a package follows from its declarations as evaluated, the config, its
 * files and this program; so when a run found nothing to do and nothing to say there, it need not look again until one of
 * these is another. Who remembers that, and by which key, is the caller's; here is what has to be known of such a package.
 */
import { folderOf, pathIn } from "../bazel/index.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/index.ts";
import { type Config, groupBy, type Project, type Service } from "../model/index.ts";
import { allParts, pushedBy } from "./declare/index.ts";
import type { Plan } from "./index.ts";
import type { Change } from "./review/index.ts";

/** What a package without a plan adds to what is said of all packages. */
export interface SettledFacts {
  /** Its files that we maintain, by path from the root. */
  readonly files: readonly string[];
  /** What its pushes write, each `repository:tag`. */
  readonly pushed: readonly string[];
  /** How many of its services have rules. */
  readonly services: number;
  /** The declaration files of its services; another one may export none. */
  readonly sources: readonly string[];
  /** What the guard of `--prune` counts as going from its regions, in every run. */
  readonly lost: number;
}

/** A package that needs no plan. */
export interface SettledPackage {
  readonly package: string;
  readonly facts: SettledFacts;
  /** Its files, as they stand and as they should be. */
  readonly changes: readonly Change[];
}

/**
 * The packages that a run found settled, by name. A diagnostic counts against the package of its file; with an error, or
 * one that belongs nowhere, nobody can tell.
 */
export function settledIn(
  { services, config }: Project,
  { changes, lost }: Pick<Plan, "changes" | "lost">,
  diagnostics: readonly Diagnostic[],
): ReadonlyMap<string, SettledFacts> | undefined {
  if (hasErrors(diagnostics) || diagnostics.some(({ place }) => !place)) return undefined;
  const troubled = new Set([
    ...diagnostics.flatMap(({ place }) => (place ? [folderOf(place.file)] : [])),
    ...changes.filter(({ kind }) => kind !== "same").map(({ path }) => folderOf(path)),
    ...services.flatMap(foldersAcross),
    // The file of an inline service is the config, which does not lie in its package.
    ...services.filter(({ origin }) => origin.file === config.file).map((service) => service.package),
  ]);
  const files = groupBy(changes, ({ path }) => folderOf(path));
  const packages = groupBy(services, (service) => service.package);
  return new Map(
    [...packages]
      .filter(([name]) => !troubled.has(name))
      .map(([name, own]) => {
        const paths = (files.get(name) ?? []).map(({ path }) => path);
        const ruled = own.filter((service) => allParts(service).length > 0);
        const facts = {
          files: paths,
          pushed: pushesOf(own, config),
          services: ruled.length,
          sources: [...new Set(own.map(({ origin }) => origin.file))],
          lost: lost.get(name) ?? 0,
        };
        return [name, facts] as const;
      }),
  );
}

/** The config of a test called `a/b` stands in another folder than its package, so neither is judged by itself. */
function foldersAcross(service: Service): readonly string[] {
  return service.tests.flatMap(({ config }) =>
    config?.file.includes("/") ? [service.package, folderOf(pathIn(service.package, config.file))] : [],
  );
}

function pushesOf(services: readonly Service[], config: Config): readonly string[] {
  return services.flatMap((service) => service.pushes.flatMap((push) => pushedBy(push, service.package, config)));
}

/** Reports whether a settled package writes what another one writes too: then somebody has to say so, and where. */
export function pushesOverlap(settled: readonly SettledPackage[], { services, config }: Project): boolean {
  const pushed = [...settled.flatMap(({ facts }) => facts.pushed), ...pushesOf(services, config)];
  return settled.length > 0 && new Set(pushed).size < pushed.length;
}
