// The preset's asc transform: removes callbacks that nothing receives, and explains mistakes.
import type { Program } from "assemblyscript";
import { setFeatures } from "./features.ts";
import { pruneCallbacks, type PruneReport } from "./prune.ts";
import { findContexts } from "./sdk.ts";

const reports = new WeakMap<Program, PruneReport>();

/**
 * What was removed from a program that this transform has seen, for tools that drive asc themselves; `null` for
 * any other program. A transform of their own, run in the same build, has the program as `this.program`.
 */
export function pruneReport(program: Program): PruneReport | null {
  return reports.get(program) ?? null;
}

/** What asc loads by `"transform": ["proxy-wasm-as/transform"]`, and runs once per build. */
export default class ProxyWasmTransform {
  // asc puts the program on the prototype before it makes the object.
  declare readonly program: Program;

  /** asc calls it when classes know their bases and nothing is compiled yet. */
  afterInitialize(program: Program): void {
    const contexts = findContexts(program);
    setFeatures(program, contexts);
    reports.set(program, pruneCallbacks(program, contexts));
  }
}

export type { PruneReport } from "./prune.ts";
