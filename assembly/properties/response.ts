// Attributes of the response.

/**
 * Attributes of the response, from `onResponseHeaders` on.
 * @module
 */
import { getProperty, getPropertyDuration, getPropertyI64, getPropertyMap } from "../property";
import { HeaderList } from "../header-list";

/** The status. */
export function code(absent: i64 = 0): i64 {
  return getPropertyI64("response\0code", absent);
}

/** Where the response came from, such as `via_upstream` or the details of a local response. */
export function codeDetails(): string | null {
  return getProperty("response\0code_details");
}

/** Bits that say what went wrong, as `%RESPONSE_FLAGS%` shows by letters; 0 when nothing did. */
export function flags(absent: i64 = 0): i64 {
  return getPropertyI64("response\0flags", absent);
}

/** The status of gRPC; for other responses Envoy derives one from the HTTP status. */
export function grpcStatus(absent: i64 = -1): i64 {
  return getPropertyI64("response\0grpc_status", absent);
}

/** A header; repeated ones are joined with a comma. `this.responseHeaders` can do more. */
export function header(name: string): string | null {
  return getProperty("response\0headers\0" + name);
}

/** All headers; empty where they cannot be read. */
export function headers(): HeaderList | null {
  return getPropertyMap("response\0headers");
}

/** A trailer; repeated ones are joined with a comma. */
export function trailer(name: string): string | null {
  return getProperty("response\0trailers\0" + name);
}

/** All trailers; empty where they cannot be read. */
export function trailers(): HeaderList | null {
  return getPropertyMap("response\0trailers");
}

/** Bytes of the body that have been sent. */
export function size(absent: i64 = 0): i64 {
  return getPropertyI64("response\0size", absent);
}

/** Bytes of headers, body and trailers that have been sent. */
export function totalSize(absent: i64 = 0): i64 {
  return getPropertyI64("response\0total_size", absent);
}

/** Bytes of the headers. */
export function headersBytes(absent: i64 = 0): i64 {
  return getPropertyI64("response\0headers_bytes", absent);
}

/** From the last byte of the request to the first one of the answer, in nanoseconds; only in `onLog`. */
export function backendLatency(absent: i64 = 0): i64 {
  return getPropertyDuration("response\0backend_latency", absent);
}
