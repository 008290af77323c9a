// Blocks that are given back by hand: `heap.alloc` and `heap.free`, and objects of unmanaged classes.
import { HEADER, markOf, OWNED } from "./blocks";
import { allocate, free, resize } from "./heap";

function own(block: usize): usize {
  store<u32>(block - HEADER, OWNED);
  return block;
}

/** A block of `size` bytes. */
export function __alloc(size: usize): usize {
  return own(allocate(size, 0));
}

/** Gives a block another size, which may move it. */
export function __realloc(block: usize, size: usize): usize {
  const resized = resize(block, size);
  if (resized == block) return block;
  __free(block);
  return own(resized);
}

/** Gives a block back. Static memory stays as it is, as it does with asc's own memory managers. */
export function __free(block: usize): void {
  if (block < __heap_base) return;
  // Given back twice, or not from here: better a trap than a block with two owners.
  if (markOf(block - HEADER) != OWNED) unreachable();
  free(block - HEADER);
}
