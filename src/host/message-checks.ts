// What Envoy's codecs and router check in the headers that leave the filters.
import { toText } from "./byte-string.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Services } from "./services.ts";

/** A reply instead of a message that cannot be sent. */
export interface Problem {
  readonly status: number;
  readonly text: string;
  readonly details: string;
}

/** When the upstream finds the request broken. Envoy does, towards an HTTP/2 upstream; HTTP/1.1 servers go their own ways. */
export const PROTOCOL_ERROR: Problem = {
  status: 502,
  text: "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
  details: "upstream_reset_before_response_started{protocol_error}",
};

const FORBIDDEN_IN_VALUE = /[\0\r\n]/;
// An empty name passes: Envoy writes it to an HTTP/1.1 peer as it is.
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]*$/;

/** What the router refuses, or null. A request that never had x-forwarded-proto (`edge` is false) may go without. */
export function checkRequestHeaders(headers: HeaderMap, edge: boolean): Problem | null {
  for (const [name, value] of headers.entries) {
    if (!NAME.test(name)) return removed("request", 503, `invalid header name: ${name}`);
    if (FORBIDDEN_IN_VALUE.test(value)) return removed("request", 503, `invalid header value for: ${name}`);
  }
  if (headers.get(":path") === null || (edge && headers.get("x-forwarded-proto") === null))
    return { status: 404, text: "", details: "route_not_found" };
  if (headers.get(":method") === null) return removed("request", 503, "missing required header: :method");
  return headers.get(":authority") === null ? PROTOCOL_ERROR : null;
}

function removed(which: "request" | "response", status: number, text: string): Problem {
  const details = `filter_removed_required_${which}_headers{${text.replaceAll(" ", "_")}}`;
  return { status, text, details };
}

/** What becomes of response headers that cannot be sent, or null if they can. */
export function checkResponseHeaders(
  headers: HeaderMap,
  fromUpstream: boolean,
  services: Services,
): Problem | null {
  const status = headers.get(":status");
  if (status === null || !/^\d+$/.test(status))
    return removed("response", 502, "missing required header: :status");
  if (fromUpstream && (Number(status) < 200 || Number(status) > 599)) {
    services.misuse(
      "response-status",
      `the response leaves the filters with :status ${status}; Envoy sends it and the client sees a protocol error`,
    );
  }
  for (const [name, value] of headers.entries) {
    if (name === "")
      services.misuse(
        "response-header-injection",
        "a response header has an empty name; Envoy writes it to an HTTP/1.1 client, which takes the response for broken",
      );
    if (!FORBIDDEN_IN_VALUE.test(value) && !FORBIDDEN_IN_VALUE.test(name)) continue;
    services.misuse(
      "response-header-injection",
      `the response header ${toText(name)} contains CR, LF or NUL (C10); Envoy writes it raw to an HTTP/1.1 client, so that whoever controls the value can split the response. Check the value before it becomes a header`,
    );
  }
  return null;
}

/** The declared length of the body, or null if there is none that counts. */
export function declaredLength(headers: HeaderMap): number | null {
  const value = headers.get("content-length");
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}
