import { basename } from "node:path";
import {
  type AdoptedPackage,
  type Adoption,
  adoptFiles,
  editConfig,
  linesOf,
  printConfig,
  printServices,
  type Survey,
  surveyRepository,
} from "../adopt/index.ts";
import { at, type Diagnostic, diagnostic, hasErrors } from "../diagnostics/index.ts";
import { type Change, declareProject, printDiff, reviewChange } from "../pipeline/index.ts";
import { colours, messageOf, printChanges, reportOf } from "../report/index.ts";
import type { Shell } from "../shell/index.ts";
import { starlarkReader } from "../shell/starlark.ts";
import { paintDiff } from "./diff.ts";
import {
  type ExitCode,
  exitCodeOf,
  locateAll,
  type OutputOptions,
  printFindings,
  withProgress,
  writeChanges,
} from "./finish.ts";
import {
  newGlobs,
  openExisting,
  placeDeclaration,
  readConcerned,
  readTree,
  rootFor,
  select,
  startOf,
} from "./import-gather.ts";
import { housekeeping } from "./init.ts";
import { type CommonOptions, portsFor, readForFrame } from "./workspace.ts";

/** What the user asked for besides packages. */
export interface ImportOptions {
  /** Show what would be written, and write nothing. */
  readonly dryRun: boolean;
}

/** What an import would do, with the declarations and the config. */
interface Import {
  readonly packages: readonly AdoptedPackage[];
  readonly changes: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
}

const nothing = { packages: [], changes: [] };

/** Reads the BUILD files that are there and writes the declarations which regenerate them. */
export async function importRules(
  options: CommonOptions,
  output: OutputOptions,
  { dryRun }: ImportOptions,
  shell: Shell,
): Promise<ExitCode> {
  const root = rootFor(options, shell);
  const { packages, changes, diagnostics } =
    root === undefined
      ? { ...nothing, diagnostics: [diagnostic("import-no-workspace", { cwd: startOf(options, shell) })] }
      : await withProgress(shell, () => planImport(root, options, dryRun, shell));
  const place = root ?? startOf(options, shell);
  const changed = changes.filter(({ kind }) => kind !== "same");
  const failed = dryRun ? [] : await writeChanges(place, changed);
  const found = [...diagnostics, ...failed];
  if (output.format === "json") {
    const report = { changes: changed, diagnostics: await locateAll(found, place) };
    shell.out(`${JSON.stringify({ packages: packages.map(describe), ...reportOf(report) }, null, 2)}\n`);
    return exitCodeOf(found);
  }
  await printFindings(place, found, [], "npx gen-bazel-images import", output, shell);
  if (failed.length > 0 || (packages.length === 0 && hasErrors(found))) return exitCodeOf(found);
  const c = colours(output.color ?? shell.isTerminal);
  if (dryRun) for (const change of changed) shell.out(`${paintDiff(printDiff(change), c)}`);
  else shell.out(printChanges(changed, "generate", c));
  shell.out(`${c.dim(summary(packages, found, dryRun))}\n`);
  return exitCodeOf(found);
}

function describe({ package: pkg, path, declaration, rules, services, attributes }: AdoptedPackage) {
  return { package: pkg, path, declaration, services: services.map(({ name }) => name), rules, attributes };
}

function summary(packages: readonly AdoptedPackage[], found: readonly Diagnostic[], dryRun: boolean): string {
  const remaining = found.filter(
    ({ code, args }) => code.startsWith("import-") && args["what"] !== undefined && code !== "import-test-config",
  ).length;
  const rest =
    remaining === 0 ? "" : `; ${count(remaining, "rule")} ${remaining === 1 ? "stays" : "stay"} hand-written`;
  if (packages.length === 0) return `nothing to import${rest}`;
  const sum = (of: (one: AdoptedPackage) => number) => packages.reduce((total, one) => total + of(one), 0);
  const all = sum((one) => one.attributes.all);
  const typed = all - sum((one) => one.attributes.text);
  const verb = dryRun ? "would be imported" : "imported";
  return `${count(
    sum((one) => one.rules),
    "rule",
  )} of ${count(packages.length, "package")} ${verb}, ${typed} of ${count(all, "attribute")} typed${rest}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

async function planImport(root: string, options: CommonOptions, dryRun: boolean, shell: Shell): Promise<Import> {
  const opened = await openExisting(options, shell);
  if (hasErrors(opened.diagnostics)) return { ...nothing, diagnostics: opened.diagnostics };
  const { existing } = opened;
  const reader = await starlarkReader();
  const tree = readTree(root, reader, existing);
  const selected = select(tree.builds, options, startOf(options, shell), root);
  if (selected.unknown.length > 0) return { ...nothing, diagnostics: selected.unknown };
  const configFile = opened.file ?? "bazel-images.config.ts";
  const files = selected.builds.map((build) => placeDeclaration(build, root));
  const services = existing ? declareProject(existing.declared, existing.declarations, false).value.services : [];
  const surveyed = surveyRepository({
    configFile,
    existing: existing && { declared: existing.declared, services },
    builds: selected.builds,
    setup: tree.setup,
    globs: newGlobs(files, existing?.declared.globs ?? []),
    whole: options.targets.length === 0,
  });
  if (!surveyed.value) return { ...nothing, diagnostics: surveyed.diagnostics };
  const survey = surveyed.value;
  const { config } = survey.config;
  const adoption = await adoptFiles(
    {
      files,
      config: survey.config,
      declarations: existing?.declarations ?? [],
      whole: options.targets.length === 0,
      texts: readConcerned(root, files, config),
      instead: survey.instead,
      rootName: basename(root),
      links: tree.links,
      placesAfter: !dryRun,
      describe: messageOf,
    },
    portsFor(root, config),
  );
  const problems = tree.problems
    .filter(({ path }) => selected.isNamed(path) || tree.setup.has(path))
    .map((one) => one.diagnostic);
  const all = { ...adoption, diagnostics: [...problems, ...adoption.diagnostics] };
  return adoption.packages.length === 0 ? all : withSources(all, survey, configFile, root);
}

/** The declarations in front, so that a run that is killed half-way leaves nothing that another import could not finish. */
function withSources(adoption: Adoption, survey: Survey, configFile: string, root: string): Import {
  const declarations = adoption.packages
    .filter(({ services }) => services.length > 0)
    .map(({ declaration, services }) => reviewChange(declaration, undefined, printServices(services)));
  const config = configChange(survey, adoption, configFile, root);
  const diagnostics = [...survey.diagnostics, ...adoption.diagnostics];
  if (!("path" in config)) return { ...nothing, diagnostics: [config] };
  const around =
    survey.fresh === undefined
      ? []
      : housekeeping(root).map(({ path, text, before }) => reviewChange(path, before, text));
  return {
    packages: adoption.packages,
    changes: [...declarations, config, ...around, ...adoption.changes],
    diagnostics,
  };
}

function configChange(survey: Survey, { packages }: Adoption, path: string, root: string): Change | Diagnostic {
  const needsGlobs = packages.some(({ services }) => services.length > 0);
  const additions = needsGlobs ? survey.additions : { ...survey.additions, services: [] };
  if (survey.fresh) return reviewChange(path, undefined, printConfig(survey.fresh));
  const before = readForFrame(root)(path) ?? "";
  const after = editConfig(before, additions);
  if (after !== undefined) return reviewChange(path, before, after);
  return diagnostic("import-config", { file: path, lines: linesOf(additions) }, at(path));
}
