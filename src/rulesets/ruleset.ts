/**
 * The interface between the pipeline and the folders of this directory: what a ruleset makes of the neutral model. A new
 * ruleset is one folder and one line in `index.ts`.
 */
import type { Attribute, Rule } from "../bazel/index.ts";
import type { DiagnosticArgs, DiagnosticCode, PropertyPath } from "../diagnostics/index.ts";
import type { Field, LayerPart, LoadPart, Part, StampText, TestPart } from "../model/index.ts";
import type { Comment, StarlarkValue } from "../starlark/index.ts";
import type { ChosenRuleset } from "./facts.ts";

/** Something that a ruleset cannot do, at a property of the service. */
export interface Objection {
  readonly code: DiagnosticCode;
  readonly args: DiagnosticArgs;
  readonly path: PropertyPath;
}

/** Where another rule finds the tarball of a loaded image, and the rule to add when none makes it. */
export interface TarTarget {
  readonly label: string;
  readonly rule?: Rule;
}

/** A line of a file that a stamped build fills in. */
export interface StampedLine {
  /** Stands before the value, `KEY=` in a dictionary. */
  readonly before: string;
  /** The stamp, or what stands in the line whether stamped or not. */
  readonly content: StampText | { readonly value: StarlarkValue };
  readonly comments: readonly Comment[];
}

/** A file that a stamped build fills in, by the name of the target that makes it. */
export interface StampedFile {
  readonly name: string;
  /** The file's name in the package. */
  readonly out: string;
  readonly lines: readonly StampedLine[];
  /** What goes over from the rule that takes the file, its tags for instance. */
  readonly attributes: readonly Attribute[];
  readonly path: PropertyPath;
}

/** A ruleset that builds, loads and pushes images. */
export interface ImageRuleset {
  readonly chosen: ChosenRuleset;
  /** The kind that `load` becomes: `oci_tarball` or `oci_load`. */
  readonly loadKind: string;
  image(part: Part): Rule;
  /** The part with labels of files in place of its stamps, and those files. */
  splitStamps(part: Part): { readonly part: Part; readonly files: readonly StampedFile[] };
  /** What the target is called that makes the file for an attribute with stamps. */
  stampedFileName(rule: string, attribute: string): string;
  /** The way back: the attribute with stamps, from the lines of its file; undefined when it cannot have those lines. */
  joinStamps(field: Field, lines: readonly StampedLine[]): Field | undefined;
  load(part: LoadPart): Rule;
  push(part: Part): Rule;
  tarOf(part: LoadPart): TarTarget;
  /** The way back from a load rule's attributes: what the ruleset adds by itself is taken off again. */
  recogniseLoad(fields: readonly Field[]): { readonly fields: readonly Field[]; readonly manual: boolean };
  /** The way back from a push's attributes; the caller knows which call makes a short name whole. */
  recognisePush(
    fields: readonly Field[],
    isRepositoryFunction: (call: StarlarkValue & { kind: "call" }) => boolean,
  ): readonly Field[];
  /** What this version of the ruleset refuses although names and types are right. */
  object(rules: readonly Rule[]): readonly Objection[];
  /** The names that `use_repo` must list for a base, as the module extension of this version reports them. */
  reportedRepositories(base: { readonly name: string; readonly platforms: readonly string[] }): readonly string[];
}

/** A ruleset that makes layers. */
export interface LayerRuleset {
  readonly chosen: ChosenRuleset;
  layer(part: Part): Rule;
  object(rules: readonly Rule[]): readonly Objection[];
}

/** A ruleset that writes files with stamps in them. */
export interface FileRuleset {
  readonly chosen: ChosenRuleset;
  file(file: StampedFile): Rule;
  /** The way back from the attributes of a rule of {@link file}: its lines, nothing before them; undefined for any other. */
  recognise(name: string, fields: readonly Field[]): readonly StampedLine[] | undefined;
  /** Names of the targets and files that a rule of {@link file} takes in its package, its own included. */
  namesOf(rule: Rule): readonly string[];
}

/** A ruleset that builds binaries for another platform. */
export interface BinaryRuleset {
  readonly chosen: ChosenRuleset;
  /** The layer with the binary for its `crossBinary` in `srcs`, and the rule that makes that binary. */
  crossBinary(layer: LayerPart): { readonly layer: LayerPart; readonly rule?: Rule };
  /** The way back: the layer with the binary as it was, when one of the rules rebuilds it for the layer. */
  recognise(
    layer: Pick<LayerPart, "name" | "fields">,
    rules: readonly Pick<Rule, "name" | "attributes">[],
  ): { readonly rule: string; readonly fields: readonly Field[]; readonly platform: string } | undefined;
  object(layer: LayerPart): readonly Objection[];
}

/** A ruleset that tests images. */
export interface TestRuleset {
  readonly chosen: ChosenRuleset;
  /** `tar` is the tarball to test when the driver is `tar`, and the part tests an image of the same service. */
  test(part: TestPart, tar: TarTarget | undefined): Rule;
  object(part: TestPart): readonly Objection[];
  /** The way back from a test's attributes: without the config that is written from typed tests. */
  recognise(name: string, fields: readonly Field[]): readonly Field[];
}

/** The rulesets that the config chose. */
export interface Rulesets {
  readonly oci: ImageRuleset;
  readonly pkg: LayerRuleset;
  readonly structureTest: TestRuleset;
  readonly lib: FileRuleset;
  readonly go: BinaryRuleset;
}
