// Which maps and buffers the host may be asked for in the callback that is running: Envoy may crash on the others.
import { BufferType, MapType } from "./abi/types";
import { heldBodyGone, Phase, phase, trackActive } from "./active-context";
import { TCP } from "./features";
import { trackFlow } from "./flow";

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
  if (!trackActive || type > MapType.HttpResponseTrailers) return true;
  if (phase >= Phase.Log) return phase == Phase.Log && !write;
  // Written in the response, request headers would have the route chosen again, which Envoy calls a bug of its own.
  if (write && type < MapType.HttpResponseHeaders && phase > Phase.RequestTrailers) return false;
  if (type == MapType.HttpRequestTrailers) return phase > Phase.RequestHeaders;
  if (type == MapType.HttpResponseHeaders) return phase > Phase.RequestTrailers;
  if (type == MapType.HttpResponseTrailers) return phase > Phase.ResponseHeaders;
  return true;
}

/**
 * Whether the host may be asked for a buffer. Where a body callback has held a part, Envoy may keep pointing to it after it
 * is gone: in other callbacks, and in that of the trailers unless the host buffers the body itself. Held data of a TCP
 * connection is pointed to in the same way; that of the upstream goes with the upstream's connection.
 */
export function bufferIsReachable(type: BufferType): bool {
  if (!trackActive) return true;
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
