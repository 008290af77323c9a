// Free runs, the parts of the heap that nobody uses, in lists by their length.
import { HEADER, lengthOf } from "./blocks";

/** Every length up to this one has a list of its own; then comes one for each power of two. */
const EXACT: usize = 256;
export const LISTS_SIZE: usize = 41 * 4;

// @ts-ignore: decorator
@lazy
export const LISTS: usize = memory.data(41 * 4, 4);

/** Bytes in all of them. */
export let room: usize = 0;

function listFor(length: usize): usize {
  return LISTS + ((length <= EXACT ? length >> 4 : <usize>40 - clz(length)) << 2);
}

/** Makes a free run of what lies between two addresses. */
export function addRun(from: usize, to: usize): void {
  const length = to - from;
  if (!length) return;
  const list = listFor(length);
  // The mark is FREE, since the two lowest bits of an address of a block are.
  store<usize>(from, load<usize>(list));
  store<usize>(from, length - HEADER, 8);
  store<usize>(list, from);
  room += length;
}

/** A free run of at least `length` bytes, which is none any more; 0 if there is none. */
export function takeRun(length: usize): usize {
  const own = listFor(length);
  // Where lengths share a list, the next one is where any is long enough.
  let link = length > EXACT ? own + 4 : own;
  while (link < LISTS + LISTS_SIZE && !load<usize>(link)) link += 4;
  if (link == LISTS + LISTS_SIZE) {
    link = own;
    while (load<usize>(link) && lengthOf(load<usize>(link)) < length) link = load<usize>(link);
  }
  const run = load<usize>(link);
  if (run) {
    store<usize>(link, load<usize>(run));
    room -= lengthOf(run);
  }
  return run;
}

/** Forgets all of them. */
export function clearRuns(): void {
  memory.fill(LISTS, 0, LISTS_SIZE);
  room = 0;
}
