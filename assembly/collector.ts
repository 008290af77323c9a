// When garbage is collected: at the end of the outermost callback, when no reference of ours is on the stack.
import { liveContexts, visitContexts } from "./context-table";
import { OWN_RUNTIME } from "./features";
import { allocatedBytes, resetAllocatedBytes, resetMemory } from "./memory";
import { due } from "./runtime/heap";
import { beginCollection, endCollection } from "./runtime/marks";

let depth: u32 = 0;
let callbacks: u32 = 0;
let pages: i32 = memory.size();

/** A callback begins. */
export function enter(): void {
  depth++;
}

/**
 * A callback ends. A full collection marks all that lives, so its pace follows the number of live contexts;
 * it comes earlier when much was read, or when memory has grown since the last one.
 */
// @ts-ignore: decorator
@inline
export function leave(): void {
  depth--;
  rest();
}

/** Collects garbage if that is due and no callback of the filter is running. */
// @ts-ignore: decorator
@inline
export function rest(): void {
  if (OWN_RUNTIME) {
    if (due) collect();
  } else {
    collectWithAsc();
  }
}

function collect(): void {
  if (depth) return;
  beginCollection();
  visitContexts();
  endCollection();
}

function collectWithAsc(): void {
  if (depth) return;
  resetMemory();
  if (ASC_RUNTIME == 1 /* minimal */) {
    if (
      ++callbacks < 128 + liveContexts * 4 &&
      allocatedBytes < 0x20000 + ((<usize>liveContexts) << 8) &&
      memory.size() == pages
    ) {
      return;
    }
    callbacks = 0;
    resetAllocatedBytes();
    // @ts-ignore: a builtin of asc that its own declarations leave out
    __collect();
    pages = memory.size();
  }
}
