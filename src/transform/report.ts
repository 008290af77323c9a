// What the transform leaves at a program for tools that drive asc, found again by any copy of this file.
import type { Program } from "assemblyscript";
import type { PruneReport } from "./prune.ts";

/** Where it is kept; a global symbol, since a build may load two copies of this file. */
export const STATE = Symbol.for("proxy-wasm-as/transform");

/** What is kept. */
export interface State {
  report: PruneReport | null;
}

/** A program that may have been seen by the transform. */
export interface Marked {
  [STATE]?: State;
}

/**
 * What was removed from a program that this transform has seen, for tools that drive asc themselves; `null` for
 * any other program. A transform of their own, run in the same build, has the program as `this.program`.
 */
export function pruneReport(program: Program): PruneReport | null {
  return (program as Marked)[STATE]?.report ?? null;
}
