// Paths of values in metadata.

/**
 * Paths of values in metadata, for the reader of their type: `getPropertyF64(properties.metadata.route("envoy.lua", "limit"))`.
 * Numbers are of type f64, structs are maps, lists are lists; a member of one is found by a longer path.
 * @module
 */

/** Of the stream: what filters have set. */
export function dynamic(namespace: string, key: string): string {
  return "metadata\0filter_metadata\0" + namespace + "\0" + key;
}

/** Of the route. */
export function route(namespace: string, key: string): string {
  return "xds\0route_metadata\0filter_metadata\0" + namespace + "\0" + key;
}

/** Of the cluster that the request goes to. */
export function cluster(namespace: string, key: string): string {
  return "xds\0cluster_metadata\0filter_metadata\0" + namespace + "\0" + key;
}

/** Of the virtual host. */
export function virtualHost(namespace: string, key: string): string {
  return "xds\0virtual_host_metadata\0filter_metadata\0" + namespace + "\0" + key;
}

/** Of the listener. */
export function listener(namespace: string, key: string): string {
  return "xds\0listener_metadata\0filter_metadata\0" + namespace + "\0" + key;
}

/** Of the upstream's endpoint, from onResponseHeaders on. */
export function upstreamHost(namespace: string, key: string): string {
  return "xds\0upstream_host_metadata\0filter_metadata\0" + namespace + "\0" + key;
}
