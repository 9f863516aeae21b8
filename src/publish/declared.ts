import type { Place } from "../diagnostics/index.ts";
import type { Project, PushStage } from "../model/index.ts";

/** A push target as a service declares it. */
export interface DeclaredPush {
  readonly label: string;
  readonly service: string;
  readonly package: string;
  readonly stage: PushStage;
  /** The declared `repository`, when it is a plain string. */
  readonly repository?: string;
  readonly place: Place;
}

/** Every push target of the project, or those of one stage. */
export function declaredPushes({ services }: Project, stage: PushStage | "all"): readonly DeclaredPush[] {
  return services
    .flatMap((service) =>
      service.pushes.map((push): DeclaredPush => {
        const repository = push.fields.find(({ name }) => name === "repository")?.value;
        return {
          label: `//${service.package}:${push.name}`,
          service: service.name,
          package: service.package,
          stage: push.stage,
          ...(repository?.kind === "string" && { repository: repository.value }),
          place: { kind: "property", ...service.origin, path: push.path },
        };
      }),
    )
    .filter((push) => stage === "all" || push.stage === stage);
}

/**
 * Narrows to services and labels that were named. A run is narrowed to whole packages; in one of which a service or a target
 * is named, the others are left out.
 */
export function narrowPushes(pushes: readonly DeclaredPush[], words: readonly string[]): readonly DeclaredPush[] {
  const isNamed = ({ service, label }: DeclaredPush) => words.includes(service) || words.includes(label);
  const packages = new Set(pushes.filter(isNamed).map((push) => push.package));
  return pushes.filter((push) => isNamed(push) || !packages.has(push.package));
}
