// What the fuzzer can find wrong.

/** The rule that was broken. */
export type FailureKind =
  /** The guest trapped. */
  | "trap"
  /** A read gave the filter something else than what the host gave. */
  | "read"
  /** An argument holds bytes that the guest was not given. */
  | "leak"
  /** An argument or a block lies outside memory, or outside where arguments and blocks belong. */
  | "pointer"
  /** The allocator gave out memory when nothing was read, or called the host. */
  | "allocator"
  /** A callback went to another context than the one it was for, or an unknown id was not left alone. */
  | "context"
  /** Memory grew although every context was deleted. */
  | "memory"
  /** An ordinary request was not served as in a fresh VM. */
  | "request";

/** A rule that was broken, with what was seen. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
