// The host's clock, and AssemblyScript's `Date` and `performance` over it.
// @ts-ignore: asc finds it; tsc would check the whole standard library behind "date"
import { Date } from "~lib/date";
import * as hostcalls from "./hostcalls";
import * as wasi from "./wasi-hostcalls";

/**
 * Nanoseconds since 1970 by the proxy's clock; 0 when the host does not tell. Allowed in every callback, but
 * not in top-level code, where `Date.now()` is. Spec: `proxy_get_current_time_nanoseconds`.
 */
export function getCurrentTimeNanoseconds(): u64 {
  return hostcalls.getCurrentTimeNanoseconds();
}

/** `Date` with the wall clock of WASI, which hosts offer at any time. The preset puts it in place of the original. */
export class sdk_Date extends Date {
  static now(): i64 {
    return <i64>(wasi.clockTimeGet(0) / 1000000);
  }

  // Redefined so that they return this class, which is what `Date` means to the filter.
  static fromString(dateTimeString: string): sdk_Date {
    // @ts-ignore: as above
    return new sdk_Date(Date.fromString(dateTimeString).getTime());
  }

  static parse(dateString: string): sdk_Date {
    return sdk_Date.fromString(dateString);
  }
}

/** `performance` with the monotonic clock of WASI. */
export namespace sdk_performance {
  /** Milliseconds, with fractions, since an unspecified start. */
  export function now(): f64 {
    return <f64>wasi.clockTimeGet(1) / 1000000;
  }
}
