// What passes between guest and host: arguments in a static area, results in blocks the host asked us for.
import { newObject, shortenObject, tryObject } from "./allocate";
import { decodeInto, encodedBound, encodeQuickly } from "./utf8";

const SCRATCH_SIZE: usize = 4096;
const RETURN_SIZE: usize = 4096;
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

/** What was borrowed in this callback, where a collector may run before it is used: it must stay. */
// @ts-ignore: decorator
@lazy
const borrowed: ArrayBuffer[] = [];

/**
 * Room that is too large for the static areas: an object, which the collector takes back after the callback. 0 when
 * there is none.
 */
function borrow(size: usize): usize {
  const object = tryObject(size, idof<ArrayBuffer>());
  if (!object) return 0;
  allocatedBytes += size;
  if (ASC_RUNTIME == 2 /* incremental */) borrowed.push(changetype<ArrayBuffer>(object));
  return object;
}

/**
 * Writes `text` as UTF-8 where a host function can read it; {@link encodedLength} tells its length. The area
 * must be given back with {@link release}, in reverse order. 0 when the text is larger than memory allows.
 */
export function encode(text: string): usize {
  const units = <usize>text.length;
  let target = scratchTop;
  if (target + units * 3 > scratch + SCRATCH_SIZE) {
    target = borrow(encodedBound(changetype<usize>(text), units));
    encodedLength = target ? encodeQuickly(changetype<usize>(text), units, target) - target : 0;
    return target;
  }
  scratchTop = encodeQuickly(changetype<usize>(text), units, target);
  encodedLength = scratchTop - target;
  return target;
}

/** Room for `size` bytes of arguments, to be given back with {@link release}. 0 when there is none. */
export function reserve(size: usize): usize {
  const target = scratchTop;
  if (target + size > scratch + SCRATCH_SIZE) return borrow(size);
  scratchTop = target + size;
  return target;
}

/** Gives back what {@link encode} or {@link reserve} returned. */
export function release(area: usize): void {
  if (area - scratch <= SCRATCH_SIZE) scratchTop = area;
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
/** The next block shall be an object that the filter keeps, not the static area. */
let adopting: bool = false;
let block: usize = 0;
let blockSize: usize = 0;

/** Before a host function that returns data which will be decoded. */
export function expectText(): void {
  reading = true;
  adopting = false;
  block = 0;
  store<u64>(out, 0);
}

/** Before a host function that returns data which the filter keeps: the host then writes into the object itself. */
export function expectBuffer(): void {
  expectText();
  adopting = true;
}

/**
 * Memory for a result (spec: `proxy_on_memory_allocate`). Calls no host function and never traps: 0 when no
 * read is under way or memory is short.
 */
export function proxy_on_memory_allocate(size: usize): usize {
  if (!reading) return 0;
  // A second request replaces the first, also where nothing can be had.
  blockSize = size;
  return (block = adopting || size > RETURN_SIZE ? borrow(size) : returned);
}

/** Whether the host gave what it allocated: empty, or inside the block it was handed. */
export function resultIsSound(): bool {
  const length = load<usize>(out, 4);
  return !length || (load<usize>(out) == block && block != 0 && length <= blockSize);
}

/** Ends a read: nothing of it is used any more. */
export function dropResult(): void {
  reading = false;
  block = 0;
}

/** The result as text; ends the read. */
export function takeText(): string | null {
  const length = load<usize>(out, 4);
  const object = tryObject(length << 1, idof<string>());
  // Not from the host's pointer, which may be anything where there are no bytes.
  const text = object ? decodeInto(object, block, length) : null;
  allocatedBytes += length << 1;
  dropResult();
  return text;
}

/** The result as an object of its own; ends the read. */
export function takeBuffer(): ArrayBuffer {
  const length = load<usize>(out, 4);
  // Shortened in place: a copy might find no room, and a collector does not know the block yet.
  const whole = block ? shortenObject(block, length) : newObject(0, idof<ArrayBuffer>());
  dropResult();
  return changetype<ArrayBuffer>(whole);
}

/** At the end of the outermost callback. */
export function resetMemory(): void {
  if (ASC_RUNTIME == 2 /* incremental */) borrowed.length = 0;
}
