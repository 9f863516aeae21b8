/** What declarations import from `gen-bazel-images`: the functions, as the running package has them. */
export { defineConfig, defineService } from "./declaration.ts";
export { append, call, commented, concat, glob, ident, select, stamp, starlark } from "./values.ts";
