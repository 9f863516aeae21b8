/** What `pin` and `verify` decide once registries have answered. Pure: asks nobody, writes nothing. */
import { type Diagnostic, diagnostic, didYouMean, type Result } from "../diagnostics/index.ts";
import type { Base, Config, PinnedBase } from "../model/index.ts";
import { ociDeps, ociModule, type StarlarkOutput, type Templates } from "../outputs/index.ts";
import { chooseRulesets } from "../rulesets/index.ts";
import type { StoredPin } from "./digest/index.ts";

/** A base to ask a registry about. */
export interface PinRequest {
  readonly base: Base;
  /** The pin that a file has now. */
  readonly stored?: StoredPin;
  /** The tag to follow: the config's, else the file's, else `latest`. */
  readonly tag: string;
}

/** What a registry said about a base. */
export interface PinResult {
  readonly request: PinRequest;
  readonly digest: string;
  readonly kind: "index" | "manifest";
  /** As the index spells them. */
  readonly platforms: readonly string[];
}

/** The bases to ask about: those named, or all whose digest the config does not fix. */
export function selectPins(
  config: Config,
  stored: readonly StoredPin[],
  names: readonly string[],
): Result<readonly PinRequest[]> {
  const known = config.bases.map((base) => base.name);
  const unknown = names
    .filter((name) => !known.includes(name))
    .map((base) => {
      const meant = didYouMean(base, known);
      return diagnostic("pin-unknown-base", {
        base,
        hint: meant === undefined ? `known are: ${known.join(", ") || "none"}` : `did you mean "${meant}"?`,
      });
    });
  const selected = config.bases.filter((base) =>
    names.length === 0 ? base.digest === undefined : names.includes(base.name),
  );
  const fixed = selected
    .filter((base) => base.digest !== undefined)
    .map(({ name }) =>
      diagnostic(
        "pin-digest-fixed",
        { base: name },
        { kind: "property", file: config.file, path: ["bases", name, "digest"] },
      ),
    );
  const value = selected.map((base): PinRequest => {
    const pin = stored.find((candidate) => candidate.name === base.name);
    return { base, tag: base.tag ?? pin?.tag ?? "latest", ...(pin && { stored: pin }) };
  });
  return { value, diagnostics: [...unknown, ...fixed] };
}

/** What is wrong with the platforms of an answer: an index needs them named, and as it spells them. */
export function checkPlatforms(
  { base }: Pick<PinRequest, "base">,
  answer: Pick<PinResult, "kind" | "platforms">,
  config: Config,
): readonly Diagnostic[] {
  const available = answer.platforms.join(", ");
  const place = (path: readonly (string | number)[]) =>
    ({ kind: "property", file: config.file, path: ["bases", base.name, ...path] }) as const;
  if (answer.kind === "manifest") {
    if (base.platforms.length < 2) return [];
    const args = { base: base.name, image: base.image, platforms: base.platforms.join(", "), available };
    return [diagnostic("pin-single-platform", args, place(["platforms"]))];
  }
  if (base.platforms.length === 0)
    return [diagnostic("pin-platforms-missing", { base: base.name, available }, place([]))];
  return base.platforms.flatMap((platform, index) =>
    answer.platforms.includes(platform)
      ? []
      : [diagnostic("pin-platform-absent", { base: base.name, platform, available }, place(["platforms", index]))],
  );
}

/** The pins files with the new digests; bases that were not asked about keep what the file has. */
export function planPins(
  config: Config,
  stored: readonly StoredPin[],
  results: readonly PinResult[],
  templates: Templates,
): Result<readonly StarlarkOutput[]> {
  const rulesets = chooseRulesets(config);
  if (!rulesets.value) return { value: [], diagnostics: rulesets.diagnostics };
  const bases = config.bases.flatMap((base) => pinnedBase(base, stored, results));
  const files = [
    ...(config.externalDeps === "bzlmod" ? [] : [ociDeps(config, bases, templates)]),
    ...(config.externalDeps === "workspace" ? [] : [ociModule(config, bases, rulesets.value.oci, templates)]),
  ];
  return { value: files, diagnostics: rulesets.diagnostics };
}

function pinnedBase(base: Base, stored: readonly StoredPin[], results: readonly PinResult[]): readonly PinnedBase[] {
  if (base.digest !== undefined) return [{ ...base, digest: base.digest }];
  const result = results.find(({ request }) => request.base.name === base.name);
  if (result) return [{ ...base, tag: result.request.tag, digest: result.digest }];
  const pin = stored.find((candidate) => candidate.name === base.name && candidate.digest !== undefined);
  if (pin?.digest === undefined) return [];
  const { tag: _, ...rest } = base;
  return [
    { ...rest, image: pin.image ?? base.image, digest: pin.digest, ...(pin.tag !== undefined && { tag: pin.tag }) },
  ];
}
