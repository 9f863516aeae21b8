import { type Diagnostic, diagnostic, type PropertyPath } from "../../diagnostics/index.ts";
import {
  type Config,
  type Part,
  type PushPart,
  type PushTag,
  pushTargetOf,
  type Service,
  stampedText,
} from "../../model/index.ts";

interface Named {
  readonly service: Service;
  readonly path: PropertyPath;
}

/** Checks services against each other: doubled services and targets in a package, and, in whole runs, overlapping pushes. */
export function checkAcross(services: readonly Service[], config: Config, whole: boolean): readonly Diagnostic[] {
  return [
    ...duplicateServices(services),
    ...duplicateTargets(services),
    ...(whole ? overlappingPushes(services, config) : []),
  ];
}

function problem(
  code: "service-duplicate" | "target-duplicate" | "push-overlap",
  args: Record<string, string>,
  { service, path }: Named,
): Diagnostic {
  return diagnostic(code, args, { kind: "property", ...service.origin, path });
}

function where(service: Service): string {
  return `"${service.name}" in ${service.origin.file}`;
}

function duplicateServices(services: readonly Service[]): readonly Diagnostic[] {
  const seen = new Map<string, Service>();
  return services.flatMap((service) => {
    const first = claim(seen, `${service.package}:${service.name}`, service);
    if (!first) return [];
    const args = { package: service.package, name: service.name, other: first.origin.file };
    return [problem("service-duplicate", args, { service, path: ["name"] })];
  });
}

function duplicateTargets(services: readonly Service[]): readonly Diagnostic[] {
  const seen = new Map<string, Service>();
  return services.flatMap((service) =>
    allParts(service).flatMap((part) => {
      const first = claim(seen, `${service.package}:${part.name}`, service);
      if (!first) return [];
      const named = { service, path: [...part.path, ...(part.path.length > 0 ? ["name"] : [])] };
      return [problem("target-duplicate", { package: service.package, name: part.name, other: where(first) }, named)];
    }),
  );
}

/** Everything of a service that becomes rules. */
export function allParts(service: Service): readonly Part[] {
  return [
    ...service.layers,
    ...(service.image ? [service.image] : []),
    ...service.loads,
    ...service.tests,
    ...service.pushes,
  ];
}

/** The earlier holder of the key; takes the key when it is free. */
function claim(seen: Map<string, Service>, key: string, service: Service): Service | undefined {
  const first = seen.get(key);
  if (!first) seen.set(key, service);
  return first;
}

/** Two pushes overlap when they share a repository and a tag, or when neither has tags at all. */
function overlappingPushes(services: readonly Service[], config: Config): readonly Diagnostic[] {
  const seen = new Map<string, Service>();
  return services.flatMap((service) =>
    service.pushes.flatMap((push) => {
      const clash = pushedBy(push, service.package, config)
        .map((target) => ({ target, first: claim(seen, target, service) }))
        .find(({ first }) => first);
      if (!clash?.first) return [];
      return [
        problem("push-overlap", { other: where(clash.first), target: clash.target }, { service, path: push.path }),
      ];
    }),
  );
}

/** What a push writes: a stamped tag is told by its key, whatever an unstamped build has in its place. */
export function pushedBy(push: PushPart, pkg: string, config: Config): readonly string[] {
  const { repository, tags } = pushTargetOf(push, pkg, config.repositoryPrefix ?? "");
  if (repository === undefined || tags === undefined) return [];
  if (tags.length === 0) return [`${repository} without tags`];
  return [...new Set(tags.flatMap(tagText))].map((tag) => `${repository}:${tag}`);
}

function tagText(tag: PushTag): readonly string[] {
  if (typeof tag === "string") return [tag];
  return "key" in tag ? [stampedText(tag, `{{${tag.key}}}`)] : [];
}
