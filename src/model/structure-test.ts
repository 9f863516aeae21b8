/** The typed tests of container-structure-test, schema 2.0.0 (facts: container_structure_test@1.22.0, `configSchema`). */

/** A variable; pairs keep their order. */
export interface EnvVar extends Entry {
  readonly key: string;
  /** Must not be empty in `commandTests`. */
  readonly value?: string;
  /** Takes `value` for a regular expression (Go's RE2); in `metadataTest` only. */
  readonly isRegex?: boolean;
}

interface Entry {
  /** Printed above the entry in the YAML file. */
  readonly comment?: string;
}

/** Runs a command in the container; the docker driver only. */
export interface CommandTest extends Entry {
  readonly name: string;
  /** Commands run before, each with its arguments. */
  readonly setup?: readonly (readonly string[])[];
  /** Commands run after; the host driver only. */
  readonly teardown?: readonly (readonly string[])[];
  readonly envVars?: readonly EnvVar[];
  /** Expected exit status, 0 unless set. */
  readonly exitCode?: number;
  /** Program; the image's entrypoint is not used. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Regular expressions that standard output must match. */
  readonly expectedOutput?: readonly string[];
  /** Regular expressions that standard output must not match. */
  readonly excludedOutput?: readonly string[];
  /** Regular expressions that standard error must match. */
  readonly expectedError?: readonly string[];
  /** Regular expressions that standard error must not match. */
  readonly excludedError?: readonly string[];
}

/** Looks for a path. */
export interface FileExistenceTest extends Entry {
  readonly name: string;
  readonly path: string;
  /** True unless set. */
  readonly shouldExist?: boolean;
  /** As Go prints a mode: `"-rw-r--r--"`. */
  readonly permissions?: string;
  /** Owner's number; -1 (the default) skips. */
  readonly uid?: number;
  /** Group's number; -1 (the default) skips. */
  readonly gid?: number;
  readonly isExecutableBy?: "owner" | "group" | "other" | "any";
}

/** Looks into a file. */
export interface FileContentTest extends Entry {
  readonly name: string;
  readonly path: string;
  /** Regular expressions that the content must match. */
  readonly expectedContents?: readonly string[];
  /** Regular expressions that it must not match. */
  readonly excludedContents?: readonly string[];
}

/** Looks at the image's config. */
export interface MetadataTest extends Entry {
  readonly envVars?: readonly EnvVar[];
  /** Variables that must be absent; only `key` counts. */
  readonly unboundEnvVars?: readonly EnvVar[];
  /** Numbers alone, `"8080"`: the tool cuts `/tcp` off. */
  readonly exposedPorts?: readonly string[];
  readonly unexposedPorts?: readonly string[];
  /** Exactly this; `[]` asserts none. */
  readonly entrypoint?: readonly string[];
  /** Exactly this; `[]` asserts none. */
  readonly cmd?: readonly string[];
  readonly workdir?: string;
  readonly volumes?: readonly string[];
  readonly unmountedVolumes?: readonly string[];
  readonly labels?: readonly EnvVar[];
  readonly user?: string;
}

/** Looks for refused licences. */
export interface LicenseTest extends Entry {
  readonly debian?: boolean;
  readonly files?: readonly string[];
}

/** How the docker driver starts containers. */
export interface ContainerRunOptions extends Entry {
  readonly user?: string;
  readonly privileged?: boolean;
  readonly allocateTty?: boolean;
  /** Names of variables copied from the test's environment. */
  readonly envVars?: readonly string[];
  readonly envFile?: string;
  readonly capabilities?: readonly string[];
  /** `"host:container"`. */
  readonly bindMounts?: readonly string[];
}

/** Everything that a structure-test config of schema 2.0.0 can say. */
export interface StructureTests {
  readonly globalEnvVars?: readonly EnvVar[];
  readonly commandTests?: readonly CommandTest[];
  readonly fileExistenceTests?: readonly FileExistenceTest[];
  readonly fileContentTests?: readonly FileContentTest[];
  readonly metadataTest?: MetadataTest;
  readonly licenseTests?: readonly LicenseTest[];
  readonly containerRunOptions?: ContainerRunOptions;
}
