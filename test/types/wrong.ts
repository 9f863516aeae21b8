/** Nothing of this compiles; the completion of an editor is the manual. */
import { defineConfig, defineService, type LayerOptions, type LoadOptions, stamp } from "gen-bazel-images";

// @ts-expect-error a service has a name
defineService({ base: "debian" });
// @ts-expect-error it is `entrypoint`
defineService({ name: "a", entryPoint: ["/a"] });
// @ts-expect-error attributes of Starlark are not properties
defineService({ name: "a", exposed_ports: ["80"] });
// @ts-expect-error a user is a string
defineService({ name: "a", user: 1000 });
// @ts-expect-error an entrypoint is a list of strings
defineService({ name: "a", entrypoint: ["/a", 1] });
// @ts-expect-error values of the environment are strings
defineService({ name: "a", env: { A: 1 } });
// @ts-expect-error keys like numbers lose their order, so this takes pairs
defineService({ name: "a", env: { 10: "a", 2: "b" } });
// @ts-expect-error also in quotes
defineService({ name: "a", labels: { "10": "a" } });
// @ts-expect-error pairs have two parts
defineService({ name: "a", env: [["A"]] });
// @ts-expect-error a key that is a prototype
defineService({ name: "a", env: { __proto__: "x" } });
// @ts-expect-error a layer has a name
defineService({ name: "a", layers: [{ srcs: [":a"] }] });
// @ts-expect-error it is `packageDir`
defineService({ name: "a", layers: [{ name: "t", packagedir: "/" }] });
// @ts-expect-error an owner is a string, or 70.70 becomes 70.7
defineService({ name: "a", layers: [{ name: "t", owner: 70.7 }] });
// @ts-expect-error layers are a list
defineService({ name: "a", layers: ":tar" });
// @ts-expect-error a load has names to load under
defineService({ name: "a", load: {} });
// @ts-expect-error it is `repoTags`
defineService({ name: "a", load: { repoTags: ["a:b"], repo_tags: ["a:c"] } });
// @ts-expect-error manual is yes or no
defineService({ name: "a", load: { repoTags: ["a:b"], manual: "no" } });
// @ts-expect-error no such format
defineService({ name: "a", load: { repoTags: ["a:b"], format: "tar" } });
// @ts-expect-error a command test has a command
defineService({ name: "a", test: { commandTests: [{ name: "a" }] } });
// @ts-expect-error it is `exitCode`
defineService({ name: "a", test: { commandTests: [{ name: "a", command: "/a", exitcode: 1 }] } });
// @ts-expect-error an exit code is a number
defineService({ name: "a", test: { commandTests: [{ name: "a", command: "/a", exitCode: "1" }] } });
// @ts-expect-error it is `commandTests`
defineService({ name: "a", test: { commandTest: [] } });
// @ts-expect-error metadata is one object
defineService({ name: "a", test: { metadataTest: [{ user: "a" }] } });
// @ts-expect-error no such timeout
defineService({ name: "a", test: { configs: ["a.yaml"], timeout: "90s" } });
// @ts-expect-error no such driver
defineService({ name: "a", test: { configs: ["a.yaml"], driver: "podman" } });
// @ts-expect-error it is `remoteTags`
defineService({ name: "a", push: { repository: "a", tag: "v1" } });
// @ts-expect-error an image is described by an object, or there is none
defineService({ name: "a", image: true });

// @ts-expect-error a stamp has a text for unstamped builds
stamp("STABLE_VERSION");
// @ts-expect-error a stamp has a text for unstamped builds
stamp("STABLE_VERSION", { prefix: "v" });
// @ts-expect-error the environment is not stamped
defineService({ name: "a", env: { A: stamp("STABLE_VERSION", { fallback: "dev" }) } });
// @ts-expect-error names to load under are not stamped
defineService({ name: "a", load: { repoTags: [stamp("STABLE_VERSION", { fallback: "dev" })] } });
// @ts-expect-error a list of stamps is no stamp
defineService({ name: "a", labels: { a: [stamp("STABLE_VERSION", { fallback: "dev" })] } });
// @ts-expect-error no such stage
defineService({ name: "a", push: { repository: "a", stage: "final" } });
// @ts-expect-error a platform is a string
defineService({ name: "a", layers: [{ name: "t", crossBinary: ["linux/amd64"] }] });
// @ts-expect-error keys are strings
defineConfig({ rulesets: { oci: "rules_oci@2" }, services: [], goStamps: { a: 1 } });

// @ts-expect-error no config without rulesets
defineConfig({ services: [] });
// @ts-expect-error rules_docker is no ruleset for oci
defineConfig({ rulesets: { oci: "rules_docker@0.25.0" }, services: [] });
// @ts-expect-error a ruleset has a version
defineConfig({ rulesets: { oci: "rules_oci" }, services: [] });
// @ts-expect-error it is "bzlmod"
defineConfig({ rulesets: { oci: "rules_oci@2" }, services: [], externalDeps: "module" });
// @ts-expect-error a base has an image
defineConfig({ rulesets: { oci: "rules_oci@2" }, services: [], bases: { debian: { tag: "stable" } } });
// @ts-expect-error it is `repositoryPrefix`
defineConfig({ rulesets: { oci: "rules_oci@2" }, services: [], repository_prefix: "a.b" });
// @ts-expect-error defaults name no service
defineConfig({ rulesets: { oci: "rules_oci@2" }, services: [], defaults: { name: "a" } });
// @ts-expect-error services are a list
defineConfig({ rulesets: { oci: "rules_oci@2" }, services: "cmd/*.image.ts" });

// @ts-expect-error what is declared is not changed afterwards
(({ name: "t" }) satisfies LayerOptions as LayerOptions).name = "u";
// @ts-expect-error a load of nothing
export const load: LoadOptions = { manual: true };
