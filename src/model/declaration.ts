/**
 * What users write: the types of services and of the configuration. IDE completion over these types is the manual, so
 * every property says its unit, its shape and, where it is not in every version, since when its ruleset has it.
 */
import type { StructureTests } from "./structure-test.ts";
import type {
  Commented,
  Dict,
  Expression,
  List,
  ServiceList,
  Stamp,
  StampedDict,
  StampedList,
  Value,
} from "./values.ts";

/** What every rule takes. */
export interface RuleOptions {
  /** Name of the target. */
  readonly name?: string;
  /** Tags of the target, e.g. `["manual", "requires-network"]`. buildifier sorts them. */
  readonly tags?: List<string>;
  /** Labels of the packages that may use the target, e.g. `["//visibility:public"]`. */
  readonly visibility?: List<string>;
  /** Only tests may depend on it. */
  readonly testonly?: Value<boolean>;
  /**
   * Any attribute that has no property of its own, by its Starlark name:
   * `attributes: { target_compatible_with: ["@platforms//os:linux"] }`. Checked against the ruleset's version.
   */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Printed above the rule, without `#`; may have several lines. */
  readonly comment?: string;
}

/** A layer: one `pkg_tar` of rules_pkg. */
export interface LayerOptions extends RuleOptions {
  readonly name: string;
  /** Labels of the files to put in. */
  readonly srcs?: List<string>;
  /** Tars to merge in: `.tar`, `.tar.gz`, `.tgz`, `.tar.bz2`, `.tar.xz`; `.txz` from rules_pkg 0.9. */
  readonly deps?: List<string>;
  /** Label to path in the tar. Deprecated by rules_pkg; no `select`. */
  readonly files?: Dict<string>;
  /** Folder in the image that everything goes to, e.g. `"/etc/worker"`. */
  readonly packageDir?: Value<string>;
  /** Label of a file that holds the folder. Not together with `packageDir`. */
  readonly packageDirFile?: Value<string>;
  /** Prefix taken off the paths; left out, paths are flattened, `"."` keeps them below the package. */
  readonly stripPrefix?: Value<string>;
  /** Mode of files, octal: `"0555"` (the default) or `"0644"`. */
  readonly mode?: Value<string>;
  /** Path in the tar to mode, octal. */
  readonly modes?: Dict<string>;
  /** Seconds since the epoch; only with `portableMtime: false`. */
  readonly mtime?: Value<number>;
  /** Sets all times to 2000-01-01 (the default). */
  readonly portableMtime?: Value<boolean>;
  /** Numeric `"uid.gid"`, e.g. `"65532.65532"`. */
  readonly owner?: Value<string>;
  /** Names, `"user.group"`. */
  readonly ownername?: Value<string>;
  /** Path in the tar to `"uid.gid"`. */
  readonly owners?: Dict<string>;
  /** Path in the tar to `"user.group"`. */
  readonly ownernames?: Dict<string>;
  /** `"tar"` (the default) or `"tar.gz"`; rules_oci 2 takes `"tgz"` and `"tar.zst"` too. No `select`. */
  readonly extension?: Value<string>;
  /** Path of the link in the image to its target. */
  readonly symlinks?: Dict<string>;
  /** Paths of empty files to make. */
  readonly emptyFiles?: List<string>;
  /** Paths of empty folders to make. */
  readonly emptyDirs?: List<string>;
  /** Puts in the runfiles of `srcs`. */
  readonly includeRunfiles?: Value<boolean>;
  /** Prefix of a path to what replaces it; the first that fits wins, so order is meaning. */
  readonly remapPaths?: Dict<string>;
  /** Label of a program that compresses standard input. */
  readonly compressor?: Value<string>;
  /** Its arguments, in one string. */
  readonly compressorArgs?: Value<string>;
  /** Makes the parent folders of every path; from rules_pkg 1.0.0. */
  readonly createParents?: Value<boolean>;
  /** Lets several `deps` hold one path; from rules_pkg 1.0.0. */
  readonly allowDuplicatesFromDeps?: Value<boolean>;
  /** Lets two inputs with different content claim one path; from rules_pkg 0.10.0. */
  readonly allowDuplicatesWithDifferentContent?: Value<boolean>;
  /** 0 to 9; from rules_pkg 1.1.0. */
  readonly compressionLevel?: Value<number>;
  /** Keeps the modes of the inputs; from rules_pkg 1.2.0. */
  readonly preserveMode?: Value<boolean>;
  /** Keeps the times of the inputs; from rules_pkg 1.2.0. */
  readonly preserveMtime?: Value<boolean>;
  /** Name of the file, `"{name}.{extension}"` unless given. */
  readonly out?: Value<string>;
  /** Name of the file with variables in braces. */
  readonly packageFileName?: Value<string>;
  /** Label of the target that gives those variables. */
  readonly packageVariables?: Value<string>;
  /** -1, 0 or 1; 1 makes the tar differ from build to build. */
  readonly stamp?: Value<number>;
  /**
   * Builds the Go binary in `srcs`, which is then one label of a `go_binary`, for this `os/arch`, so that the image is right
   * whatever the host is: `"linux/amd64"`. In the image the file is called as the target is. From rules_go 0.35.0.
   */
  readonly crossBinary?: string;
}

/** What the `oci_image` target itself is called and carries; the content is described on the service. */
export interface ImageRuleOptions extends RuleOptions {}

/** The image's content, `oci_image` of rules_oci. */
export interface ImageOptions {
  /** A key of the config's `bases`, or a label (`":base_image"`, `"//cmd/base:image"`, `"@distroless"`). */
  readonly base?: Value<string>;
  /** The layers in their order, lowest first: tars made here, or labels of tars made elsewhere. */
  readonly layers?: ServiceLayers;
  /** Process that is started, one argument an item, or the label of a file. Clears a `cmd` of the base. */
  readonly entrypoint?: ServiceList<string> | string;
  /**
   * Default arguments: a list, the label of a file, `"inherit"` (the base's, like leaving it out: but setting
   * `entrypoint` clears it) or `"none"` (an empty list).
   */
  readonly cmd?: ServiceList<string> | string;
  /** Environment; `$NAME` in a value is the base's. Or the label of a file with KEY=VALUE lines. */
  readonly env?: Dict<string> | string;
  /** User the process runs as, name or number, with an optional `:group`. */
  readonly user?: Value<string>;
  /** Working directory of the process. */
  readonly workdir?: Value<string>;
  /** Labels of the image's config, values may be `stamp(…)`; or the label of a file with KEY=VALUE lines. */
  readonly labels?: StampedDict | string;
  /** Annotations of the manifest, values may be `stamp(…)`; or the label of a file with KEY=VALUE lines. */
  readonly annotations?: StampedDict | string;
  /** Ports, `"8080"`, `"8080/tcp"` or `"53/udp"`, or the label of a file; from rules_oci 1.5.0. */
  readonly exposedPorts?: ServiceList<string> | string;
  /** Paths of volumes, or the label of a file; from rules_oci 2.0.0. */
  readonly volumes?: ServiceList<string> | string;
  /**
   * Label of a file that holds the time of creation, or the time as a stamp with a fallback like
   * `"2000-01-01T00:00:00Z"`; from rules_oci 2.1.0.
   */
  readonly created?: Value<string> | Stamp | Commented<Stamp>;
  /** Operating system (`"linux"`), only for an image without a base. */
  readonly os?: Value<string>;
  /** CPU (`"amd64"`), only for an image without a base. */
  readonly architecture?: Value<string>;
  /** Variant of the CPU (`"v8"`), only for an image without a base. */
  readonly variant?: Value<string>;
  /** Resources for the action, `"default"`, `"cpu_2"`, `"mem_4g"` …; from rules_oci 1.8.0. */
  readonly resourceSet?: Value<string>;
}

/** The layers of an image. */
export type ServiceLayers = ServiceList<LayerOptions | string>;

/** A target that loads the image into a local engine: `oci_tarball` of rules_oci 1.x, `oci_load` of 2.x. */
export interface LoadOptions extends RuleOptions {
  /** Names to load it under, `"worker:candidate"`, or the label of a `.txt` file. */
  readonly repoTags: List<string> | string;
  /** Tags the target `manual`, so that `bazel build //...` makes no tarball. True unless set. */
  readonly manual?: boolean;
  /** Label of the image; the service's own unless set. */
  readonly image?: Value<string>;
  /** `"docker"` (the default), or `"oci"` for an index; from rules_oci 1.4.1. */
  readonly format?: Value<"docker" | "oci">;
  /** Label of the program that loads; from rules_oci 1.6.0. */
  readonly loader?: Value<string>;
}

/** A `container_structure_test` with its typed tests, from which `<name>.yaml` is written. */
export interface TestOptions extends RuleOptions, StructureTests {
  /** Label of the image; the service's own unless set. */
  readonly image?: Value<string>;
  /** Hand-written configs by name or label, instead of typed tests or besides them. */
  readonly configs?: List<string>;
  /** `"docker"` runs everything; `"tar"` reads the tarball and runs no commands. */
  readonly driver?: Value<"docker" | "tar" | "host">;
  /** Platform of the image, `"linux/amd64"` unless set; from container_structure_test 1.20.0. */
  readonly platform?: Value<string>;
  /** `"small"`, `"medium"` (the default), `"large"`, `"enormous"`. */
  readonly size?: Value<"small" | "medium" | "large" | "enormous">;
  /** `"short"`, `"moderate"`, `"long"`, `"eternal"`; from the size unless set. */
  readonly timeout?: Value<"short" | "moderate" | "long" | "eternal">;
  /** Bazel runs it up to three times. */
  readonly flaky?: Value<boolean>;
  /** Further flags of the test program. */
  readonly args?: List<string>;
}

/** An `oci_push`: where `bazel run` pushes the image. */
export interface PushOptions extends RuleOptions {
  /**
   * With a dot or a colon in its first part (`"ghcr.io/acme/worker"`) a whole repository; otherwise a name that
   * `image_repository` puts behind the config's `repositoryPrefix`.
   */
  readonly repository?: Value<string>;
  /** Label of a file that holds the repository, instead of `repository`; from rules_oci 1.3.3. */
  readonly repositoryFile?: Value<string>;
  /** Tags to push, each a text or `stamp(…)`, or the label of a file with one a line (`.txt` before rules_oci 2.1.0). */
  readonly remoteTags?: StampedList | string;
  /**
   * `"candidate"` (the default) for what every build of the main branch pushes, `"release"` for what a release does; the
   * `push` command tells them apart. A release is called `release_push` unless it has a name.
   */
  readonly stage?: "candidate" | "release";
  /** Label of the image; the service's own unless set. */
  readonly image?: Value<string>;
}

/** A service: its image, and the rules around it. */
export interface ServiceDeclaration extends ImageOptions {
  /** Unique in its package; services come out in the order of their names. */
  readonly name: string;
  /** Folder from the root; only for services inline in the config, a declaration file is in its package. */
  readonly package?: string;
  /** Name, tags and so on of the image target; false for a package without an image. */
  readonly image?: ImageRuleOptions | false;
  /** How to load the image locally; false drops what the defaults give. */
  readonly load?: LoadOptions | readonly LoadOptions[] | false;
  /** Structure tests; false drops what the defaults give. */
  readonly test?: TestOptions | readonly TestOptions[] | false;
  /** Where to push; without it, or with false, which drops what the defaults give, the service is not published. */
  readonly push?: PushOptions | readonly PushOptions[] | false;
}

/** What {@link ConfigDeclaration.defaults} gives: any part of a service but its name and place. */
export type ServiceDefaults = Omit<
  { readonly [K in keyof ServiceDeclaration]?: Loose<ServiceDeclaration[K]> },
  "name" | "package"
>;
type Loose<T> = T extends LoadOptions | TestOptions | PushOptions ? Partial<T> : T;

/** A base image: followed by tag, pinned by digest. */
export interface BaseDeclaration {
  /** Registry and repository, `"index.docker.io/library/debian"`; without tag or digest. */
  readonly image: string;
  /** Tag to follow. Left out, the tag in the pins file rules, and bots may bump it. */
  readonly tag?: string;
  /** `sha256:` and 64 hex digits. Left out, the digest lives in the pins file. */
  readonly digest?: string;
  /** `os/arch[/variant]`, exactly as the image's index spells them (`"linux/arm64/v8"`). Needed for an index. */
  readonly platforms?: readonly string[];
  /** Any other attribute of `oci_pull` and `oci.pull`, by its Starlark name. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Printed above the entry. */
  readonly comment?: string;
}

/** Where a rule is loaded from instead of its ruleset: a label, or a label and another name. */
export type LoadDeclaration = string | { readonly from: string; readonly symbol?: string };

/** Rulesets and their versions: `"rules_oci@1.8.0"`, or `"rules_oci@1"` for the newest 1.x known. */
export interface RulesetsDeclaration {
  readonly oci: `rules_oci@${string}`;
  readonly pkg?: `rules_pkg@${string}`;
  readonly structureTest?: `container_structure_test@${string}`;
  /** For `expand_template`, which stamps; from aspect_bazel_lib 1.31.4. The newest aspect_bazel_lib unless set. */
  readonly lib?: `aspect_bazel_lib@${string}` | `bazel_lib@${string}`;
  /** For `go_cross_binary`; loaded from `@rules_go` with `externalDeps: "bzlmod"`, else from `@io_bazel_rules_go`. */
  readonly go?: `rules_go@${string}`;
}

/** The configuration of a monorepo. */
export interface ConfigDeclaration {
  readonly rulesets: RulesetsDeclaration;
  /** Which file the bases are written to: `dev/oci_deps.bzl`, `dev/oci.MODULE.bazel`, or both. `"workspace"` unless set. */
  readonly externalDeps?: "workspace" | "bzlmod" | "both";
  /** Base images by the name of their repository. */
  readonly bases?: Readonly<Record<string, BaseDeclaration>>;
  /** What `image_repository(name)` puts before a name, e.g. `"us.gcr.io/acme"`. */
  readonly repositoryPrefix?: string;
  /** Declaration files by glob (`"cmd/*\/*.image.ts"`), or services with their `package`. */
  readonly services: readonly (string | ServiceDeclaration)[];
  /** For all services: an object, or a function of the service. */
  readonly defaults?: ServiceDefaults | ((service: ServiceDeclaration) => ServiceDefaults);
  /** Swaps a rule for the repo's own macro: `{ pkg_tar: "//dev:rules.bzl" }`. */
  readonly loads?: Readonly<Record<string, LoadDeclaration>>;
  /** Paths of the shared files from the root; in `dev/` unless set. */
  readonly files?: { readonly deps?: string; readonly module?: string; readonly defs?: string };
  /** Registry or prefix of an image to the mirror that `pin` and Bazel pull it from. */
  readonly mirrors?: Readonly<Record<string, string>>;
  /** Registries that may be asked over plain HTTP; loopback always may. */
  readonly insecure?: readonly string[];
  /** What `check` tells people to run; `"npx gen-bazel-images"` unless set. */
  readonly mend?: string;
  /** The branch that `push` may push from; `"main"` unless set. */
  readonly push?: { readonly branch?: string };
  /** Path of the repo's own buildifier program, from the root. */
  readonly buildifier?: string;
  /**
   * Go variables that a stamped build sets, each to the value of a key of the workspace status:
   * `{ "example.com/app/internal/version.version": "STABLE_VERSION" }`. `doctor` tells which go_library of our services
   * lacks their `x_defs`.
   */
  readonly goStamps?: Readonly<Record<string, string>>;
}

/** Declares the configuration of a monorepo, in `bazel-images.config.ts` at its root. */
export function defineConfig(config: ConfigDeclaration): ConfigDeclaration {
  return config;
}

/** Declares a service; the declaration file exports it, or an array of them, as its default. */
export function defineService(service: ServiceDeclaration): ServiceDeclaration {
  return service;
}

export type { Expression };
