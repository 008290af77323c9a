// Managed objects without the checks of `new`, each of which would carry its message into every module.
import { OWN_RUNTIME } from "./features";
import { cut } from "./runtime/heap";

/** The address of a new object of a class of `size` bytes, which are zero with the runtime `incremental` alone; see `idof` for the class. */
export function newObject(size: usize, id: u32): usize {
  // @ts-ignore: a builtin of asc that its own declarations leave out
  return __new(size, id);
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
