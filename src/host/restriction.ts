// Which host functions a guest may call while it starts, and while it gives memory.

/** A time at which not everything may be called. */
export type Restriction = "start-section" | "initialize" | "malloc";

const IN_INITIALIZE = new Set(["proxy_log", "emscripten_notify_memory_growth", "pthread_equal"]);
const WASI_DENIED_IN_INITIALIZE = new Set([
  "fd_read",
  "fd_seek",
  "fd_close",
  "sched_yield",
  "proc_exit",
  "path_open",
]);
const IN_MALLOC = new Set([
  "proxy_log",
  "fd_write",
  "clock_time_get",
  "poll_oneoff",
  "emscripten_notify_memory_growth",
]);

/** Whether the host function may be called meanwhile. From the start section none may. */
export function isAllowed(restriction: Restriction, name: string, wasi: boolean): boolean {
  if (restriction === "start-section") return false;
  if (restriction === "malloc") return IN_MALLOC.has(name);
  return wasi ? !WASI_DENIED_IN_INITIALIZE.has(name) : IN_INITIALIZE.has(name);
}
