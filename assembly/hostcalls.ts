// One typed function per host function in use: pointers in, Status out. What comes back stands in memory.ts.
import * as imports from "./abi/imports";
import { BufferType, LogLevel, MapType, Status, StreamType } from "./abi/types";
import { noteQueued } from "./active-context";
import { CALLOUTS } from "./features";
import { endRead, expectBuffer, expectText, out } from "./memory";

export function log(level: LogLevel, message: usize, messageLength: usize): Status {
  return imports.proxy_log(level, message, messageLength);
}

/** The host's own log level, or `Trace` when it does not tell. */
export function getLogLevel(): LogLevel {
  store<i32>(out, LogLevel.Trace);
  return imports.proxy_get_log_level(out) == Status.Ok ? load<i32>(out) : LogLevel.Trace;
}

/** Nanoseconds since 1970, or 0 when the host does not tell. */
export function getCurrentTimeNanoseconds(): u64 {
  store<u64>(out, 0);
  return imports.proxy_get_current_time_nanoseconds(out) == Status.Ok ? load<u64>(out) : 0;
}

export function setTickPeriodMilliseconds(period: u32): Status {
  return imports.proxy_set_tick_period_milliseconds(period);
}

export function setEffectiveContext(contextId: u32): Status {
  return imports.proxy_set_effective_context(contextId);
}

export function done(): Status {
  return imports.proxy_done();
}

export function setBufferBytes(
  type: BufferType,
  offset: u32,
  size: u32,
  data: usize,
  dataLength: usize,
): Status {
  return imports.proxy_set_buffer_bytes(type, offset, size, data, dataLength);
}

/** On `Ok` the bytes are to be taken with `takeText`. */
export function getBufferText(type: BufferType, offset: u32, maxSize: u32): Status {
  expectText();
  return endRead(imports.proxy_get_buffer_bytes(type, offset, maxSize, out, out + 4));
}

/** On `Ok` the bytes are to be taken with `takeBuffer`. */
export function getBufferBytes(type: BufferType, offset: u32, maxSize: u32): Status {
  expectBuffer();
  return endRead(imports.proxy_get_buffer_bytes(type, offset, maxSize, out, out + 4));
}

/** On `Ok` the length stands in the first word of `out`. */
export function getBufferStatus(type: BufferType): Status {
  store<u64>(out, 0);
  return imports.proxy_get_buffer_status(type, out, out + 4);
}

/** On `Ok` the size in bytes stands in the first word of `out`. */
export function getHeaderMapSize(type: MapType): Status {
  store<u32>(out, 0);
  return imports.proxy_get_header_map_size(type, out);
}

/** On `Ok` the pairs are to be taken with `takeBuffer`. */
export function getHeaderMapPairs(type: MapType): Status {
  expectBuffer();
  return endRead(imports.proxy_get_header_map_pairs(type, out, out + 4));
}

export function setHeaderMapPairs(type: MapType, data: usize, dataLength: usize): Status {
  return imports.proxy_set_header_map_pairs(type, data, dataLength);
}

/** On `Ok` the value is to be taken with `takeText`. */
export function getHeaderMapValue(type: MapType, name: usize, nameLength: usize): Status {
  expectText();
  return endRead(imports.proxy_get_header_map_value(type, name, nameLength, out, out + 4));
}

/** On `Ok` the value is to be taken with `takeBuffer`. */
export function getHeaderMapValueBytes(type: MapType, name: usize, nameLength: usize): Status {
  expectBuffer();
  return endRead(imports.proxy_get_header_map_value(type, name, nameLength, out, out + 4));
}

export function addHeaderMapValue(
  type: MapType,
  name: usize,
  nameLength: usize,
  value: usize,
  valueLength: usize,
): Status {
  return imports.proxy_add_header_map_value(type, name, nameLength, value, valueLength);
}

export function replaceHeaderMapValue(
  type: MapType,
  name: usize,
  nameLength: usize,
  value: usize,
  valueLength: usize,
): Status {
  return imports.proxy_replace_header_map_value(type, name, nameLength, value, valueLength);
}

export function removeHeaderMapValue(type: MapType, name: usize, nameLength: usize): Status {
  return imports.proxy_remove_header_map_value(type, name, nameLength);
}

export function continueStream(type: StreamType): Status {
  if (CALLOUTS) noteQueued();
  return imports.proxy_continue_stream(type);
}

export function closeStream(type: StreamType): Status {
  if (CALLOUTS) noteQueued();
  return imports.proxy_close_stream(type);
}

export function sendLocalResponse(
  statusCode: u32,
  details: usize,
  detailsLength: usize,
  body: usize,
  bodyLength: usize,
  headers: usize,
  headersLength: usize,
  grpcStatus: i32,
): Status {
  if (CALLOUTS) noteQueued();
  return imports.proxy_send_local_response(
    statusCode,
    details,
    detailsLength,
    body,
    bodyLength,
    headers,
    headersLength,
    grpcStatus,
  );
}

/** On `Ok` the number of the call stands in the first word of `out`. */
export function httpCall(
  cluster: usize,
  clusterLength: usize,
  headers: usize,
  headersLength: usize,
  body: usize,
  bodyLength: usize,
  trailers: usize,
  trailersLength: usize,
  timeoutMilliseconds: u32,
): Status {
  store<u32>(out, 0);
  return imports.proxy_http_call(
    cluster,
    clusterLength,
    headers,
    headersLength,
    body,
    bodyLength,
    trailers,
    trailersLength,
    timeoutMilliseconds,
    out,
  );
}

/** On `Ok` the number of the call stands in the first word of `out`. */
export function grpcCall(
  target: usize,
  targetLength: usize,
  service: usize,
  serviceLength: usize,
  method: usize,
  methodLength: usize,
  metadata: usize,
  metadataLength: usize,
  message: usize,
  messageLength: usize,
  timeoutMilliseconds: u32,
): Status {
  store<u32>(out, 0);
  return imports.proxy_grpc_call(
    target,
    targetLength,
    service,
    serviceLength,
    method,
    methodLength,
    metadata,
    metadataLength,
    message,
    messageLength,
    timeoutMilliseconds,
    out,
  );
}

/** On `Ok` the number of the stream stands in the first word of `out`. */
export function grpcStream(
  target: usize,
  targetLength: usize,
  service: usize,
  serviceLength: usize,
  method: usize,
  methodLength: usize,
  metadata: usize,
  metadataLength: usize,
): Status {
  store<u32>(out, 0);
  return imports.proxy_grpc_stream(
    target,
    targetLength,
    service,
    serviceLength,
    method,
    methodLength,
    metadata,
    metadataLength,
    out,
  );
}

export function grpcSend(streamId: u32, message: usize, messageLength: usize, endOfStream: bool): Status {
  return imports.proxy_grpc_send(streamId, message, messageLength, <i32>endOfStream);
}

export function grpcCancel(callId: u32): Status {
  return imports.proxy_grpc_cancel(callId);
}

export function grpcClose(callId: u32): Status {
  return imports.proxy_grpc_close(callId);
}

/** The text that came with the last status of a call; on `Ok` it is to be taken with `takeText`. */
export function getStatusText(): Status {
  expectText();
  return endRead(imports.proxy_get_status(out + 8, out, out + 4));
}

/** On `Ok` the value is to be taken with `takeText`. */
export function getPropertyText(path: usize, pathLength: usize): Status {
  expectText();
  return endRead(imports.proxy_get_property(path, pathLength, out, out + 4));
}

/** On `Ok` the value is to be taken with `takeBuffer`. */
export function getPropertyBytes(path: usize, pathLength: usize): Status {
  expectBuffer();
  return endRead(imports.proxy_get_property(path, pathLength, out, out + 4));
}

export function setProperty(path: usize, pathLength: usize, value: usize, valueLength: usize): Status {
  return imports.proxy_set_property(path, pathLength, value, valueLength);
}
