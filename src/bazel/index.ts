/** Bazel's vocabulary: labels, and rules as they stand in a BUILD file. Knows nothing of images. */
export { buildFilesIn, isBuildFile } from "./build-file.ts";
export {
  absoluteLabel,
  fileLabel,
  folderOf,
  isLabel,
  isLoadLabel,
  isPackageName,
  isRepositoryName,
  isTargetName,
  type Label,
  parseLabel,
  pathIn,
} from "./label.ts";
export { type Attribute, attributeOf, loadsOfRules, printRule, type Rule } from "./rule.ts";
