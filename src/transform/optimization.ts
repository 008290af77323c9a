// What is done to the module beyond asc's own optimization: small functions are inlined, constants are known from the start.
import type binaryen from "binaryen";
import type { Options } from "assemblyscript";
import { foldStart } from "./start.ts";

/** How binaryen.js is asked to optimize; sizes of functions are in its own measure of their code. */
interface Level {
  readonly optimize: number;
  readonly shrink: number;
  /** Functions up to this size are inlined wherever they are called. */
  readonly always: number;
  /** Functions up to this size that call nothing and have no loop are inlined where the level is for speed. */
  readonly flexible: number;
  /** Functions up to this size that are called from one place are inlined there. */
  readonly oneCaller: number;
}

/** First for speed, though only with functions whose calls take more time than bytes; then for size. */
const LEVELS: readonly Level[] = [
  { optimize: 3, shrink: 0, always: 12, flexible: 10, oneCaller: 400 },
  { optimize: 0, shrink: 2, always: 2, flexible: 10, oneCaller: 400 },
];

/**
 * Optimizes a module again whenever asc has. Where asc optimizes for size, calls stay that are longer than what they
 * call, and take most of the time of a short callback. Without optimization, or where the user asks for speed alone,
 * asc's work stays as it is.
 */
export function optimizeFurther(
  module: binaryen.Module,
  { shrinkLevelHint }: Options,
  library: typeof binaryen,
): void {
  if (shrinkLevelHint === 0) return;
  const runPasses = module.runPasses;
  // asc calls this after each of its optimizations, also where the user wants no passes.
  module.runPasses = (passes) => {
    const before = currentLevel(library);
    for (const level of LEVELS) {
      apply(library, level);
      module.optimize();
      if (foldStart(module, library)) module.optimize();
    }
    apply(library, before);
    runPasses(passes);
  };
}

function currentLevel(library: typeof binaryen): Level {
  return {
    optimize: library.getOptimizeLevel(),
    shrink: library.getShrinkLevel(),
    always: library.getAlwaysInlineMaxSize(),
    flexible: library.getFlexibleInlineMaxSize(),
    oneCaller: library.getOneCallerInlineMaxSize(),
  };
}

function apply(library: typeof binaryen, level: Level): void {
  library.setOptimizeLevel(level.optimize);
  library.setShrinkLevel(level.shrink);
  library.setAlwaysInlineMaxSize(level.always);
  library.setFlexibleInlineMaxSize(level.flexible);
  library.setOneCallerInlineMaxSize(level.oneCaller);
}
