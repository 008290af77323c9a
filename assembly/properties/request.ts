// Attributes of the request.

/**
 * Attributes of the request. They are read from its headers, so mostly in `onRequestHeaders` and in `onLog`.
 * @module
 */
import {
  getProperty,
  getPropertyDuration,
  getPropertyI64,
  getPropertyMap,
  getPropertyTime,
} from "../property";
import { HeaderList } from "../header-list";

/** The path with its query. */
export function path(): string | null {
  return getProperty("request\0path");
}

/** The path without its query. */
export function urlPath(): string | null {
  return getProperty("request\0url_path");
}

/** What follows the `?` of the path; `""` when there is no query. */
export function query(): string | null {
  return getProperty("request\0query");
}

/** The host, as `:authority` has it. */
export function host(): string | null {
  return getProperty("request\0host");
}

/** The scheme, `http` or `https`. */
export function scheme(): string | null {
  return getProperty("request\0scheme");
}

/** The method. */
export function method(): string | null {
  return getProperty("request\0method");
}

/** The header `referer`. */
export function referer(): string | null {
  return getProperty("request\0referer");
}

/** The header `user-agent`. */
export function userAgent(): string | null {
  return getProperty("request\0useragent");
}

/** The header `x-request-id`. */
export function id(): string | null {
  return getProperty("request\0id");
}

/** The protocol, such as `HTTP/1.1`; in every callback. */
export function protocol(): string | null {
  return getProperty("request\0protocol");
}

/** A header; repeated ones are joined with a comma. `this.requestHeaders` can do more. */
export function header(name: string): string | null {
  return getProperty("request\0headers\0" + name);
}

/** All headers; empty where they cannot be read. */
export function headers(): HeaderList | null {
  return getPropertyMap("request\0headers");
}

/** When the request came, in nanoseconds since 1970; in every callback. */
export function time(absent: u64 = 0): u64 {
  return getPropertyTime("request\0time", absent);
}

/** How long the whole request took, in nanoseconds; only in `onLog`. */
export function duration(absent: i64 = 0): i64 {
  return getPropertyDuration("request\0duration", absent);
}

/** Bytes of the body that have come. */
export function size(absent: i64 = 0): i64 {
  return getPropertyI64("request\0size", absent);
}

/** Bytes of headers, body and trailers that have come. */
export function totalSize(absent: i64 = 0): i64 {
  return getPropertyI64("request\0total_size", absent);
}

/** Bytes of the headers. */
export function headersBytes(absent: i64 = 0): i64 {
  return getPropertyI64("request\0headers_bytes", absent);
}
