import testConfig from "../../templates/image_test.yaml.hbs";
import ociModule from "../../templates/oci.MODULE.bazel.hbs";
import ociDefs from "../../templates/oci_defs.bzl.hbs";
import ociDeps from "../../templates/oci_deps.bzl.hbs";
import sharedBuild from "../../templates/shared.BUILD.hbs";
import workspaceStatus from "../../templates/workspace_status.sh.hbs";
import { InternalError } from "../diagnostics/index.ts";
import type { Templates } from "../outputs/index.ts";

const compiled: Readonly<Record<string, (slots: Readonly<Record<string, string>>) => string>> = {
  "oci_deps.bzl": ociDeps,
  "oci.MODULE.bazel": ociModule,
  "oci_defs.bzl": ociDefs,
  "shared.BUILD": sharedBuild,
  "image_test.yaml": testConfig,
  "workspace_status.sh": workspaceStatus,
};

/** The skeletons of `templates/`, compiled by the build. */
export const templates: Templates = {
  render: (name, slots) => {
    const template = compiled[name];
    if (!template) throw new InternalError(`no template ${name}`);
    return template(slots);
  },
};
