// Managed objects without the checks of `new`, each of which would carry its message into every module.
import { OWN_RUNTIME } from "./features";
import { cut, tryAllocate } from "./runtime/heap";

/** The address of a new object of a class of `size` bytes, which are zero with the runtime `incremental` alone; see `idof` for the class. */
export function newObject(size: usize, id: u32): usize {
  // @ts-ignore: a builtin of asc that its own declarations leave out
  return __new(size, id);
}

/** Envoy's limit for the memory of a module (1 GiB). */
const MEMORY_LIMIT: u64 = 1 << 30;
/** What is smaller is tried even where memory has come to its limit, as any `new` of a filter is. */
const SMALL: usize = 8192;

/**
 * The address of a new object, or 0 where there is no room. The memory managers of asc trap when they cannot grow:
 * with them, room is what Envoy would give, and nobody knows how much of it is free again.
 */
export function tryObject(size: usize, id: u32): usize {
  if (OWN_RUNTIME) return tryAllocate(size, id);
  if (size > SMALL && ((<u64>memory.size()) << 16) + size + (size >> 3) + 0x10000 > MEMORY_LIMIT) return 0;
  return newObject(size, id);
}

/** The same object with fewer bytes, which stay where they are. */
export function shortenObject(object: usize, size: usize): usize {
  if (OWN_RUNTIME) cut(object, size);
  // The last word before an object is its size, to the language; the collectors of asc have the block's own.
  store<u32>(object - 4, <u32>size);
  return object;
}

/** All bytes of a buffer as what a filter works with. */
export function viewOf(buffer: ArrayBuffer): Uint8Array {
  const view = newObject(offsetof<Uint8Array>(), idof<Uint8Array>());
  store<usize>(view, changetype<usize>(buffer), offsetof<Uint8Array>("buffer"));
  store<usize>(view, changetype<usize>(buffer), offsetof<Uint8Array>("dataStart"));
  store<i32>(view, buffer.byteLength, offsetof<Uint8Array>("byteLength"));
  // @ts-ignore: a builtin of asc that its own declarations leave out
  __link(view, changetype<usize>(buffer), false);
  return changetype<Uint8Array>(view);
}

/** No bytes. */
export function noBytes(): Uint8Array {
  return viewOf(changetype<ArrayBuffer>(newObject(0, idof<ArrayBuffer>())));
}
