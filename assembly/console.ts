// AssemblyScript's `console` and `trace` over the proxy's log. The preset puts them in place of the originals.
import { LogLevel } from "./abi/types";
import { clockTimeGet } from "./wasi-hostcalls";
import { log as logLine } from "./log";

// @ts-ignore: decorator
@lazy
const timers = new Map<string, u64>();

function elapsed(label: string): string {
  if (!timers.has(label)) return label + ": no such timer";
  // Before the host is asked, which may call in and have the timer ended.
  const started = timers.get(label);
  return label + ": " + ((clockTimeGet(1) - started) / 1000000).toString() + "ms";
}

export namespace sdk_console {
  /** Writes an error line when the condition does not hold; it does not end anything. */
  export function assert<T>(condition: T, message: string = ""): void {
    if (!condition) logLine(LogLevel.Error, "Assertion failed: " + message);
  }

  export function log(message: string = ""): void {
    logLine(LogLevel.Info, message);
  }

  export function debug(message: string = ""): void {
    logLine(LogLevel.Debug, message);
  }

  export function info(message: string = ""): void {
    logLine(LogLevel.Info, message);
  }

  export function warn(message: string = ""): void {
    logLine(LogLevel.Warn, message);
  }

  export function error(message: string = ""): void {
    logLine(LogLevel.Error, message);
  }

  export function time(label: string = "default"): void {
    timers.set(label, clockTimeGet(1));
  }

  export function timeLog(label: string = "default"): void {
    logLine(LogLevel.Info, elapsed(label));
  }

  export function timeEnd(label: string = "default"): void {
    logLine(LogLevel.Info, elapsed(label));
    timers.delete(label);
  }
}

/** `trace("message", n, a0, ...)`: a debug aid, written at level trace. */
export function sdk_trace(
  message: string,
  n: i32 = 0,
  a0: f64 = 0,
  a1: f64 = 0,
  a2: f64 = 0,
  a3: f64 = 0,
  a4: f64 = 0,
): void {
  let line = "trace: " + message;
  if (n > 0) line += " " + a0.toString();
  if (n > 1) line += ", " + a1.toString();
  if (n > 2) line += ", " + a2.toString();
  if (n > 3) line += ", " + a3.toString();
  if (n > 4) line += ", " + a4.toString();
  logLine(LogLevel.Trace, line);
}
