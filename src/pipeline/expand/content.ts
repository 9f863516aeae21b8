import { isTag } from "../../model/image-reference.ts";
import { type Config, type Field, isWholeRepository, type Part, type Service } from "../../model/index.ts";
import type { Objection } from "../../rulesets/index.ts";
import type { StarlarkValue } from "../../starlark/index.ts";

/** Checks what the facts have no type for: names of variables, ports, tags, short repositories. */
export function checkContent(service: Service, config: Config, ownRepositoryFunction: boolean): readonly Objection[] {
  const image = service.image;
  return [
    ...(image ? [...checkEnv(image), ...checkPorts(image)] : []),
    ...service.tests.flatMap(checkTestPorts),
    ...service.pushes.flatMap((push) => [...checkTags(push), ...checkPrefix(push, config, ownRepositoryFunction)]),
  ];
}

function fieldOf(part: Part, name: string): Field | undefined {
  return part.fields.find((field) => field.name === name);
}

/** Reports whether a name is one that a process can be given; POSIX forbids `=`, spaces and controls have no use. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const envName = /^[^=\s\u0000-\u001f]+$/;

function checkEnv(image: Part): readonly Objection[] {
  const env = fieldOf(image, "env");
  if (env?.value.kind !== "dict") return [];
  return env.value.entries.flatMap(({ key }): readonly Objection[] =>
    key.kind === "string" && !envName.test(key.value)
      ? [{ code: "env-name-invalid", args: { name: key.value }, path: [...env.path, key.value] }]
      : [],
  );
}

function checkPorts(image: Part): readonly Objection[] {
  const ports = fieldOf(image, "exposed_ports");
  if (!ports) return [];
  return textItems(ports.value).flatMap(({ text, index }): readonly Objection[] =>
    isPort(text) ? [] : [{ code: "port-invalid", args: { port: text }, path: [...ports.path, index] }],
  );
}

function isPort(text: string): boolean {
  const match = /^(\d{1,5})(?:\/(?:tcp|udp))?$/.exec(text);
  const port = Number(match?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}

function checkTestPorts(part: {
  readonly path: Part["path"];
  readonly config?: { readonly tests: { readonly metadataTest?: object } };
}): readonly Objection[] {
  const metadata = (part.config?.tests.metadataTest ?? {}) as { readonly [key: string]: unknown };
  return (["exposedPorts", "unexposedPorts"] as const).flatMap((key) => {
    const ports = metadata[key];
    if (!Array.isArray(ports)) return [];
    return ports.flatMap((port: unknown, index): readonly Objection[] =>
      typeof port === "string" && port.includes("/")
        ? [{ code: "test-port-protocol", args: { port }, path: [...part.path, "metadataTest", key, index] }]
        : [],
    );
  });
}

function checkTags(push: Part): readonly Objection[] {
  const tags = fieldOf(push, "remote_tags");
  if (!tags) return [];
  return textItems(tags.value).flatMap(({ text, index }): readonly Objection[] =>
    isTag(text) ? [] : [{ code: "tag-invalid", args: { value: text }, path: [...tags.path, index] }],
  );
}

function checkPrefix(push: Part, config: Config, ownRepositoryFunction: boolean): readonly Objection[] {
  const repository = fieldOf(push, "repository");
  if (repository?.value.kind !== "string" || isWholeRepository(repository.value.value)) return [];
  if (config.repositoryPrefix !== undefined || ownRepositoryFunction || config.loads.has("image_repository")) return [];
  return [{ code: "repository-prefix-missing", args: { repository: repository.value.value }, path: repository.path }];
}

function textItems(value: StarlarkValue): readonly { readonly text: string; readonly index: number }[] {
  if (value.kind !== "list") return [];
  return value.items.flatMap((only, index) =>
    only.value.kind === "string" ? [{ text: only.value.value, index }] : [],
  );
}
