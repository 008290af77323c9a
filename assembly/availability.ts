// Which maps and buffers the host may be asked for in the callback that is running: Envoy may crash on the others.
import { BufferType, MapType, Status } from "./abi/types";
import { heldBodyGone, Phase, phase, trackActive } from "./active-context";
import { CALLOUTS, TCP } from "./features";
import { calloutFlow, Flow, REQUEST, RESPONSE, trackFlow } from "./flow";
import * as hostcalls from "./hostcalls";
import { takeText } from "./memory";

/** Stand for a map and a buffer that are no longer there. */
export const NO_MAP = <MapType>(<i32>8);
export const NO_BUFFER = <BufferType>(<i32>9);

// How a call of a map or buffer is compiled, as a type argument. Where the preset's transform sees that a call stands in
// the callback that the map or buffer belongs to, nothing needs to be asked, and asc leaves the questions out.

/** Any callback: whether the map or buffer can be used is asked first. */
export type AnyCallback = i32;

/** The callback of the map or buffer itself. */
export type OwnCallback = bool;

/**
 * Whether the host may be asked for a map. Where a headers callback has held a stream, Envoy keeps pointing to the
 * headers after they are gone: when the stream is over, and, for those of a response, when another takes its place.
 */
export function mapIsReachable(type: MapType, write: bool): bool {
  if (type > MapType.HttpResponseTrailers) {
    return CALLOUTS && trackActive && phase == Phase.Callout && !write && type < NO_MAP;
  }
  if (!trackActive) return true;
  if (phase >= Phase.Log) return phase == Phase.Log && !write;
  if (CALLOUTS && phase == Phase.Callout) return heldMapIsReachable(type, write);
  // Written in the response, request headers would have the route chosen again, which Envoy calls a bug of its own.
  if (write && type < MapType.HttpResponseHeaders && phase > Phase.RequestTrailers) return false;
  if (type == MapType.HttpRequestTrailers) return phase > Phase.RequestHeaders;
  if (type == MapType.HttpResponseHeaders) return phase > Phase.RequestTrailers;
  if (type == MapType.HttpResponseTrailers) return phase > Phase.ResponseHeaders;
  return true;
}

/** As {@link mapIsReachable}, when the outcome of a call has come: what is held is still there. */
function heldMapIsReachable(type: MapType, write: bool): bool {
  const isRequest = type < MapType.HttpResponseHeaders;
  if (!isHeld(isRequest ? REQUEST : RESPONSE)) return false;
  return !write || !isRequest || responseDetails() == null;
}

/** Whether a direction of the stream whose call has ended is held, and no response of the filter's own replaces it. */
function isHeld(shift: u32): bool {
  return trackFlow && (calloutFlow & ((<u32>Flow.Paused) << shift)) != 0 && !(calloutFlow & Flow.Replied);
}

/**
 * Whether the host may be asked for a buffer. Where a body callback has held a part, Envoy may keep pointing to it after it
 * is gone: in other callbacks, and in that of the trailers unless the host buffers the body itself. Held data of a TCP
 * connection is pointed to in the same way; that of the upstream goes with the upstream's connection.
 */
export function bufferIsReachable(type: BufferType): bool {
  if (!trackActive) return true;
  if (CALLOUTS && phase == Phase.Callout) {
    if (type == BufferType.HttpRequestBody) return bufferIsHeld(REQUEST);
    if (type == BufferType.HttpResponseBody) return bufferIsHeld(RESPONSE);
    return type > BufferType.UpstreamData && type < NO_BUFFER;
  }
  if (CALLOUTS && type == NO_BUFFER) return false;
  if (type == BufferType.HttpRequestBody) {
    return phase == Phase.RequestBody || (phase == Phase.RequestTrailers && !bodyIsGone());
  }
  if (type == BufferType.HttpResponseBody) {
    return phase == Phase.ResponseBody || (phase == Phase.ResponseTrailers && !bodyIsGone());
  }
  if (TCP) {
    if (type == BufferType.DownstreamData) return phase == Phase.DownstreamData;
    if (type == BufferType.UpstreamData) return phase == Phase.UpstreamData;
  }
  return true;
}

function bodyIsGone(): bool {
  return trackFlow && heldBodyGone;
}

/** Whether the body that has come so far is held where the host buffers it itself. */
function bufferIsHeld(shift: u32): bool {
  return isHeld(shift) && !(calloutFlow & ((<u32>Flow.BodyGone) << shift));
}

/** `response.code_details` as a path: static, since a value may have been encoded already when the question comes up. */
// @ts-ignore: decorator
@lazy
const DETAILS_PATH: usize = memory.data<u8>([
  114, 101, 115, 112, 111, 110, 115, 101, 0, 99, 111, 100, 101, 95, 100, 101, 116, 97, 105, 108, 115,
]);
const DETAILS_PATH_LENGTH: usize = 21;

/** Where the response that has begun comes from; null when none has. */
export function responseDetails(): string | null {
  if (hostcalls.getPropertyText(DETAILS_PATH, DETAILS_PATH_LENGTH) != Status.Ok) return null;
  const details = takeText();
  return details != null && details.length != 0 ? details : null;
}
