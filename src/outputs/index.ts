/**
 * One module per kind of file that is wholly ours: what its skeleton in `templates/` gets. Nothing here reads or writes;
 * BUILD files of services, of which only a region is ours, are made by `pipeline/merge`.
 */
export { ociDefs } from "./oci-defs.ts";
export { ociDeps } from "./oci-deps.ts";
export { ociModule } from "./oci-module.ts";
export {
  type FileType,
  header,
  isOurs,
  type OutputFile,
  type StarlarkOutput,
  type Templates,
  withoutHeader,
} from "./output.ts";
export { sharedBuild } from "./shared-build.ts";
export { printTests, testConfig } from "./test-config.ts";
export {
  importsOf,
  stampingConfigs,
  stampingLines,
  statusScript,
  withStampingLines,
  workspaceStatus,
} from "./workspace-status.ts";
