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
