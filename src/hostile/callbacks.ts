// The callbacks of the ABI as a hostile host calls them: any, on any id, with any arguments.
import type { Random } from "./random.ts";

/** One call into the guest. */
export interface Call {
  readonly callback: string;
  readonly id: number;
  /** The arguments after the id; what the callback does not take is ignored. */
  readonly a: number;
  readonly b: number;
}

/** Callbacks of HTTP streams, in the order of a request's life. */
export const HTTP = [
  "proxy_on_request_headers",
  "proxy_on_request_body",
  "proxy_on_request_trailers",
  "proxy_on_response_headers",
  "proxy_on_response_body",
  "proxy_on_response_trailers",
];

/** Callbacks of TCP streams, in the order of a connection's life. */
export const TCP = [
  "proxy_on_new_connection",
  "proxy_on_downstream_data",
  "proxy_on_upstream_data",
  "proxy_on_upstream_connection_close",
  "proxy_on_downstream_connection_close",
];

/** Callbacks of roots. */
export const ROOT = [
  "proxy_on_vm_start",
  "proxy_on_configure",
  "proxy_on_tick",
  "proxy_on_queue_ready",
  "envoy_on_stats_update",
];

/** Outcomes of calls. The id is that of a root, and tells nothing about who made the call. */
export const CALLOUT = [
  "proxy_on_http_call_response",
  "proxy_on_grpc_receive_initial_metadata",
  "proxy_on_grpc_receive",
  "proxy_on_grpc_receive_trailing_metadata",
  "proxy_on_grpc_close",
];

/** Numbers of calls are mostly below this, so that outcomes meet calls. */
export const MOST_CALLS = 8;

/** What ends any context. */
export const END = ["proxy_on_log", "proxy_on_done", "proxy_on_delete"];

/** What callbacks answer for an id that they do not know. */
export function unknownAnswer(callback: string): number {
  return /_(?:done|vm_start|configure)$/.test(callback) ? 1 : 0;
}

/** A size or count: small ones, which filters compare with limits, and any. */
export function argument(random: Random): number {
  return random.oneIn(2) ? random.below(100) : random.word();
}

/** A flag: mostly 0 or 1. */
export function flag(random: Random): number {
  return random.oneIn(6) ? random.word() : random.below(2);
}

/** An id that is in use, was in use, shares a bucket with one, or is not known at all. */
export function anyId(random: Random, used: readonly number[]): number {
  switch (random.below(8)) {
    case 0:
      return random.pick([0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff]);
    case 1:
      return random.word();
    case 2:
      return (random.pick(used) + 32 * random.below(9)) >>> 0;
    default:
      return random.pick(used);
  }
}

/** Any callback on any id. */
export function anyCall(random: Random, used: readonly number[]): Call {
  const id = anyId(random, used);
  const a = argument(random);
  const b = flag(random);
  switch (random.below(10)) {
    case 8:
    case 9:
      return {
        callback: random.pick(CALLOUT),
        id: random.oneIn(8) ? id : 1,
        a: random.below(MOST_CALLS),
        b: a,
      };
    case 0:
      return {
        callback: "proxy_on_context_create",
        id,
        a: random.oneIn(3) ? anyId(random, used) : random.below(2),
        b,
      };
    case 1:
      return { callback: random.pick(END), id, a, b };
    case 2:
      return { callback: random.pick(ROOT), id: random.oneIn(2) ? 1 : id, a, b };
    case 3:
    case 4:
      return { callback: random.pick(TCP), id, a, b };
    default:
      return { callback: random.pick(HTTP), id, a, b };
  }
}

/** Whether a hook of that name may run in that callback; a star stands for hooks of one direction's body. */
export function serves(callback: string, hook: string): boolean {
  if (hook === "constructor") return callback === "proxy_on_context_create";
  if (hook.endsWith("*")) return callback.startsWith(`proxy_on_${hook.slice(0, -1)}`);
  return callback.replace(/^envoy_/, "proxy_") === `proxy_on_${hook}`;
}
