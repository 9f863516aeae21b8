import { canonicalLabel } from "./query.ts";

interface NamedSet {
  readonly files?: readonly { readonly uri?: string }[];
  readonly fileSets?: readonly { readonly id: string }[];
}

interface BuildEvent {
  readonly id?: { readonly namedSet?: { readonly id: string }; readonly targetCompleted?: { readonly label: string } };
  readonly namedSetOfFiles?: NamedSet;
  readonly completed?: {
    readonly outputGroup?: readonly { readonly name: string; readonly fileSets?: readonly { readonly id: string }[] }[];
  };
}

/** The output files of each target that was built, as URIs: from the file of `--build_event_json_file`, one event a line. */
export function outputsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const events = text
    .split("\n")
    .filter((line) => line.includes('"namedSet') || line.includes('"completed"'))
    .map((line) => JSON.parse(line) as BuildEvent);
  const sets = new Map(events.flatMap((e) => (e.id?.namedSet ? [[e.id.namedSet.id, e.namedSetOfFiles ?? {}]] : [])));
  const filesOf = (id: string): readonly string[] => {
    const set = sets.get(id);
    const own = (set?.files ?? []).flatMap(({ uri }) => (uri === undefined ? [] : [uri]));
    return [...own, ...(set?.fileSets ?? []).flatMap((inner) => filesOf(inner.id))];
  };
  return new Map(
    events.flatMap(({ id, completed }) => {
      if (!id?.targetCompleted || !completed) return [];
      const groups = completed.outputGroup?.filter(({ name }) => name === "default") ?? [];
      const files = groups.flatMap(({ fileSets = [] }) => fileSets.flatMap((set) => filesOf(set.id)));
      return [[canonicalLabel(id.targetCompleted.label), files] as const];
    }),
  );
}
