import type { CatalogueEntry } from "./entry.ts";

export const files = {} as const satisfies Record<string, CatalogueEntry>;
