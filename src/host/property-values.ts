// Property values as tests write them, and as Envoy encodes them for a guest.
import { encodePairs } from "./pairs.ts";
import { encodeBytes, encodeDouble, encodeNumber } from "./protobuf.ts";
import { toByteString } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";

/**
 * A property as a test types it in, and what the guest reads:
 *
 * - `string`: its UTF-8; `Uint8Array`: the bytes (also for a protobuf message already serialized);
 * - `bigint`: an integer or a duration in nanoseconds, 8 bytes little endian;
 * - `number`: 8 bytes, an integer for attributes that are integers in Envoy (`response.code`, `source.port`, ...), else a double;
 * - `boolean`: one byte; `Date`: nanoseconds since 1970; `null`: empty;
 * - array: a list; any other object: a map. Both can be read as a whole or walked into.
 */
export type PropertyValue =
  | string
  | Uint8Array
  | bigint
  | number
  | boolean
  | Date
  | null
  | readonly PropertyValue[]
  | { readonly [name: string]: PropertyValue };

/** Attributes that are integers in Envoy, so that a plain number in a test means one. */
const INTEGERS = new Set([
  ...["request.size", "request.total_size", "request.headers_bytes", "request.duration"],
  ...[
    "response.code",
    "response.flags",
    "response.grpc_status",
    "response.size",
    "response.total_size",
    "response.headers_bytes",
  ],
  ...["response.backend_latency", "source.port", "destination.port", "connection.id", "connection_id"],
  ...[
    "upstream.port",
    "upstream.num_endpoints",
    "upstream.request_attempt_count",
    "upstream.cx_pool_ready_duration",
    "xds.listener_direction",
  ],
]);

/** A number of a test as the attribute at `path` holds it. */
export function typedNumber(path: readonly string[], value: PropertyValue): PropertyValue {
  return typeof value === "number" && INTEGERS.has(path.join(".")) ? BigInt(value) : value;
}

/** A member of a map or an item of a list; undefined if there is none, or the value has no members. */
export function memberOf(value: PropertyValue, name: ByteString): PropertyValue | undefined {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || value instanceof Date)
    return undefined;
  if (isList(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  for (const [key, member] of Object.entries(value)) if (toByteString(key) === name) return member;
  return undefined;
}

/** The bytes that a guest reads. */
export function encodeProperty(value: PropertyValue): ByteString | Uint8Array {
  if (value === null) return "";
  if (typeof value === "string") return toByteString(value);
  if (value instanceof Uint8Array) return value;
  if (typeof value === "boolean") return value ? "\x01" : "\0";
  if (typeof value === "number") return toByteString(doubleBytes(value));
  if (typeof value === "bigint") return toByteString(longBytes(value));
  if (value instanceof Date) return toByteString(longBytes(BigInt(value.getTime()) * 1_000_000n));
  if (isList(value))
    return encodePairs(value.map((item) => [toByteString(encodeProperty(item)), ""] as const));
  return encodePairs(
    Object.entries(value).map(([name, member]) => [toByteString(name), toByteStringOf(member)] as const),
  );
}

/** `envoy.config.core.v3.Metadata` of `{ filter_metadata: { namespace: struct } }`. */
export function encodeMetadata(value: PropertyValue): Buffer {
  const namespaces = memberOf(value, "filter_metadata") ?? {};
  const fields = Object.entries(namespaces as Record<string, PropertyValue>).map(([name, struct]) =>
    encodeBytes(1, Buffer.concat([encodeBytes(1, Buffer.from(name)), encodeBytes(2, encodeStruct(struct))])),
  );
  return Buffer.concat(fields);
}

function toByteStringOf(value: PropertyValue): ByteString {
  const encoded = encodeProperty(value);
  return typeof encoded === "string" ? encoded : toByteString(encoded);
}

function encodeStruct(value: PropertyValue): Buffer {
  const fields = Object.entries(value as Record<string, PropertyValue>).map(([name, member]) =>
    encodeBytes(
      1,
      Buffer.concat([encodeBytes(1, Buffer.from(name)), encodeBytes(2, encodeStructValue(member))]),
    ),
  );
  return Buffer.concat(fields);
}

function encodeStructValue(value: PropertyValue): Buffer {
  if (value === null) return encodeNumber(1, 0);
  if (typeof value === "number" || typeof value === "bigint") return encodeDouble(2, Number(value));
  if (typeof value === "boolean") return encodeNumber(4, value ? 1 : 0);
  if (typeof value === "string" || value instanceof Uint8Array)
    return encodeBytes(3, Buffer.from(value as string));
  if (value instanceof Date) return encodeBytes(3, Buffer.from(value.toISOString()));
  if (isList(value))
    return encodeBytes(6, Buffer.concat(value.map((item) => encodeBytes(1, encodeStructValue(item)))));
  return encodeBytes(5, encodeStruct(value));
}

function isList(value: PropertyValue): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function longBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}
