import type { CatalogueEntry } from "./entry.ts";

export const registries = {} as const satisfies Record<string, CatalogueEntry>;
