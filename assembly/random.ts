// Randomness: what `Math.random` is seeded with, and `crypto.getRandomValues`.
import * as wasi from "./wasi-hostcalls";
import { out } from "./memory";

/** WASI hosts give at most this many bytes a call. */
const MOST: i32 = 65536;

/** Replaces AssemblyScript's `seed`; every VM gets its own. */
export function sdk_seed(): f64 {
  wasi.randomGet(out, 8);
  return load<f64>(out);
}

/** `crypto` over the host's random source. */
export namespace sdk_crypto {
  /** Fills the array with random bytes. A host without a random source ends the VM: zeros must not pass as random. */
  export function getRandomValues(array: Uint8Array): void {
    for (let at = 0; at < array.length; at += MOST) {
      const length = min(array.length - at, MOST);
      if (!wasi.randomGet(array.dataStart + at, length)) throw new Error("the host has no random source");
    }
  }
}
