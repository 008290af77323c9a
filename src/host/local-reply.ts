// Replies that the proxy makes itself, and what becomes of them for gRPC clients.
import { HeaderMap } from "./header-map.ts";
import { toText } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";
import type { Services } from "./services.ts";

/** A reply before it is dressed for the client. */
export interface LocalReply {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: readonly Pair[];
  /** 0 to 16 is used as given; anything else is derived from the status. */
  readonly grpcStatus: number;
  /** Shown by property response.code_details. */
  readonly details: ByteString;
}

// The mapping of the gRPC project for HTTP answers without a gRPC status.
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};
const GRPC_UNKNOWN = 2;

/** The gRPC status that Envoy derives from an HTTP status. */
export function grpcStatusOf(status: number): number {
  return GRPC_STATUS[status] ?? GRPC_UNKNOWN;
}

/** Headers and body as the response filters see them. */
export function buildLocalReply(
  reply: LocalReply,
  request: HeaderMap | null,
  services: Services,
): { headers: readonly Pair[]; body: Buffer } {
  const { status, body } = reply;
  if (status < 200 || status > 599 || ((status === 204 || status === 304) && body.length > 0)) {
    services.misuse(
      "response-status",
      `a local response has status ${status}${body.length > 0 ? ` and a body of ${body.length} bytes` : ""}; Envoy sends it and the client sees a protocol error. Use 200 to 599, and no body with 204 and 304`,
    );
  }
  const headers = new HeaderMap("response-headers", [[":status", String(status)]]);
  for (const [name, value] of reply.headers) headers.add(name, value);
  if (headers.get(":status") !== String(status)) {
    services.misuse(
      "response-status",
      `the headers of a local response contain :status, which makes it "${headers.get(":status")}"; Envoy sends it and the client sees a protocol error. Give the status as the argument only`,
    );
  }
  if (/^application\/grpc(?:$|[+;])/.test(request?.get("content-type") ?? "")) {
    headers.set(":status", "200");
    headers.set("content-type", "application/grpc");
    headers.remove("content-length");
    headers.set(
      "grpc-status",
      String(reply.grpcStatus >= 0 && reply.grpcStatus <= 16 ? reply.grpcStatus : grpcStatusOf(status)),
    );
    if (body.length > 0) headers.set("grpc-message", percentEncode(body));
    return { headers: headers.entries, body: Buffer.alloc(0) };
  }
  if (body.length === 0) {
    headers.remove("content-length");
    headers.remove("content-type");
    return { headers: headers.entries, body };
  }
  headers.put("content-length", String(body.length));
  if (headers.get("content-type") === null) headers.add("content-type", "text/plain");
  // A HEAD request gets the headers of the reply alone.
  return { headers: headers.entries, body: request?.get(":method") === "HEAD" ? Buffer.alloc(0) : body };
}

function percentEncode(bytes: Buffer): ByteString {
  let text = "";
  for (const byte of bytes) {
    text +=
      byte < 0x20 || byte > 0x7e || byte === 0x25
        ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
        : String.fromCharCode(byte);
  }
  return toText(text);
}
