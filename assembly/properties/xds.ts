// Attributes of configuration and proxy.

/**
 * What the proxy's configuration says about a stream, and about the proxy.
 * @module
 */
import { getProperty, getPropertyI64 } from "../property";

/** The cluster that the request goes to; already in onRequestHeaders. */
export function clusterName(): string | null {
  return getProperty("xds\0cluster_name");
}

/** The name of the route. */
export function routeName(): string | null {
  return getProperty("xds\0route_name");
}

/** The name of the virtual host. */
export function virtualHostName(): string | null {
  return getProperty("xds\0virtual_host_name");
}

/** The name of the listener's filter chain. */
export function filterChainName(): string | null {
  return getProperty("xds\0filter_chain_name");
}

/** The listener's traffic direction: 0 unspecified, 1 inbound, 2 outbound. */
export function listenerDirection(absent: i64 = 0): i64 {
  return getPropertyI64("xds\0listener_direction", absent);
}

/** The id of the proxy; also on roots, as all of the node. */
export function nodeId(): string | null {
  return getProperty("xds\0node\0id");
}

/** The cluster to which the proxy itself belongs. */
export function nodeCluster(): string | null {
  return getProperty("xds\0node\0cluster");
}

/** The region of the proxy. */
export function nodeRegion(): string | null {
  return getProperty("xds\0node\0locality\0region");
}

/** The zone of the proxy. */
export function nodeZone(): string | null {
  return getProperty("xds\0node\0locality\0zone");
}

/** A text in the metadata of the proxy's node; see {@link getProperty} for values of other types. */
export function nodeMetadata(key: string): string | null {
  return getProperty("xds\0node\0metadata\0" + key);
}
