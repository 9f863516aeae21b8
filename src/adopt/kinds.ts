/** Which symbols of a repository stand for which kinds: the rulesets', the config's `loads`, or what most files load. */
import { absoluteLabel, fileLabel } from "../bazel/index.ts";
import type { Config, LoadSwap } from "../model/index.ts";
import { emittedKinds, swapOf } from "../pipeline/index.ts";
import { bindingsOf, isInside } from "../pipeline/merge/index.ts";
import { alternativesOf, type KindFacts, type Rulesets } from "../rulesets/index.ts";
import type { BuildFile, KindOf, KnownKind } from "./find-rules.ts";

/** What the generations of rules_oci call the rule that loads an image. */
const loadKinds = ["oci_tarball", "oci_load"] as const;

/** The function that makes a short repository whole; `loads` names it like a kind. */
const repositoryFunction = "image_repository";

/** Kinds of the rulesets that belong to images and that nothing declares. */
const unmodelled: ReadonlySet<string> = new Set(["oci_image_index"]);

/** Reports whether a label is the ruleset's own for a kind; both names of the load rule lie in one file. */
function isOwnLabel(kind: string, label: string, rulesets: Rulesets): boolean {
  const names = (loadKinds as readonly string[]).includes(kind) ? loadKinds : [kind];
  return names.some((name) => ownLabels(name, rulesets).includes(label));
}

/** The labels from which a ruleset's own kind may be loaded. */
function ownLabels(kind: string, rulesets: Rulesets): readonly string[] {
  return Object.values(rulesets).flatMap(({ chosen }) => {
    const facts = chosen.facts.rules[kind];
    return facts ? labelsOf(facts) : [];
  });
}

/** The labels from which a rule of a ruleset may be loaded, in their absolute form. */
function labelsOf(facts: KindFacts): readonly string[] {
  return facts.load ? [facts.load, ...alternativesOf(facts)].map(absolute) : [];
}

function absolute(label: string): string {
  return absoluteLabel(label, "") ?? label;
}

/**
 * The kinds that the files of a repository load from elsewhere than their ruleset: what `loads` should say. A kind that is
 * `settled` (the config names it, or declared services use it) stays as it is; any other comes from where most of its
 * rules come from.
 */
export function deduceLoads(
  builds: readonly BuildFile[],
  rulesets: Rulesets,
  settled: ReadonlySet<string>,
  { files }: Pick<Config, "files">,
): ReadonlyMap<string, LoadSwap> {
  const counts = new Map<string, Map<string, number>>();
  const count = (kind: string, source: string) => {
    const ofKind = counts.get(kind) ?? new Map<string, number>();
    counts.set(kind, ofKind.set(source, (ofKind.get(source) ?? 0) + 1));
  };
  for (const { path, file, region } of builds) {
    const bindings = new Map(bindingsOf(file, path).map((binding) => [binding.local, binding]));
    const repository = bindings.get(repositoryFunction);
    if (repository?.symbol === repositoryFunction)
      count(
        repositoryFunction,
        repository.label === fileLabel(files.defs) ? "" : `${repository.label} ${repository.symbol}`,
      );
    for (const statement of file.statements) {
      if (statement.kind !== "call" || isInside(region, statement)) continue;
      const binding = bindings.get(statement.call.callee);
      const kind = binding && modelledKind(binding.symbol, rulesets);
      if (!binding || kind === undefined) continue;
      const isOwn = isOwnLabel(kind, binding.label, rulesets);
      count(kind, isOwn ? "" : `${binding.label} ${binding.symbol}`);
    }
  }
  const swaps = [...counts].flatMap(([kind, sources]): [string, LoadSwap][] => {
    if (settled.has(kind)) return [];
    const [most = ""] = [...sources].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
    const [from, symbol] = most.split(" ");
    return from && symbol ? [[kind, { from, symbol }]] : [];
  });
  return new Map(swaps.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The kind that a symbol of that name is, wherever it comes from; both names of the load rule are the one of the ruleset. */
function modelledKind(symbol: string, rulesets: Rulesets): string | undefined {
  if ((loadKinds as readonly string[]).includes(symbol)) return rulesets.oci.loadKind;
  return emittedKinds(rulesets).find((kind) => kind === symbol);
}

/** Makes the look-up for the rulesets and the `loads` of a config. */
export function kindsBy(rulesets: Rulesets, loads: ReadonlyMap<string, LoadSwap>): KindOf {
  const kinds = emittedKinds(rulesets);
  const swaps = kinds.flatMap((kind) => {
    const swap = swapOf(kind, loads);
    return swap ? [{ kind, symbol: swap.symbol, from: absolute(swap.from) }] : [];
  });
  const partLabels = new Map(
    [rulesets.lib, rulesets.go].flatMap(({ chosen }) =>
      Object.entries(chosen.facts.rules).map(([kind, facts]) => [kind, labelsOf(facts)]),
    ),
  );
  return (symbol, from) => {
    const swap = swaps.find((one) => one.symbol === symbol && (from === undefined || one.from === from));
    if (swap) return { kind: swap.kind };
    if (from !== undefined && partLabels.get(symbol)?.includes(from)) return { kind: symbol, isPart: true };
    if (unmodelled.has(symbol)) return { kind: symbol, problem: { code: "import-kind", args: {} } };
    const kind = modelledKind(symbol, rulesets);
    return kind === undefined ? undefined : judge(symbol, kind, from);
  };

  function judge(symbol: string, kind: string, from: string | undefined): KnownKind {
    const chosen = swaps.find((one) => one.kind === kind);
    const isOwn = from === undefined || isOwnLabel(kind, from, rulesets);
    if (!chosen && isOwn && symbol === kind) return { kind };
    if (!chosen && isOwn) {
      const { name, version } = rulesets.oci.chosen;
      const other = symbol === "oci_tarball" ? "rules_oci@1" : "rules_oci@2";
      const args = { ruleset: `${name} ${version}`, kind: symbol, other };
      return { kind, problem: { code: "import-kind-version", args } };
    }
    const args = {
      kind,
      from: from ?? "nowhere",
      chosen: chosen?.from ?? ownLabels(kind, rulesets)[0] ?? "its ruleset",
    };
    return { kind, problem: { code: "import-load", args } };
  }
}
