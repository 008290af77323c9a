// The keys of filter state that Envoy 1.40 can make from text, and which text each takes.
import { isIP } from "node:net";
import { Status } from "./statuses.ts";
import { toText } from "./byte-string.ts";
import { unsupported } from "./not-emulated.ts";
import type { ByteString } from "./byte-string.ts";

const any = (): boolean => true;
const digits = (text: string): boolean => /^\d+$/.test(text);
const ip = (text: string): boolean => isIP(text) !== 0;

/** An address and a port, that of IPv6 in brackets. */
function endpoint(text: string): boolean {
  const [, six, four, port] = /^(?:\[(.+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  return ip(six ?? four ?? "") && Number(port) < 65_536;
}

/** Each was tried on an Envoy. */
const KEYS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["envoy.string", any],
  ["envoy.hashable_string", any],
  ["envoy.ai.model.request", any],
  ["envoy.network.application_protocols", any],
  ["envoy.network.network_namespace", any],
  ["envoy.network.upstream_server_name", any],
  ["envoy.network.upstream_subject_alt_names", any],
  ["envoy.router.debug_config", any],
  ["envoy.tcp_proxy.cluster", any],
  ["envoy.tcp_proxy.disable_tunneling", any],
  ["envoy.upstream.dynamic_host", any],
  ["envoy.ratelimit.hits_addend", digits],
  ["envoy.tcp_proxy.per_connection_idle_timeout_ms", digits],
  ["envoy.upstream.dynamic_port", digits],
  ["envoy.network.ip", ip],
  ["envoy.filters.listener.original_dst.local_ip", endpoint],
  ["envoy.filters.listener.original_dst.remote_ip", endpoint],
  ["envoy.network.transport_socket.original_dst_address", endpoint],
]);

/** Keys that Envoy knows, but what they take is unknown here. */
const UNKNOWN_FORM = new Set([
  "envoy.ai.llm_protocol.request",
  "envoy.network.transport_socket.http_11_proxy.info",
]);

/** Whether Envoy makes a value of this text: Ok, NotFound for a key it does not know, BadArgument for a wrong text. */
export function checkFilterState(key: ByteString, value: Uint8Array): number {
  const name = toText(key);
  if (UNKNOWN_FORM.has(name)) {
    throw unsupported("filter-state-keys", `the guest set the filter state ${name}`);
  }
  const takes = KEYS.get(name);
  if (takes === undefined) return Status.NotFound;
  return takes(Buffer.from(value).toString("utf8")) ? Status.Ok : Status.BadArgument;
}
