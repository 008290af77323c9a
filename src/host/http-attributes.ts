// Attributes that Envoy computes for an HTTP stream: request.*, response.*, upstream.*.
import { encodePairs } from "./pairs.ts";
import { grpcStatusOf } from "./local-reply.ts";
import { toLowerCase } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";
import type { Context } from "./context.ts";
import type { HeaderMap } from "./header-map.ts";
import type { HttpStream } from "./http-stream.ts";
import type { PropertyValue } from "./property-values.ts";

/** The value of an attribute, or undefined if there is none now. `key` names a header of request.headers and the like. */
export function httpAttribute(
  context: Context,
  stream: HttpStream,
  group: ByteString,
  name: ByteString,
  key: ByteString | undefined,
): PropertyValue | undefined {
  if (group === "request") return requestAttribute(context, stream, name, key);
  if (group === "response") return responseAttribute(context, stream, name, key);
  if (group !== "upstream") return undefined;
  if (name === "num_endpoints") return 1n;
  if (name === "request_attempt_count") return stream.request.headersLeft ? 1n : 0n;
  if (!stream.request.headersLeft) return undefined;
  if (name === "address") return "127.0.0.1:8080";
  if (name === "port") return 8080n;
  if (name === "transport_failure_reason") return "";
  return undefined;
}

function requestAttribute(
  context: Context,
  stream: HttpStream,
  name: ByteString,
  key: ByteString | undefined,
): PropertyValue | undefined {
  const all = stream.request.headers;
  const headers = context.visibleMap(0);
  const get = (header: ByteString): PropertyValue | undefined => bytesOf(headers?.get(header));
  switch (name) {
    case "path":
      return get(":path");
    case "url_path":
      return bytesOf(headers?.get(":path")?.split("?")[0]);
    case "query":
      return headers === null
        ? undefined
        : bytesOf(headers.get(":path")?.split("?").slice(1).join("?").split("#")[0] ?? "");
    case "host":
      return get(":authority");
    case "scheme":
      return get(":scheme");
    case "method":
      return get(":method");
    case "referer":
      return get("referer");
    case "useragent":
      return get("user-agent");
    case "id":
      return get("x-request-id");
    case "headers":
      return headerMap(headers, key);
    case "protocol":
      return stream.options.protocol;
    case "time":
      return new Date(stream.startTime);
    case "size":
      return BigInt(stream.receivedBytes);
    case "total_size":
      return BigInt(stream.receivedBytes + (headers?.bytes ?? 0) + (stream.request.trailers?.bytes ?? 0));
    case "headers_bytes":
      return BigInt(all?.bytes ?? 0);
    case "duration":
      return stream.finished ? nanoseconds(stream.services.clock.now - stream.startTime) : undefined;
    default:
      return undefined;
  }
}

function responseAttribute(
  context: Context,
  stream: HttpStream,
  name: ByteString,
  key: ByteString | undefined,
): PropertyValue | undefined {
  const all = stream.response.headers;
  const status = all?.get(":status") ?? null;
  switch (name) {
    case "code":
      return stream.responseCode === null ? undefined : BigInt(stream.responseCode);
    case "code_details":
      return bytesOf(stream.codeDetails);
    case "flags":
      return BigInt(stream.responseFlags);
    case "grpc_status": {
      const given = stream.response.trailers?.get("grpc-status") ?? all?.get("grpc-status") ?? null;
      if (given !== null && /^\d+$/.test(given)) return BigInt(given);
      return status === null ? undefined : BigInt(grpcStatusOf(Number(status)));
    }
    case "headers":
      return headerMap(context.visibleMap(2), key);
    case "trailers":
      return headerMap(context.visibleMap(3), key);
    case "size":
      return BigInt(stream.responseBytes);
    case "total_size":
      return BigInt(stream.responseBytes + (all?.bytes ?? 0) + (stream.response.trailers?.bytes ?? 0));
    case "headers_bytes":
      return BigInt(all?.bytes ?? 0);
    case "backend_latency":
      return stream.finished && stream.codeDetails === "via_upstream"
        ? nanoseconds(stream.services.clock.now - stream.startTime)
        : undefined;
    default:
      return undefined;
  }
}

/** A header by name, joined; or all of them as serialized pairs. An absent map is an empty one. */
function headerMap(map: HeaderMap | null, key: ByteString | undefined): PropertyValue | undefined {
  if (key !== undefined) return bytesOf(map?.getJoined(toLowerCase(key)));
  // Unlike the pairs of a map that is not there, these have their count.
  return map === null || map.length === 0 ? Buffer.alloc(4) : encodePairs(map.entries);
}

function bytesOf(value: ByteString | null | undefined): PropertyValue | undefined {
  return value === null || value === undefined ? undefined : Buffer.from(value, "latin1");
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1000)) * 1000n;
}
