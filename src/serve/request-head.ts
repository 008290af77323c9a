// What Envoy's connection manager makes of a request before the filters see it.
import { randomUUID } from "node:crypto";

import { toLowerCase } from "../host/index.ts";
import { valueOf } from "./upstream.ts";
import type { Pair } from "../host/index.ts";
import type { Rejection, RequestHead } from "./downstream.ts";

/** Envoy's limit. */
const MAX_HEADERS = 100;
const PER_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** Envoy's answers to what is no HTTP/1.1. */
export const CODEC_ERROR: Rejection = { status: 400, details: "http1.codec_error", text: "Bad Request" };
export const HEADERS_TOO_LARGE: Rejection = {
  status: 431,
  details: "http1.headers_too_large",
  text: "Request Header Fields Too Large",
};
const TOO_MANY_HEADERS: Rejection = { ...HEADERS_TOO_LARGE, details: "http1.too_many_headers" };
const LOW_VERSION: Rejection = { status: 426, details: "low_version", text: "Upgrade Required" };
const UPGRADE_FAILED: Rejection = { status: 403, details: "upgrade_failed", text: "" };
const MISSING_HOST: Rejection = { status: 400, details: "missing_host_header", text: "" };
const FRAGMENT: Rejection = { status: 400, details: "path_normalization_failed", text: "" };
const NO_PATH: Rejection = { status: 404, details: "absolute_path_rejected", text: "" };
const NO_ROUTE: Rejection = { status: 404, details: "route_not_found", text: "" };

/** An HTTP/1 request, from what stands in its first line and its headers (flat, as they came). */
export function http1Head(
  method: string,
  target: string,
  version: string,
  flat: readonly string[],
): RequestHead {
  const raw: Pair[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    raw.push([toLowerCase(flat[index]!), flat[index + 1]!]);
  const hasBody =
    valueOf(raw, "transfer-encoding") !== undefined || Number(valueOf(raw, "content-length") ?? 0) > 0;
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target);
  const authority = absolute === null ? valueOf(raw, "host") : absolute[1];
  let path = target;
  if (absolute !== null) path = absolute[2]!.startsWith("/") ? absolute[2]! : `/${absolute[2]}`;
  const forwarded = valueOf(raw, "x-forwarded-proto");
  const scheme = absolute === null && forwarded === "https" ? "https" : "http";
  const headers: Pair[] = [
    ...(authority === undefined ? [] : [[":authority", authority] as const]),
    [":path", path],
    [":method", method],
    [":scheme", scheme],
    ...withoutConnection(raw),
  ];
  let rejection: Rejection | null = null;
  if (version === "1.0" || version === "0.9") rejection = LOW_VERSION;
  else if (raw.length > MAX_HEADERS) rejection = TOO_MANY_HEADERS;
  else rejection = check(method, path, authority) ?? (wantsUpgrade(raw) ? UPGRADE_FAILED : null);
  return { protocol: "HTTP/1.1", headers: atTheEdge(headers), endStream: !hasBody, rejection };
}

/** An HTTP/2 request, from its headers (flat, as they came). */
export function http2Head(flat: readonly string[], endStream: boolean): RequestHead {
  const raw: Pair[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) raw.push([flat[index]!, flat[index + 1]!]);
  const authority = valueOf(raw, ":authority") ?? valueOf(raw, "host");
  const headers = raw.filter(([name]) => name !== "host" && name !== ":authority");
  if (authority !== undefined) headers.unshift([":authority", authority]);
  return {
    protocol: "HTTP/2",
    headers: atTheEdge(withoutConnection(headers)),
    endStream,
    rejection: check(valueOf(raw, ":method") ?? "", valueOf(raw, ":path") ?? "", authority),
  };
}

/** A request that could not be read. */
export function unreadable(rejection: Rejection): RequestHead {
  return { protocol: "HTTP/1.1", headers: [], endStream: true, rejection };
}

function check(method: string, path: string, authority: string | undefined): Rejection | null {
  if (authority === undefined) return MISSING_HOST;
  // Tunnels are none of this server's routes.
  if (method === "CONNECT") return NO_ROUTE;
  if (path.includes("#")) return FRAGMENT;
  return path.startsWith("/") ? null : NO_PATH;
}

/** HTTP/2 over an upgrade is ignored; every other protocol is refused. */
function wantsUpgrade(headers: readonly Pair[]): boolean {
  const options = (valueOf(headers, "connection") ?? "").toLowerCase();
  const protocol = valueOf(headers, "upgrade")?.toLowerCase();
  return (
    protocol !== undefined &&
    protocol !== "h2c" &&
    options.split(",").some((each) => each.trim() === "upgrade")
  );
}

/** What belongs to the connection is taken away: also what `connection` names, and all of `te` but `trailers`. */
function withoutConnection(headers: readonly Pair[]): Pair[] {
  const named = new Set(
    (valueOf(headers, "connection") ?? "").split(",").map((each) => each.trim().toLowerCase()),
  );
  const kept: Pair[] = [];
  for (const pair of headers) {
    const [name, value] = pair;
    if (name === "te") {
      if (value.split(",").some((each) => each.trim().toLowerCase() === "trailers"))
        kept.push(["te", "trailers"]);
    } else if (name === "expect") {
      // The client was told to continue when its headers had come.
      if (value.toLowerCase() !== "100-continue") kept.push(pair);
    } else if (
      name !== "host" &&
      name !== "http2-settings" &&
      !PER_CONNECTION.has(name) &&
      !named.has(name)
    ) {
      kept.push(pair);
    }
  }
  return kept;
}

/** Makes one header of all cookies, and adds what Envoy adds. */
function atTheEdge(given: readonly Pair[]): Pair[] {
  const cookies = given.filter(([name]) => name === "cookie").map(([, value]) => value);
  const first = given.findIndex(([name]) => name === "cookie");
  const headers = given.filter(([name], index) => name !== "cookie" || index === first);
  if (cookies.length > 1) headers[first] = ["cookie", cookies.join("; ")];
  if (valueOf(headers, "x-forwarded-proto") === undefined) headers.push(["x-forwarded-proto", "http"]);
  if (valueOf(headers, "x-request-id") === undefined) headers.push(["x-request-id", randomUUID()]);
  return headers;
}
