// Looks into modules, whatever made them.
export { formatInspection, type FormatOptions } from "./format.ts";
export { inspect } from "./inspect.ts";
export type * from "./inspection.ts";
export type { DataSize, FunctionSize, SectionSize, Sizes } from "./sizes.ts";
