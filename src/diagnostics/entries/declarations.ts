import type { CatalogueEntry } from "./entry.ts";

export const declarations = {} as const satisfies Record<string, CatalogueEntry>;
