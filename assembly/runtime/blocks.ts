// A block, the unit of the heap, and how its header is laid out.

// Blocks begin 4 bytes past a multiple of 16. In them are, by offset:
//    0  the address of another block, and in its two lowest bits the mark
//    4  the class of the object
//    8  the size asked for
//   12  what the block holds
// asc's static objects have the same before them, in asc's own header from `gcInfo2` on.

/** Bytes of a block before what it holds. */
export const HEADER: usize = 12;

/** The mark of a block that nobody uses: a free run, which is linked with others. */
export const FREE: u32 = 0;
/** The mark of a block that stays until it is given back by hand. The two marks between mean objects. */
export const OWNED: u32 = 3;

/** asc's own limit for one object. */
export const LARGEST: usize = (1 << 30) - 20;

/** Bytes of a block that holds `size` bytes. */
// @ts-ignore: decorator
@inline
export function blockSize(size: usize): usize {
  return (size + (HEADER + 15)) & ~15;
}

/** Bytes of a block there is. */
export function lengthOf(block: usize): usize {
  return blockSize(load<usize>(block, 8));
}

/** The mark of a block there is. */
// @ts-ignore: decorator
@inline
export function markOf(block: usize): u32 {
  return load<u32>(block) & 3;
}
