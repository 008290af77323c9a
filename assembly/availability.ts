// Which maps and buffers the host may be asked for in the callback that is running: Envoy may crash on the others.
import { BufferType, MapType } from "./abi/types";
import { heldBodyGone, Phase, phase } from "./active-context";
import { CALLOUTS } from "./features";
import { trackFlow } from "./flow";

/** Stand for a map and a buffer that are no longer there. */
export const NO_MAP = <MapType>(<i32>8);
export const NO_BUFFER = <BufferType>(<i32>9);

/**
 * Whether the host may be asked for a map. Where a headers callback has held a stream, Envoy keeps pointing to the
 * headers after they are gone: when the stream is over, and, for those of a response, when another takes its place.
 */
export function mapIsReachable(type: MapType, write: bool): bool {
  if (type > MapType.HttpResponseTrailers)
    return CALLOUTS && phase == Phase.Callout && !write && type < NO_MAP;
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
 * is gone: in other callbacks, and in that of the trailers unless the host buffers the body itself.
 */
export function bufferIsReachable(type: BufferType): bool {
  if (type == BufferType.HttpRequestBody) {
    return phase == Phase.RequestBody || (phase == Phase.RequestTrailers && !bodyIsGone());
  }
  if (type == BufferType.HttpResponseBody) {
    return phase == Phase.ResponseBody || (phase == Phase.ResponseTrailers && !bodyIsGone());
  }
  return phase < Phase.Log || type > BufferType.UpstreamData;
}

function bodyIsGone(): bool {
  return trackFlow && heldBodyGone;
}
