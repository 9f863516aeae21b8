import { defineService, type ServiceDeclaration } from "gen-bazel-images";

/** What all services of one shape share; `extra` replaces what a service has otherwise. */
export function goService(name: string, extra: Partial<ServiceDeclaration> = {}): ServiceDeclaration {
  return defineService({
    name,
    base: "//cmd/base:image",
    layers: [{ name: `tar_${name}`, srcs: [`:${name}`] }],
    entrypoint: ["/sbin/tini", "--", `/${name}`],
    user: "sourcegraph",
    load: { repoTags: [`${name}:candidate`] },
    push: { repository: name },
    ...extra,
  });
}
