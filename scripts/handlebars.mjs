// Precompiles a skeleton of templates/ to a module, for esbuild (the package) and vite (the tests).
import Handlebars from "handlebars";

/** The text of a module whose default export renders the template. */
export function templateModule(text) {
  const spec = Handlebars.precompile(text, { noEscape: true, strict: true, knownHelpersOnly: true });
  return `import Handlebars from "handlebars/runtime.js";\nexport default Handlebars.template(${spec});\n`;
}
