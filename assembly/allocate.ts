// Managed objects without the checks of `new`, each of which would carry its message into every module.

/** The address of a new object of a class, `size` bytes long and zeroed; see `idof` for the class. */
export function newObject(size: usize, id: u32): usize {
  // @ts-ignore: a builtin of asc that its own declarations leave out
  return __new(size, id);
}
