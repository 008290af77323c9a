// One typed function per function of WASI in use. What comes back stands in memory.ts.
import * as wasi from "./abi/wasi";
import { out } from "./memory";

/** Reads a WASI clock (0 wall, 1 monotonic). When true, its nanoseconds stand in the first 8 bytes of `out`. */
export function readClock(clock: i32): bool {
  return wasi.clock_time_get(clock, 1, out) == 0;
}

/** Nanoseconds of a WASI clock, or 0 when the host does not tell. */
export function clockTimeGet(clock: i32): u64 {
  return readClock(clock) ? load<u64>(out) : 0;
}

/** Fills `length` bytes at `data` (at most 65,536 a call) with random bytes; false when the host does not. */
export function randomGet(data: usize, length: usize): bool {
  return wasi.random_get(data, length) == 0;
}

/** The number of environment variables in the first word of `out`, the bytes they need in the second. */
export function environSizesGet(): bool {
  store<u64>(out, 0);
  return wasi.environ_sizes_get(out, out + 4) == 0;
}

export function environGet(pointers: usize, data: usize): bool {
  return wasi.environ_get(pointers, data) == 0;
}
