// The headers of a request as Envoy's connection manager hands them to the filters.
import { isWhole, toPairs } from "./messages.ts";
import { toByteString } from "../host/byte-string.ts";
import { uuid } from "./random.ts";
import type { Pair } from "../host/pairs.ts";
import type { RequestInput } from "./walk.ts";

// In the order in which Envoy hands on what came over HTTP/1.1.
const DEFAULTS: readonly Pair[] = [
  [":authority", "example.com"],
  [":path", "/"],
  [":method", "GET"],
  [":scheme", "http"],
];
/** They belong to the connection, and no filter sees them. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "transfer-encoding"];

/** Given headers with all four pseudo-headers in front, and with what Envoy adds at its edge unless `random` is null. */
export function completeHeaders(given: readonly Pair[], random: ((size: number) => Buffer) | null): Pair[] {
  const headers: Pair[] = DEFAULTS.map(([name, value]) => [name, find(given, name) ?? value]);
  for (const pair of given) {
    const name = pair[0].toLowerCase();
    if (!DEFAULTS.some(([pseudo]) => pseudo === name) && !HOP_BY_HOP.includes(name)) headers.push(pair);
  }
  if (random === null) return headers;
  if (find(given, "x-forwarded-proto") === null) headers.push(["x-forwarded-proto", "http"]);
  if (find(given, "x-request-id") === null) headers.push(["x-request-id", uuid(random)]);
  return headers;
}

/** Headers of a whole request: pseudo-headers from its fields, and the length of a body that is known. */
export function requestHeaders(input: RequestInput): Pair[] {
  const given = toPairs(input.headers);
  for (const name of ["method", "path", "authority", "scheme"] as const) {
    const value = input[name];
    if (value !== undefined && find(given, `:${name}`) === null)
      given.push([`:${name}`, toByteString(value)]);
  }
  if (isWhole(input.body) && input.body.length > 0 && find(given, "content-length") === null) {
    given.push(["content-length", String(Buffer.byteLength(input.body))]);
  }
  return given;
}

function find(headers: readonly Pair[], name: string): string | null {
  for (const pair of headers) if (pair[0] === name || pair[0].toLowerCase() === name) return pair[1];
  return null;
}
