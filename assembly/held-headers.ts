// Finds requests that would hang: headers held for a body that the proxy has, but keeps to itself.
import { LogLevel, Status } from "./abi/types";
import { effectiveId } from "./active-context";
import { findContext } from "./context-table";
import { TICKS } from "./features";
import { Flow } from "./flow";
import * as hostcalls from "./hostcalls";
import { HttpStream } from "./http-stream";
import { beginLine, logLine } from "./line";
import { encode, encodedLength, release, takeBuffer } from "./memory";

// Envoy lets a filter see the body while it holds the headers only if it is configured to, and does not tell whether it is.
// What it does tell is how much of a body it has received. A filter in front may hold the body, too, but not for
// long once it is complete; and as soon as one body has come to this module, all is well for good.

const PERIOD_MS: u32 = 500;
const PATIENCE_NS: u64 = 1_000_000_000;

/** A request whose headers are held for a body of which nothing has come. */
@final
class Held {
  next: Held | null = null;
  /** When it was first looked at, in nanoseconds. */
  since: u64 = 0;

  constructor(readonly stream: HttpStream) {}
}

// @ts-ignore: decorator
@lazy
let first: Held | null = null;
let anyCame: bool = false;
let told: bool = false;

/** To be called in every tick; null in a module that never holds headers for a body. */
export let lookAtHeld: (() => void) | null = null;

/** The headers of a request are held for its body. */
export function expectBody(stream: HttpStream): void {
  if (anyCame) return;
  lookAtHeld = look;
  if (!TICKS && first == null) hostcalls.setTickPeriodMilliseconds(PERIOD_MS);
  const held = new Held(stream);
  held.next = first;
  first = held;
}

/** A part of such a body has come. */
export function bodyCame(): void {
  anyCame = true;
}

function look(): void {
  let held = first;
  if (held == null) return;
  first = null;
  while (held != null) {
    const next: Held | null = held.next;
    if (!anyCame && isHeld(held.stream) && (!isOld(held) || !endHanging(held.stream))) {
      held.next = first;
      first = held;
    }
    held = next;
  }
  if (!TICKS && first == null) hostcalls.setTickPeriodMilliseconds(0);
}

function isOld(held: Held): bool {
  const now = hostcalls.getCurrentTimeNanoseconds();
  if (held.since == 0) held.since = now;
  return now - held.since >= PATIENCE_NS;
}

function isHeld(stream: HttpStream): bool {
  return (
    (stream.__flow & (Flow.Collecting | Flow.HoldingHeaders)) == (Flow.Collecting | Flow.HoldingHeaders) &&
    !(stream.__flow & (Flow.Replied | Flow.Ended)) &&
    // A host that called in while the headers were looked at may have deleted or replaced it.
    changetype<usize>(findContext(stream.contextId)) == changetype<usize>(stream)
  );
}

/** Answers a request whose body the proxy has received; false if it has not. */
function endHanging(stream: HttpStream): bool {
  if (hostcalls.setEffectiveContext(stream.contextId) != Status.Ok) return true;
  const received = size("request\0total_size") - size("request\0headers_bytes");
  const complete = received > 0 && received >= size("request\0size");
  hostcalls.setEffectiveContext(effectiveId);
  if (!complete) return false;
  if (!told) {
    told = true;
    beginLine(
      "proxy-wasm-as: bufferRequestBody holds the headers, and the proxy does not show the body meanwhile: set allow_on_headers_stop_iteration: true in the configuration of the plugin, beside vm_config",
    );
    logLine(LogLevel.Error);
  }
  stream.sendLocalResponse(500, "", null, "allow_on_headers_stop_iteration_is_not_set");
  return true;
}

function size(path: string): i64 {
  const name = encode(path);
  const status = hostcalls.getPropertyBytes(name, encodedLength);
  release(name);
  if (status != Status.Ok) return 0;
  const bytes = takeBuffer();
  return bytes.byteLength == 8 ? load<i64>(changetype<usize>(bytes)) : 0;
}
