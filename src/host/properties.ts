// Properties of streams and plugins: what a test has set, what Envoy computes, and filter state.
import { Status } from "./statuses.ts";
import { encodeMetadata, encodeProperty, memberOf } from "./property-values.ts";
import { httpAttribute } from "./http-attributes.ts";
import { toText } from "./byte-string.ts";
import { unsupported } from "./not-emulated.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { Context } from "./context.ts";
import type { PropertyValue } from "./property-values.ts";
import type { StreamInfo } from "./stream-info.ts";

/** Names that can only be walked into: read as a whole they are a SerializationFailure. */
const GROUPS = new Set([
  "request",
  "response",
  "source",
  "destination",
  "connection",
  "upstream",
  "xds",
  "filter_state",
  "upstream_filter_state",
]);
/** Messages that Envoy serializes; this host can do it for metadata. */
const METADATA = new Set([
  "metadata",
  "xds.cluster_metadata",
  "xds.route_metadata",
  "xds.virtual_host_metadata",
  "xds.listener_metadata",
  "xds.upstream_host_metadata",
]);
const OTHER_MESSAGES = new Set(["xds.node", "upstream.locality", "xds.upstream_host_locality_metadata"]);

/** What is known without a test saying so; a test can replace each of them. */
const DEFAULTS: Readonly<Record<string, PropertyValue>> = {
  "source.address": "127.0.0.1:50000",
  "source.port": 50_000n,
  "destination.address": "127.0.0.1:10000",
  "destination.port": 10_000n,
  "connection.id": 0n,
  connection_id: 0n,
  "connection.mtls": false,
  "connection.requested_server_name": "",
  "xds.listener_direction": 0n,
};

/** `proxy_get_property`. Without a stream only the plugin's own properties and the node are there. */
export function getProperty(context: Context, path: ByteString): Answer<ByteString | Uint8Array> {
  if (path === "") return Status.SerializationFailure;
  const segments = (path.endsWith("\0") ? path.slice(0, -1) : path).split("\0");
  if (segments.includes("")) return Status.NotFound;
  const { config, services } = context.plugin;
  const stream = context.streamInfo;
  const [first] = segments;
  if (segments.length === 1) {
    if (first === "plugin_name") return config.name;
    if (first === "plugin_root_id") return config.rootId;
    if (first === "plugin_vm_id") return config.vmId;
  }
  const decoded = segments.map(toText);
  if (stream === null) {
    const set = first === "xds" && segments[1] === "node" ? services.properties.find(decoded) : null;
    return set === null ? Status.NotFound : encode(decoded, set.value, segments, set.depth);
  }
  const set = stream.properties.find(decoded);
  if (set !== null) return encode(decoded, set.value, segments, set.depth);
  return computed(context, stream, segments);
}

/** `proxy_set_property` on a stream: filter state under `wasm.` and the key, kept as the plugin's root has declared it. */
export function setProperty(
  context: Context,
  stream: StreamInfo,
  path: ByteString,
  value: Uint8Array,
): number {
  const key = `wasm.${path}`;
  if (stream.readOnly.has(key)) return Status.BadArgument;
  if (!stream.filterState.has(key) && context.plugin.root.declared.get(path)?.readOnly === true)
    stream.readOnly.add(key);
  stream.filterState.set(key, Buffer.from(value));
  return Status.Ok;
}

/** Walks into the value and encodes what is there. */
function encode(
  path: readonly string[],
  value: PropertyValue,
  segments: readonly ByteString[],
  depth: number,
): Answer<ByteString | Uint8Array> {
  let found: PropertyValue | undefined = value;
  for (let index = depth; index < segments.length && found !== undefined; index++)
    found = memberOf(found, segments[index]!);
  if (found === undefined) return Status.NotFound;
  const name = path.join(".");
  if (typeof found === "object" && found !== null && !(found instanceof Uint8Array)) {
    if (METADATA.has(name)) return encodeMetadata(found);
    if (OTHER_MESSAGES.has(name)) {
      throw unsupported("message-properties", `the guest read property ${name}, whose bytes no test has set`);
    }
  }
  return encodeProperty(found);
}

function computed(
  context: Context,
  stream: StreamInfo,
  segments: readonly ByteString[],
): Answer<ByteString | Uint8Array> {
  const [first, second] = segments as [ByteString, ByteString | undefined];
  if (second === undefined) {
    if (GROUPS.has(first)) return Status.SerializationFailure;
    if (first === "metadata") return "";
    const state = stream.filterState.get(`wasm.${first}`);
    if (state !== undefined) return encodeProperty(state);
  }
  if (first === "filter_state" && second !== undefined) {
    const state = stream.filterState.get(second);
    return state === undefined ? Status.NotFound : encode([], state, segments, 2);
  }
  const name = segments.slice(0, 2).join(".");
  const http = context.httpStream;
  const value =
    (http === null ? undefined : httpAttribute(context, http, first, second ?? "", segments[2])) ??
    DEFAULTS[name];
  if (value === undefined) return Status.NotFound;
  return encode(segments, value, segments, segments[2] !== undefined && second === "headers" ? 3 : 2);
}
