/** The first files of a repository, written through ts-morph. */
import { IndentationText, Project, type SourceFile, type WriterFunction, Writers } from "ts-morph";
import type { ImageReference } from "../model/image-reference.ts";

/** What the first config says. */
export interface StarterConfig {
  readonly reference: ImageReference | undefined;
  readonly rulesets: string;
  readonly globs: readonly string[];
}

/** The text of the first `bazel-images.config.ts`. */
export function configText({ reference, rulesets, globs }: StarterConfig): string {
  const image = reference ? `${reference.registry}/${reference.repository}` : "index.docker.io/library/debian";
  const base: Record<string, WriterFunction | string> = {
    image: JSON.stringify(image),
    tag: JSON.stringify(reference?.tag ?? (reference ? "latest" : "bookworm-slim")),
  };
  if (reference?.digest !== undefined) base["digest"] = JSON.stringify(reference.digest);
  return file("defineConfig", {
    rulesets: Writers.object({ oci: JSON.stringify(rulesets) }),
    externalDeps: '"both"',
    bases: Writers.object({ base: Writers.object(base) }),
    services: JSON.stringify(globs),
  });
}

/** The text of the first declaration. */
export function serviceText(name: string): string {
  return file("defineService", {
    name: JSON.stringify(name),
    base: '"base"',
    layers: `[{ name: ${JSON.stringify(`tar_${name}`)}, srcs: [${JSON.stringify(`${name}.image.ts`)}] }]`,
    entrypoint: JSON.stringify([`/${name}`]),
    load: `{ repoTags: [${JSON.stringify(`${name}:candidate`)}] }`,
    test: `{ metadataTest: { entrypoint: [${JSON.stringify(`/${name}`)}] } }`,
  });
}

function file(helper: string, properties: Record<string, WriterFunction | string>): string {
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces },
  });
  const source: SourceFile = project.createSourceFile("starter.ts");
  source.addImportDeclaration({ namedImports: [helper], moduleSpecifier: "gen-bazel-images" });
  source.addExportAssignment({
    isExportEquals: false,
    expression: (writer) => {
      writer.write(`${helper}(`);
      Writers.object(properties)(writer);
      writer.write(")");
    },
  });
  source.formatText({ indentSize: 2 });
  return source.getFullText().replace(/(from "gen-bazel-images";)\n+/, "$1\n\n");
}
