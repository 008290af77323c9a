// Looks into modules, whatever made them.
export { formatFinding, formatInspection, number, wrap, type FormatOptions, type Paint } from "./format.ts";
export { inspect } from "./inspect.ts";
export type * from "./inspection.ts";
export type { DataSize, FunctionSize, SectionSize, Sizes } from "./sizes.ts";
