import { type Diagnostic, diagnostic, type Result } from "../diagnostics/index.ts";
import type { PushTarget } from "./select.ts";

/** One run of a target's script. */
export interface Push {
  readonly target: PushTarget;
  /** Where it goes; undefined when only the script knows. */
  readonly repository?: string;
  /** The target's own tags, then those of `--tag`. */
  readonly tags: readonly string[];
  /** As the image's own target tells it after the build. */
  readonly digest?: string;
  /** What the script is told. */
  readonly args: readonly string[];
}

/** What the build told. */
export interface Built {
  /** The lines of tag files, by the label of their target. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  /** The repository that a file says, by the label of its target. */
  readonly repositories: ReadonlyMap<string, string>;
  /** Digests, by the label of their target. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Decides the runs: one for each target, or one for each target and registry. Two runs to one repository and tag are refused. */
export function planPushes(
  targets: readonly PushTarget[],
  { registries, tags: extra }: { readonly registries: readonly string[]; readonly tags: readonly string[] },
  built: Built,
): Result<readonly Push[]> {
  const diagnostics: Diagnostic[] = [];
  const pushes = targets.flatMap((target): readonly Push[] => {
    const own = textFor(target.tagsLabel, built.tags) ?? [];
    const digest = textFor(target.digestLabel, built.digests);
    const push = (repository: string | undefined, args: readonly string[]): Push => ({
      target,
      ...(repository !== undefined && { repository }),
      tags: [...new Set([...own, ...extra])],
      ...(digest !== undefined && { digest }),
      args: [...args, ...extra.flatMap((tag) => ["--tag", tag])],
    });
    if (registries.length === 0)
      return [push(target.repository ?? textFor(target.repositoryLabel, built.repositories), [])];
    if (target.imageName === undefined) {
      diagnostics.push(diagnostic("push-name-unknown", { target: target.label }, target.place));
      return [];
    }
    return registries.map((registry) => {
      const repository = `${registry}/${target.imageName}`;
      return push(repository, ["--repository", repository]);
    });
  });
  return { value: pushes, diagnostics: [...diagnostics, ...overlaps(pushes)] };
}

function textFor<T>(label: string | undefined, texts: ReadonlyMap<string, T>): T | undefined {
  return label === undefined ? undefined : texts.get(label);
}

function overlaps(pushes: readonly Push[]): readonly Diagnostic[] {
  const seen = new Map<string, Push>();
  return pushes.flatMap((push) => {
    const { repository, tags, target } = push;
    if (repository === undefined) return [];
    const wanted = tags.length > 0 ? tags.map((tag) => `${repository}:${tag}`) : [`${repository} without tags`];
    const taken = wanted.find((destination) => seen.has(destination));
    for (const destination of wanted) if (!seen.has(destination)) seen.set(destination, push);
    if (taken === undefined) return [];
    const other = seen.get(taken)?.target.label ?? "";
    return [diagnostic("push-same-destination", { target: target.label, other, destination: taken }, target.place)];
  });
}
