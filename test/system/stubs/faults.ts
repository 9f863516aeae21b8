/** Packages with one fault each, which a Bazel that loads the stubs must notice. */

/** A BUILD file that must not pass, and what says so. */
export interface Fault {
  readonly build: string;
  /** Must match what Bazel says of the package, or the list of missing sources. */
  readonly says: RegExp;
  /** Only following the labels notices it. */
  readonly inDeps?: true;
}

const oci = (rule: string, args: string): string => `load("@rules_oci//oci:defs.bzl", "${rule}")\n${rule}(${args})\n`;
const pkg = (args: string): string => `load("@rules_pkg//pkg:tar.bzl", "pkg_tar")\npkg_tar(name = "tar", ${args})\n`;
const mappings = (symbols: string, text: string): string =>
  `load("@rules_pkg//pkg:mappings.bzl", ${symbols})\n${text}\n`;
const cst = (args: string): string =>
  `load("@container_structure_test//:defs.bzl", "container_structure_test")\ncontainer_structure_test(name = "a_test", ${args})\n`;

/** Faults in every generation, by the name of their package. */
export function faultsOf(load: "oci_tarball" | "oci_load"): Readonly<Record<string, Fault>> {
  const other = load === "oci_load" ? "oci_tarball" : "oci_load";
  return {
    wrong_attribute: { build: oci("oci_image", 'name = "a", entry_point = ["/a"]'), says: /no such attribute/ },
    wrong_type: { build: oci("oci_image", 'name = "a", tars = "a.tar"'), says: /expected value of type 'list/ },
    wrong_common_type: { build: oci("oci_image", 'name = "a", tags = "manual"'), says: /expected value|string/ },
    wrong_value: {
      build: cst('image = "a", configs = ["b"], driver = "podman"'),
      says: /one of 'docker', 'tar' or 'host'/,
    },
    wrong_size: { build: cst('image = "a", configs = ["b"], size = "tiny"'), says: /size/ },
    missing_load: { build: 'oci_image(name = "a")\n', says: /'oci_image' is not defined/ },
    missing_symbol: { build: oci(other, 'name = "a"'), says: new RegExp(`does not contain symbol '${other}'`) },
    mandatory: { build: oci("oci_push", 'name = "a", repository = "b"'), says: /mandatory attribute 'image'/ },
    mandatory_in_macro: { build: oci(load, 'name = "a", image = "b"'), says: /mandatory attribute 'repo_tags'/ },
    mandatory_at_analysis: { build: cst('configs = ["b"]'), says: /mandatory attribute 'image'/ },
    doubled_name: { build: `${pkg("")}pkg_tar(name = "tar")\n`, says: /conflicts with existing/ },
    select_env: {
      build: oci("oci_image", 'name = "a", env = select({"//conditions:default": {"A": "b"}})'),
      says: /env/,
    },
    select_cmd: { build: oci("oci_image", 'name = "a", cmd = select({"//conditions:default": ["b"]})'), says: /cmd/ },
    select_repo_tags: {
      build: oci(load, 'name = "a", image = "b", repo_tags = select({"//conditions:default": ["c"]})'),
      says: /repo_tags/,
    },
    select_in_macro: { build: pkg('extension = select({"//conditions:default": "tar"})'), says: /cannot be a select/ },
    select_tags: { build: pkg('tags = select({"//conditions:default": []})'), says: /tags.*not configurable/ },
    env_of_numbers: { build: oci("oci_image", 'name = "a", env = {"A": 1}'), says: /not a pair of strings/ },
    set_by_macro: { build: pkg("private_stamp_detect = True"), says: /no such attribute/ },
    unknown_function_key: {
      build: mappings(
        '"pkg_attributes", "pkg_mkdirs"',
        'pkg_mkdirs(name = "a", dirs = [], attributes = pkg_attributes(modus = "1"))',
      ),
      says: /unexpected keyword argument/,
    },
    function_type: {
      build: mappings(
        '"pkg_attributes", "pkg_mkdirs"',
        'pkg_mkdirs(name = "a", dirs = [], attributes = pkg_attributes(mode = 755))',
      ),
      says: /mode is a int/,
    },
    link_twice: {
      build: mappings('"pkg_mklink"', 'pkg_mklink(name = "a", link_name = "b", target = "c", src = "d")'),
      says: /only target should be specified/,
    },
    nowhere_package: { build: oci("oci_image", 'name = "a", base = "//nowhere:image"'), says: /nowhere/, inDeps: true },
    nowhere_repository: { build: oci("oci_image", 'name = "a", base = "@nowhere"'), says: /nowhere/, inDeps: true },
    nowhere_target: { build: oci("oci_image", 'name = "a", base = "//here:imaeg"'), says: /imaeg/, inDeps: true },
    nowhere_file: { build: cst('image = "//here:a", configs = ["image_tset.yaml"]'), says: /image_tset/, inDeps: true },
  };
}
