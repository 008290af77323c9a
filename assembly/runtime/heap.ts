// The heap: a row of blocks without gaps. A new block is cut off the front of the current run.
import { blockSize, FREE, HEADER, LARGEST, lengthOf, markOf, OWNED } from "./blocks";
import { addRun, clearRuns, room, takeRun } from "./runs";

/** Up to this length, a block begins a new current run; longer ones leave the current run as it is. */
const SMALL: usize = 512;
/** Bytes to be allocated between two collections, at least. */
const PACE: isize = 0x8000;

/** Where the row begins. A function, since only its body is worked out at compile time. */
// @ts-ignore: decorator
@inline
export function begin(): usize {
  return ((__heap_base + HEADER + 15) & ~15) - HEADER;
}

/** What is left of the current run. */
export let bump: usize = 0;
export let limit: usize = 0;
/** Where the row ends; 0 before the first block. */
export let end: usize = 0;
/** There should be a collection. Stays false, and what it guards folds away, in a module that allocates nothing. */
export let due: bool = false;
/** Where the free run at the end begins, after {@link walk}. */
let tail: usize = 0;
/** A collection is due when there is less room than this. */
let floor: isize = -0x8000;
/** The mark of new objects, and of those that the last collection has found in use: 1 and 2 by turns. */
export let color: u32 = 1;

/** Where a row that takes all of the module's memory ends. */
function top(): usize {
  return ((<usize>memory.size()) << 16) - HEADER;
}

/**
 * Makes the row longer by at least `length` bytes, which belong to the free run at its end; false if there is no more
 * memory.
 */
function grow(length: usize): bool {
  // The row may begin a little after the end of memory, and after what is not ours.
  const pages = <i32>((length + 0x1001f) >> 16);
  let before = memory.grow(pages + (memory.size() >> 3));
  if (before < 0) before = memory.grow(pages);
  if (before < 0) return false;
  const added = (<usize>before) << 16;
  const old = end;
  end = top();
  floor += end - old;
  if (added - HEADER <= old) return true;
  // Someone else has grown the memory meanwhile: what lies between is not ours, to the last byte.
  addRun(tail, old);
  tail = added + 16 - HEADER;
  store<u32>(old, OWNED);
  store<usize>(old, tail - old - HEADER, 8);
  return true;
}

/**
 * Goes through all blocks. Those that bear the mark `dead` or none become free runs, each as long as possible; the
 * one at the end is left to the caller. Of all other blocks the bytes are returned.
 */
function walk(dead: u32): usize {
  addRun(bump, limit);
  bump = limit = 0;
  clearRuns();
  let live: usize = 0;
  let run: usize = 0;
  let block = begin();
  while (block < end) {
    const mark = markOf(block);
    const length = lengthOf(block);
    if (mark != FREE && mark != dead) {
      if (run) addRun(run, block);
      run = 0;
      live += length;
    } else if (!run) {
      run = block;
    }
    block += length;
  }
  tail = run ? run : end;
  return live;
}

/** As {@link takeRun}, after all that can help: free runs side by side become one, and memory grows. */
function obtainRun(length: usize): usize {
  if (!end) {
    end = max(begin(), top());
    floor += end - begin();
    addRun(begin(), end);
  }
  let run = takeRun(length);
  if (run) return run;
  walk(FREE);
  run = takeRun(length);
  if (!run) while (end - tail < length && grow(length - (end - tail)));
  addRun(tail, end);
  return run ? run : takeRun(length);
}

/** A block for `size` bytes where the current run is too short for it, 0 if not even `spare` more can be had. */
function refill(size: usize, spare: usize): usize {
  if (size > LARGEST) return 0;
  const length = blockSize(size);
  const run = obtainRun(length + spare);
  if (!run) return 0;
  const to = run + lengthOf(run);
  let block = run;
  if (length <= SMALL) {
    addRun(bump, limit);
    bump = run + length;
    limit = to;
  } else {
    // At the end, so that small ones which stay do not get between large ones which go.
    block = to - length;
    addRun(run, block);
  }
  // The current run ends, at the latest, where the next collection is due.
  const left = <isize>(room + (limit - bump)) - floor;
  if (left < 0) {
    due = true;
  } else if (<usize>left < limit - bump) {
    const cut = bump + (left & ~15);
    addRun(cut, limit);
    limit = cut;
  }
  return block;
}

function place(size: usize, id: u32, spare: usize): usize {
  const length = blockSize(size);
  let block = bump;
  if (length > limit - block || size > LARGEST) {
    block = refill(size, spare);
    if (!block) return 0;
  } else {
    bump = block + length;
  }
  store<u32>(block, color);
  store<u32>(block, id, 4);
  store<usize>(block, size, 8);
  return block + HEADER;
}

/** A new object; what it holds is what was there before. Traps when there is no room. */
export function allocate(size: usize, id: u32): usize {
  const object = place(size, id, 0);
  if (!object) unreachable();
  return object;
}

/**
 * A new object, or 0 when there is no room for it. Where memory comes to its end, something is left for the small
 * objects around it.
 */
export function tryAllocate(size: usize, id: u32): usize {
  return place(size, id, SMALL);
}

/** Gives an object another size where it is; false if that cannot be. */
function resizeInPlace(object: usize, size: usize): bool {
  if (object < __heap_base || size > LARGEST) return false;
  const block = object - HEADER;
  const length = blockSize(size);
  const after = block + lengthOf(block);
  if (after == bump) {
    if (length > limit - block) return false;
    bump = block + length;
  } else {
    if (length > after - block) return false;
    addRun(block + length, after);
  }
  store<usize>(block, size, 8);
  return true;
}

/** Gives back the end of an object that is about to be `size` bytes long. */
export function cut(object: usize, size: usize): void {
  const block = object - HEADER;
  addRun(block + blockSize(size), block + lengthOf(block));
}

/** The same object with another size, or a new one with the same bytes, as many as fit. */
export function resize(object: usize, size: usize): usize {
  if (resizeInPlace(object, size)) return object;
  const resized = allocate(size, load<u32>(object - 8));
  memory.copy(resized, object, min(size, load<usize>(object - 4)));
  return resized;
}

/** Gives a block back at once. */
export function free(block: usize): void {
  const after = block + lengthOf(block);
  store<u32>(block, FREE);
  if (after == bump) bump = block;
  else addRun(block, after);
}

/** From here on, what bears the current mark is what a collection finds in use. */
export function turnColor(): void {
  color ^= 3;
}

/** Frees all that does not bear the current mark. The more is in use, the later the next collection. */
export function sweep(): void {
  const pace = max(walk(color ^ 3), PACE);
  const wanted = room + (end - tail);
  if (wanted < pace) grow(pace - wanted);
  addRun(tail, end);
  floor = room - min(pace, room - (room >> 2));
  due = false;
}

/** Has a collection take place when the callback ends. Before the first object there is nothing to collect. */
export function makeDue(): void {
  due = end != 0;
}
