/** What a copy of this repository needs to be built and packed. */
export const packageSources = [
  "package.json",
  "tsconfig.json",
  "src",
  "scripts",
  "templates",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "WORKSPACE.example",
  "MODULE.example",
];
