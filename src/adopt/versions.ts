/** The rulesets that a repository sets up, by what WORKSPACE and MODULE files say. */
import { argumentOf, callsIn, type StarlarkFile, stringOf, stringsOf } from "../starlark/read/index.ts";

const families = {
  rules_oci: "oci",
  rules_pkg: "pkg",
  container_structure_test: "structureTest",
  aspect_bazel_lib: "lib",
  bazel_lib: "lib",
} as const;

type Family = (typeof families)[keyof typeof families];

/** `name@version` by family, from `bazel_dep` and from the addresses of archives; the first file that says one wins. */
export function findVersions(files: Iterable<StarlarkFile>): Readonly<Partial<Record<Family, string>>> {
  const found = new Map<Family, string>();
  for (const file of files) {
    for (const call of [
      ...callsIn(file, "bazel_dep"),
      ...callsIn(file, "http_archive"),
      ...callsIn(file, "git_repository"),
    ]) {
      const name = stringOf(argumentOf(call, "name")?.value) ?? "";
      const family = Object.hasOwn(families, name) ? families[name as keyof typeof families] : undefined;
      const said = ["version", "strip_prefix", "tag", "url"].map((key) => stringOf(argumentOf(call, key)?.value));
      const texts = [...said, ...(stringsOf(argumentOf(call, "urls")?.value) ?? [])];
      const version = texts.flatMap((text) => /\d+\.\d+\.\d+/.exec(text ?? "")?.[0] ?? [])[0];
      if (family && version !== undefined && !found.has(family)) found.set(family, `${name}@${version}`);
    }
  }
  return Object.fromEntries(found);
}
