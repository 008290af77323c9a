// What a part of the benchmark hands back, and how it reads as Markdown.
import type { Estimate } from "./statistics.ts";

/** A table: cells as text; `left` columns are left-aligned, the rest are figures. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many columns at the left hold text. Default: 1. */
  readonly left?: number;
  /** What must be known to read it. */
  readonly notes?: readonly string[];
}

/** The result of a part. */
export interface PartResult {
  readonly title: string;
  readonly tables: readonly Table[];
  /** Everything measured, for the JSON file. */
  readonly data: unknown;
  /** What does not do what it should, a sentence each. Default: nothing. */
  readonly mistakes?: readonly string[];
}

export function partToMarkdown(part: PartResult): string {
  return [`## ${part.title}`, ...part.tables.map(tableToMarkdown)].join("\n\n");
}

function tableToMarkdown(table: Table): string {
  const left = table.left ?? 1;
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${table.columns.map((_, index) => (index < left ? " --- " : " --: ")).join("|")}|`;
  return [
    `### ${table.title}`,
    [line(table.columns), rule, ...table.rows.map(line)].join("\n"),
    ...(table.notes ?? []),
  ].join("\n\n");
}

/** A whole number with separators: `1,234,567`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A number with so many digits after the point; `-` if there is none. */
export function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "-";
}

/** `1.23 [1.10, 1.31]`: a value and its interval. */
export function withBounds(estimate: Estimate, digits: number): string {
  const { value, low, high } = estimate;
  if (!Number.isFinite(value)) return "-";
  return `${fixed(value, digits)} [${fixed(low, digits)}, ${fixed(high, digits)}]`;
}
