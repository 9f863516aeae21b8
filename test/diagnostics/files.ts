import type { BadInput } from "./bad-input.ts"; export const fileCases: readonly BadInput[] = [];
