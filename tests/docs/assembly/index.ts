// A library with what the reference must show right, and one thing without a comment.

/** Documented. */
export class Sample {
  /** A field. */
  count: u64 = 0;
  /** A nullable list. */
  sizes: u16[] | null = null;
  /** A map with two of them. */
  byId: Map<u32, Array<i8>> = new Map<u32, Array<i8>>();

  undocumented(): void {}

  /** A method. */
  method(flag: bool, ratio: f32): usize {
    return flag && ratio > 0 ? 1 : 0;
  }

  /** An accessor. */
  get last(): i32 {
    return 0;
  }
}

/** A function that takes one. */
export function visit(each: (value: i64) => u8): void {
  each(0);
}
