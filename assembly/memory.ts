// What passes between guest and host: arguments in a static area, results in blocks the host asked us for.
import { newObject, shortenObject } from "./allocate";
import { OWN_RUNTIME } from "./features";
import { hasRoom } from "./runtime/heap";
import { decode, encodedBound, encodeUnits } from "./utf8";

/** Envoy's limit for the memory of a module (1 GiB); beyond it the allocator would trap, so we refuse before. */
const MEMORY_LIMIT: u64 = 1 << 30;
const SCRATCH_SIZE: usize = 4096;
const RETURN_SIZE: usize = 4096;
/** A result of the static area, as text. */
const SMALL_SIZE: usize = 2 * RETURN_SIZE;

const scratch: usize = memory.data(4096, 16);
const returned: usize = memory.data(4096, 16);

/** Where host functions write their out-parameters: up to four words. */
export const out: usize = memory.data(16, 16);

let scratchTop: usize = scratch;

/** Bytes the last {@link encode} or {@link copyIn} wrote. */
export let encodedLength: usize = 0;

/** Bytes this library has allocated for results since the collector last ran. */
export let allocatedBytes: usize = 0;

export function resetAllocatedBytes(): void {
  allocatedBytes = 0;
}

/**
 * Whether `size` more bytes can be had without running into the end of memory. Where memory has grown that far once,
 * nobody knows how much of it is free again; then what is small is still tried, as any `new` of the filter is.
 */
export function fits(size: usize): bool {
  if (OWN_RUNTIME) return hasRoom(size);
  return size <= SMALL_SIZE || ((<u64>memory.size()) << 16) + size + (size >> 3) + 0x10000 <= MEMORY_LIMIT;
}

/**
 * Writes `text` as UTF-8 where a host function can read it; {@link encodedLength} tells its length. The area
 * must be given back with {@link release}, in reverse order. 0 when the text is larger than memory allows.
 */
export function encode(text: string): usize {
  const units = <usize>text.length;
  let target = scratchTop;
  if (target + units * 3 > scratch + SCRATCH_SIZE) {
    const bound = encodedBound(changetype<usize>(text), units);
    if (!fits(bound)) {
      encodedLength = 0;
      return 0;
    }
    target = heap.alloc(bound);
    encodedLength = encodeUnits(changetype<usize>(text), units, target) - target;
    return target;
  }
  scratchTop = encodeUnits(changetype<usize>(text), units, target);
  encodedLength = scratchTop - target;
  return target;
}

/** Room for `size` bytes of arguments, to be given back with {@link release}. 0 when there is none. */
export function reserve(size: usize): usize {
  const target = scratchTop;
  if (target + size > scratch + SCRATCH_SIZE) return fits(size) ? heap.alloc(size) : 0;
  scratchTop = target + size;
  return target;
}

/** Gives back what {@link encode} or {@link reserve} returned. */
export function release(area: usize): void {
  if (area - scratch <= SCRATCH_SIZE) scratchTop = area;
  else if (area) heap.free(area);
}

/** The end of the static argument area that is in use; a log line is built there. */
export function scratchEnd(): usize {
  return scratchTop;
}

/** Bytes left in the static argument area. */
export function scratchRoom(): usize {
  return scratch + SCRATCH_SIZE - scratchTop;
}

// Results. The host calls proxy_on_memory_allocate inside a host function, writes, and gives us the pointer.

/** A read is under way: only then are blocks handed out. Stays false, and folds away, in a module that reads nothing. */
let reading: bool = false;
/** Class of the managed object the next block shall be, or 0 for a block that is decoded and dropped. */
let adoptAs: u32 = 0;
let block: usize = 0;
let blockSize: usize = 0;
/** The block outside the static area, if any: one at a time. */
let large: usize = 0;

/** Objects handed out in this callback, where a collector may run before the host has written: they must stay. */
// @ts-ignore: decorator
@lazy
const handedOut: ArrayBuffer[] = [];

/** Before a host function that returns data which will be decoded. */
export function expectText(): void {
  reading = true;
  adoptAs = 0;
  block = 0;
  store<u64>(out, 0);
}

/** Before a host function that returns data which the filter keeps: the host then writes into the object itself. */
export function expectBuffer(): void {
  expectText();
  adoptAs = idof<ArrayBuffer>();
}

/**
 * Memory for a result (spec: `proxy_on_memory_allocate`). Calls no host function and never traps: 0 when no
 * read is under way or memory is short.
 */
export function proxy_on_memory_allocate(size: usize): usize {
  if (!reading) return 0;
  // A second request replaces the first, also where nothing can be had.
  block = 0;
  blockSize = size;
  if (adoptAs) {
    if (!fits(size)) return 0;
    allocatedBytes += size;
    block = newObject(size, adoptAs);
    if (ASC_RUNTIME == 2 /* incremental */) handedOut.push(changetype<ArrayBuffer>(block));
    return block;
  }
  if (size <= RETURN_SIZE) return (block = returned);
  if (large || !fits(size)) return 0;
  return (block = large = heap.alloc(size));
}

/** Whether the host gave what it allocated: empty, or inside the block it was handed. */
export function resultIsSound(): bool {
  const length = load<usize>(out, 4);
  return !length || (load<usize>(out) == block && block != 0 && length <= blockSize);
}

/** Ends a read: nothing of it is used any more. */
export function dropResult(): void {
  reading = false;
  if (large && block == large) {
    heap.free(large);
    large = 0;
  }
  block = 0;
}

/** The result as text; ends the read. */
export function takeText(): string | null {
  const length = load<usize>(out, 4);
  if (!fits(length << 1)) {
    dropResult();
    return null;
  }
  allocatedBytes += length << 1;
  // Not at the host's pointer, which may be anything where there are no bytes.
  const text = decode(block, length);
  dropResult();
  return text;
}

/** The result as an object of its own; ends the read. */
export function takeBuffer(): ArrayBuffer {
  const length = load<usize>(out, 4);
  // Shortened in place: a copy might find no room, and a collector does not know the block yet.
  const whole = !length
    ? newObject(0, idof<ArrayBuffer>())
    : length == blockSize
      ? block
      : shortenObject(block, length);
  dropResult();
  return changetype<ArrayBuffer>(whole);
}

/** At the end of the outermost callback: a read that a re-entering host cut short leaves nothing behind. */
export function resetMemory(): void {
  if (ASC_RUNTIME == 2 /* incremental */) handedOut.length = 0;
  if (!large) return;
  heap.free(large);
  large = 0;
}
