import type { BadInput } from "./bad-input.ts"; export const serviceCases: readonly BadInput[] = [];
