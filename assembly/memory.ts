// What passes between guest and host: arguments in a static area, results in blocks the host asked us for.
import { Status } from "./abi/types";
import { newObject, shortenObject, tryObject } from "./allocate";
import { OWN_RUNTIME } from "./features";
import { decodeInto, encodedBound, encodeUnits } from "./utf8";

// Together so small that what lies behind them still has an address below 8192, which takes a byte less in code.
const SCRATCH_SIZE: usize = 4096;
const RETURN_SIZE: usize = 2048;
const scratch: usize = memory.data(4096, 16);
const returned: usize = memory.data(2048, 16);

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
  if (OWN_RUNTIME) return tryObject(size, idof<ArrayBuffer>());
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
  const target = encodeLast(text);
  if (target == scratchTop) scratchTop += encodedLength;
  return target;
}

/**
 * As {@link encode}, for the last of what a host function gets: nothing is encoded or reserved between this and the
 * call, so that the area need not be given back.
 */
export function encodeLast(text: string): usize {
  const units = <usize>text.length;
  let target = scratchTop;
  if (target + units * 3 > scratch + SCRATCH_SIZE) {
    target = borrow(encodedBound(changetype<usize>(text), units));
  }
  encodedLength = target ? encodeUnits(changetype<usize>(text), units, target) - target : 0;
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
/** The last block handed out, and its size: 0 when none was in the read under way. */
let block: usize = 0;
let blockSize: usize = 0;

/** Before a host function that returns data which will be decoded. */
export function expectText(): void {
  reading = true;
  adopting = false;
  blockSize = 0;
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
  block = adopting || size > RETURN_SIZE ? borrow(size) : returned;
  blockSize = block ? size : 0;
  return block;
}

/**
 * After the host function: its status, or another one when what it gave is not inside the block it was handed. What is
 * taken without `Ok` is empty.
 */
export function endRead(status: Status): Status {
  const size = blockSize;
  reading = false;
  // What is there now is for this read alone, and not for one around it.
  blockSize = 0;
  if (status == Status.Ok) {
    const length = load<usize>(out, 4);
    if (length <= size && (!length || load<usize>(out) == block)) return status;
    status = Status.InvalidMemoryAccess;
  }
  store<u64>(out, 0);
  return status;
}

/** The result as text; null when there is no room for it. */
export function takeText(): string | null {
  const length = load<usize>(out, 4);
  const object = tryObject(length << 1, idof<string>());
  // Not from the host's pointer, which may be anything where there are no bytes.
  const text = object ? decodeInto(object, block, length) : null;
  if (!OWN_RUNTIME) allocatedBytes += length << 1;
  return text;
}

/** The result as an object of its own. */
export function takeBuffer(): ArrayBuffer {
  const length = load<usize>(out, 4);
  // Shortened in place: a copy might find no room, and a collector does not know the block yet.
  return changetype<ArrayBuffer>(length ? shortenObject(block, length) : newObject(0, idof<ArrayBuffer>()));
}

/** At the end of the outermost callback. */
export function resetMemory(): void {
  if (ASC_RUNTIME == 2 /* incremental */) borrowed.length = 0;
}
