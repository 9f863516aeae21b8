/**
 * Starlark values as frozen data and their printing. What comes in are the values that declarations hold, lowered;
 * what goes out is text that buildifier then formats. Knows nothing of rules or files. Reading text is in `read/`.
 */
export { type Printed, printComment, printValue } from "./print.ts";
export { hasLoneSurrogate, quote } from "./quote.ts";
export {
  type Comment,
  collectLoads,
  type DictEntry,
  dict,
  type Item,
  item,
  type LoadedSymbol,
  list,
  type StarlarkArgument,
  type StarlarkValue,
  string,
} from "./value.ts";
