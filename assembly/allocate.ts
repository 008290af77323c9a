// Managed objects without the checks of `new`, each of which would carry its message into every module.

/** The address of a new object of a class, `size` bytes long and zeroed; see `idof` for the class. */
export function newObject(size: usize, id: u32): usize {
  // @ts-ignore: a builtin of asc that its own declarations leave out
  return __new(size, id);
}

/** The address of the same object with fewer bytes, which stay where they are. */
export function shortenObject(object: usize, size: usize): usize {
  // @ts-ignore: as above
  return __renew(object, size);
}
