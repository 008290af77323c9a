// What the codecs make of headers on their way in and out, wrong ones included.
import type { ByteString } from "./byte-string.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Pair } from "./pairs.ts";
import type { Services } from "./services.ts";

/** The entries as they arrive. Those with an empty name do not, and the author of the filter is told. */
export function arriving(headers: HeaderMap, services: Services): readonly Pair[] {
  const { entries } = headers;
  if (!entries.some(([name]) => name === "")) return entries;
  services.warn(
    "a header with an empty name leaves the filters; Envoy writes it to an HTTP/1.1 peer, which takes the message for broken (HTTP/2 peers do not see it)",
  );
  return entries.filter(([name]) => name !== "");
}

/**
 * A response as its client understands it: the entries, and whether a body can follow. Null if the client finds a
 * protocol error.
 */
export function understood(
  headers: HeaderMap,
  http2: boolean,
  services: Services,
): { readonly entries: readonly Pair[]; readonly body: boolean } | null {
  const status = Number(headers.get(":status"));
  const bodiless = (status >= 100 && status < 200) || status === 204 || status === 304;
  if (status < 100 || status > 999) return null;
  return { entries: arriving(headers, services).flatMap((pair) => lines(pair, http2)), body: !bodiless };
}

/** A line break starts another header over HTTP/1.1 (C10); over HTTP/2 such a header is lost. */
function lines([name, value]: Pair, http2: boolean): Pair[] {
  if (!/[\0\r\n]/.test(value)) return [[name, value]];
  if (http2) return [];
  const [first = "", ...more] = value.split(/\r?\n/);
  const rest = more.flatMap((line): Pair[] => {
    const colon = line.indexOf(":");
    return colon > 0
      ? [[line.slice(0, colon).toLowerCase() as ByteString, line.slice(colon + 1).trim()]]
      : [];
  });
  return [[name, first], ...rest];
}

/** Cookies in several fields, as HTTP/2 clients may send them, reach the filters as one. */
export function joinCookies(headers: readonly Pair[]): readonly Pair[] {
  const cookies = headers.filter(([name]) => name === "cookie");
  if (cookies.length < 2) return headers;
  const joined: Pair = ["cookie", cookies.map(([, value]) => value).join("; ")];
  const last = headers.findLastIndex(([name]) => name === "cookie");
  return headers.flatMap((pair, index) => (index === last ? [joined] : pair[0] === "cookie" ? [] : [pair]));
}
