// Headers given as HTTP/1 text, turned into the headers that HTTP/2 would carry.
import { ReferenceHeaderMap } from "./header-map.ts";
import { toLowerCase, toText } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { Pair } from "../host/pairs.ts";

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/1\.[01]$/;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: [\t -~\x80-\xff]*)?$/;
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~\x80-\xff]*)$/;
const ABSOLUTE_URL = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** The text is no HTTP/1 message head. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
}

/**
 * Reads the head of a request or response: first line and header lines, with LF or CRLF; the empty line at the end may
 * be left out.
 *
 * @throws Http1Error if the text is malformed.
 */
export function parseHttp1Headers(text: ByteString, direction: "request" | "response"): ReferenceHeaderMap {
  const [first = "", ...lines] = headLines(text);
  const map = new ReferenceHeaderMap();
  if (direction === "response") {
    const status = STATUS_LINE.exec(first)?.[1];
    if (status === undefined)
      throw new Http1Error(`expected a status line such as "HTTP/1.1 200 OK", found "${toText(first)}"`);
    map.set(":status", status);
    for (const [name, value] of lines.map(parseHeader)) map.add(name, value);
    return map;
  }
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined)
    throw new Http1Error(`expected a request line such as "GET / HTTP/1.1", found "${toText(first)}"`);
  for (const [name, value] of lines.map(parseHeader)) map.add(name, value);
  map.set(":method", method);
  setTarget(map, target);
  return map;
}

/** The lines before the empty one. */
function headLines(text: ByteString): ByteString[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const end = lines.indexOf("", 1);
  if (end < 0) return lines;
  if (lines.slice(end).some((line) => line !== ""))
    throw new Http1Error(`there is more behind the empty line that ends the headers, at line ${end + 2}`);
  return lines.slice(0, end);
}

function parseHeader(line: ByteString, index: number): Pair {
  const [, name, value] = HEADER.exec(line) ?? [];
  if (name === undefined || value === undefined)
    throw new Http1Error(`line ${index + 2} is no header: "${toText(line)}"`);

  return [toLowerCase(name), value.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "")];
}

/** A URL gives scheme, authority and path; a path takes its authority from `Host`. */
function setTarget(map: ReferenceHeaderMap, target: ByteString): void {
  if (target.startsWith("/")) {
    map.set(":path", target);
    const host = map.get("host");
    if (host !== null && host !== "") {
      map.set(":authority", host);
      map.remove("host");
    }
    return;
  }
  const url = ABSOLUTE_URL.test(target) ? parseUrl(target) : null;
  if (url === null || url.host === "")
    throw new Http1Error(`Invalid URI: "${toText(target)}" is neither a URL nor a path from "/"`);
  map.set(":scheme", url.protocol.slice(0, -1));
  map.set(":path", `${url.pathname || "/"}${url.search}`);
  map.set(":authority", url.host);
  map.remove("host");
}

function parseUrl(target: ByteString): URL | null {
  try {
    return new URL(toText(target));
  } catch {
    return null;
  }
}
