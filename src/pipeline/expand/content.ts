import { isTag } from "../../model/image-reference.ts";
import { type Config, type Field, isWholeRepository, type Part, type Service } from "../../model/index.ts";
import type { Objection } from "../../rulesets/index.ts";
import type { StarlarkValue } from "../../starlark/index.ts";

/** Checks what the facts have no type for: names of variables, ports, tags, short repositories. */
export function checkContent(service: Service, config: Config, ownRepositoryFunction: boolean): readonly Objection[] {
  const image = service.image;
  return [
    ...(image ? [...checkEnv(image), ...checkPorts(image), ...image.fields.flatMap(checkStamps)] : []),
    ...service.tests.flatMap(checkTestPorts),
    ...service.pushes.flatMap((push) => [
      ...checkTags(push),
      ...push.fields.flatMap(checkLines),
      ...checkPrefix(push, config, ownRepositoryFunction),
    ]),
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

/**
 * What holds for stamps in an image. A volatile key is fine in the tags of a push: nothing depends on their file, which
 * Bazel takes for unchanged when only volatile keys changed.
 */
function checkStamps(field: Field): readonly Objection[] {
  const { stamped } = field;
  if (!stamped) return [];
  const volatile = stamped.filter(({ key }) => !isStable(key));
  return [
    ...volatile.map(
      ({ key, path }): Objection => ({
        code: "stamp-volatile",
        args: { key, attribute: field.name },
        path,
      }),
    ),
    ...(field.name === "created" ? checkCreated(field) : checkLines(field)),
  ];
}

/** Keys whose change makes Bazel run what depends on them: by prefix, and those that Bazel itself counts among them. */
function isStable(key: string): boolean {
  return key.startsWith("STABLE_") || ["BUILD_EMBED_LABEL", "BUILD_HOST", "BUILD_USER"].includes(key);
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function checkCreated({ value, stamped = [] }: Field): readonly Objection[] {
  const text = value.kind === "string" ? value.value : "";
  if (time.test(text) && !Number.isNaN(Date.parse(text))) return [];
  return stamped.map(({ path }) => ({ code: "stamp-created-invalid", args: { text }, path }));
}

/** The items beside stamps become lines of a file: none may be more than one, and a key ends at the first `=`. */
function checkLines({ value, stamped = [], path }: Field): readonly Objection[] {
  if (stamped.length === 0) return [];
  const broken = (text: string, problem: string, step: string | number): Objection => ({
    code: "stamp-line-broken",
    args: { text, problem },
    path: [...path, step],
  });
  if (value.kind === "list")
    return value.items.flatMap(({ value: only }, index) => {
      const problem = problemOfLine(only);
      return problem === undefined ? [] : [broken(`item ${index + 1}`, problem, index)];
    });
  if (value.kind !== "dict") return [];
  return value.entries.flatMap(({ key, value: only }) => {
    const name = key.kind === "string" ? key.value : "";
    const problem = /[=\r\n]/.test(name) || name === "" ? "a key has no `=` and no line break" : problemOfLine(only);
    return problem === undefined ? [] : [broken(JSON.stringify(name), problem, name)];
  });
}

function problemOfLine(value: StarlarkValue): string | undefined {
  if (value.kind === "string") return /[\r\n]/.test(value.value) ? "it has more than one line" : undefined;
  if (value.kind === "identifier" || value.kind === "call" || value.kind === "expression") return undefined;
  return value.kind === "select" || value.kind === "sum"
    ? "what select() and concat() give has no line; put it into a rule of its own"
    : "it is no string";
}

function textItems(value: StarlarkValue): readonly { readonly text: string; readonly index: number }[] {
  if (value.kind !== "list") return [];
  return value.items.flatMap((only, index) =>
    only.value.kind === "string" ? [{ text: only.value.value, index }] : [],
  );
}
