// What the guest can ask about the connection of its stream.
import type { ConnectionInfo } from "./downstream.ts";
import type { PropertyValue } from "../host/index.ts";

/** Properties of a stream on this connection. */
export function streamProperties({ id, source, destination }: ConnectionInfo): Record<string, PropertyValue> {
  return {
    "source.address": join(source),
    "source.port": BigInt(source.port),
    "destination.address": join(destination),
    "destination.port": BigInt(destination.port),
    "connection.id": BigInt(id),
    connection_id: BigInt(id),
    "connection.mtls": false,
    "xds.cluster_name": "upstream",
    "xds.node.id": "proxy-wasm-as",
    "xds.node.cluster": "proxy-wasm-as",
  };
}

function join({ address, port }: { address: string; port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
