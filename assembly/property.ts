// Properties: what the proxy knows about a request, a connection, itself.
import { Status } from "./abi/types";
import { viewOf } from "./allocate";
import { refuse } from "./line";
import * as hostcalls from "./hostcalls";
import { encode, encodedLength, release, reserve, takeBuffer } from "./memory";
import { encodedBound, encodeUnits } from "./utf8";

/** The segments of a path, joined by NUL; 0 when memory is short. Its length is left in {@link pathLength}. */
function encodePath(path: string[]): usize {
  let size: usize = 0;
  for (let i = 0; i < path.length; i++) size += encodedBound(changetype<usize>(path[i]), path[i].length) + 1;
  const start = reserve(size);
  if (!start) return 0;
  let at = start;
  for (let i = 0; i < path.length; i++) {
    if (i) store<u8>(at++, 0);
    at = encodeUnits(changetype<usize>(path[i]), path[i].length, at);
  }
  pathLength = at - start;
  return start;
}

let pathLength: usize = 0;

/**
 * The bytes of a property, or `null` when there is none in this callback. The path is given in segments, since
 * keys may hold dots: `getPropertyBytes(["metadata", "filter_metadata", "envoy.lua", "key"])`. Text is UTF-8;
 * numbers, times and durations (nanoseconds) are 8 bytes, little endian; a flag is one byte; maps are in the
 * form of header pairs; messages are protobuf. Spec: `proxy_get_property`.
 */
export function getPropertyBytes(path: string[]): Uint8Array | null {
  const start = encodePath(path);
  const status = start ? hostcalls.getPropertyBytes(start, pathLength) : Status.NotFound;
  release(start);
  return status == Status.Ok ? viewOf(takeBuffer()) : null;
}

/**
 * Sets a property of the stream, readable under the same single segment by later filters and in `onLog`; Envoy
 * keeps it as filter state `wasm.<name>`. A root has none: {@link Status.NotFound}. Spec: `proxy_set_property`.
 */
export function setPropertyBytes(name: string, value: Uint8Array): Status {
  const key = encode(name);
  const status = key
    ? hostcalls.setProperty(key, encodedLength, value.dataStart, value.byteLength)
    : refuse("setPropertyBytes", "the name is larger than the memory of a module");
  release(key);
  return status;
}
