// What surrounds a VM.

/** A function that the guest imports. */
export type HostFunction = (...parameters: never[]) => number | void;

/** The surroundings of a VM. */
export interface VmOptions {
  /** Environment variables of the guest, in order. */
  readonly environment: ReadonlyMap<string, string>;
  /** Names the guest may import and the host may call, or null for no restriction. */
  readonly capabilities: ReadonlySet<string> | null;
  /** Wall clock in nanoseconds since 1970, for WASI. */
  wallNanoseconds(): bigint;
  /** Monotonic clock in nanoseconds, for WASI. */
  monotonicNanoseconds(): bigint;
  /** Random bytes. */
  random(size: number): Uint8Array;
  /** A message of the host about this VM: traps, denied capabilities. */
  report(level: number, text: string): void;
  /** Replaces an imported function, given the real one; what a fuzzer needs to lie to the guest. */
  intercept?(name: string, call: HostFunction): HostFunction;
}
