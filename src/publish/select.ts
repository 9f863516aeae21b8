import { type Diagnostic, diagnostic, type Place } from "../diagnostics/index.ts";
import { parseImageReference } from "../model/image-reference.ts";
import { isWholeRepository } from "../model/index.ts";
import type { DeclaredPush } from "./declared.ts";
import type { QueriedRule } from "./query.ts";

/** A target to push. */
export interface PushTarget {
  readonly label: string;
  /** Undefined for a target outside our regions. */
  readonly service?: string;
  /** Where the rule pushes to; undefined when a file says so. */
  readonly repository?: string;
  /** The target whose file says where the rule pushes to. */
  readonly repositoryLabel?: string;
  /** What follows a registry of `--registry`; undefined when the rule names no repository. */
  readonly imageName?: string;
  /** The target whose file holds the tags. */
  readonly tagsLabel?: string;
  /** The target whose file holds the image's digest, when the ruleset has one. */
  readonly digestLabel?: string;
  readonly place?: Place;
}

/** What to select by. */
export interface SelectOptions {
  /** Kinds of rules that push. */
  readonly kinds: readonly string[];
  /** Pushes targets outside our regions too. */
  readonly unmanaged: boolean;
  /** The packages of a narrowed run; undefined for all. */
  readonly packages?: ReadonlySet<string>;
  /** Every push target that is declared, of whatever stage. */
  readonly ours: ReadonlySet<string>;
  /** Packages that we leave alone, so that Bazel need not know their targets. */
  readonly ignored: ReadonlySet<string>;
  readonly repositoryPrefix?: string;
}

/** What to push, and what only one side knows. */
export interface Selection {
  readonly targets: readonly PushTarget[];
  /** Push targets that no declaration wants, whether pushed or not. */
  readonly unmanaged: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Puts what is declared beside what Bazel has. A declared target that Bazel does not have is an error: its image would silently stay behind. */
export function selectTargets(
  declared: readonly DeclaredPush[],
  rules: readonly QueriedRule[],
  options: SelectOptions,
): Selection {
  const known = new Map(rules.map((rule) => [rule.label, rule]));
  const missing = declared.filter(({ label, package: pkg }) => !known.has(label) && !options.ignored.has(pkg));
  const foreign = rules
    .filter(({ kind, label }) => options.kinds.includes(kind) && !options.ours.has(label))
    .filter(({ label }) => options.packages === undefined || options.packages.has(packageOf(label)));
  const managed = declared.flatMap((push) => {
    const rule = known.get(push.label);
    return rule ? [targetOf(rule, known, options.repositoryPrefix, push)] : [];
  });
  const extra = options.unmanaged ? foreign.map((rule) => targetOf(rule, known, options.repositoryPrefix)) : [];
  const unmanaged = foreign.map(({ label }) => label).sort();
  return {
    targets: [...managed, ...extra].sort((a, b) => (a.label < b.label ? -1 : 1)),
    unmanaged,
    diagnostics: [
      ...missing.map(({ label, package: pkg, place }) =>
        diagnostic("push-not-in-bazel", { target: label, package: pkg === "" ? "." : pkg }, place),
      ),
      ...(unmanaged.length > 0 && !options.unmanaged
        ? [diagnostic("push-unmanaged", { count: unmanaged.length, targets: shortened(unmanaged) })]
        : []),
    ],
  };
}

const most = 10;

function shortened(labels: readonly string[]): string {
  const more = labels.length > most ? ` and ${labels.length - most} more` : "";
  return `${labels.slice(0, most).join(", ")}${more}`;
}

function packageOf(label: string): string {
  return label.slice(2).split(":")[0] ?? "";
}

function targetOf(
  rule: QueriedRule,
  known: ReadonlyMap<string, QueriedRule>,
  prefix: string | undefined,
  declared?: DeclaredPush,
): PushTarget {
  const digestLabel = `${rule.attributes.get("image") ?? ""}.digest`;
  const tagsLabel = rule.attributes.get("remote_tags");
  const repositoryLabel = rule.attributes.get("repository_file");
  const repository = rule.attributes.get("repository") ?? wholeRepository(declared?.repository, prefix);
  const imageName = imageNameOf(declared?.repository ?? repository, prefix);
  return {
    label: rule.label,
    ...(declared && { service: declared.service, place: declared.place }),
    ...(repository !== undefined && { repository }),
    ...(repositoryLabel !== undefined && { repositoryLabel }),
    ...(imageName !== undefined && { imageName }),
    ...(tagsLabel !== undefined && { tagsLabel }),
    ...(known.has(digestLabel) && { digestLabel }),
  };
}

function wholeRepository(repository: string | undefined, prefix: string | undefined): string | undefined {
  if (repository === undefined || isWholeRepository(repository)) return repository;
  return prefix === undefined ? undefined : `${prefix}/${repository}`;
}

/** The name below a registry: a short name as declared, a whole one without the prefix of the config or without its registry. */
function imageNameOf(repository: string | undefined, prefix: string | undefined): string | undefined {
  if (repository === undefined) return undefined;
  if (prefix !== undefined && repository.startsWith(`${prefix}/`)) return repository.slice(prefix.length + 1);
  if (!isWholeRepository(repository)) return repository;
  const reference = parseImageReference(repository);
  return "problem" in reference ? undefined : reference.repository;
}
