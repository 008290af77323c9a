// Listener messages: HTTP connection manager with its routes, and TCP proxy.
import type { HttpListenerOptions, Message, RouteOptions, TcpListenerOptions } from "./options.ts";
import { accessLogger, defined, duration, extension, httpFilter, networkFilter } from "./plugin-config.ts";

/** What a listener needs to know of its surroundings. */
export interface ListenerScope {
  /** Used when the options name none. */
  name: string;
  /** Names of all clusters, the default one first. */
  clusters: readonly string[];
  envoyVersion?: string | undefined;
}

/** Listener with an HTTP connection manager. */
export function httpListener(options: HttpListenerOptions, scope: ListenerScope): Message {
  const name = options.name ?? scope.name;
  const routes = options.routes ?? [{}];
  const manager = defined({
    stat_prefix: name,
    // HTTP/2 is told from HTTP/1.1 by its connection preface.
    codec_type: "AUTO",
    http_protocol_options: { enable_trailers: true },
    common_http_protocol_options:
      options.maxHeadersCount === undefined ? undefined : { max_headers_count: options.maxHeadersCount },
    max_request_headers_kb: options.maxRequestHeadersKb,
    stream_idle_timeout: optionalDuration(options.streamIdleTimeoutMs),
    route_config: {
      name,
      virtual_hosts: [{ name: "all", domains: ["*"], routes: routes.map((each) => route(each, scope)) }],
    },
    access_log: accessLogs(options, scope),
    http_filters: [
      ...(options.filters ?? []).map((filter) => httpFilter(filter, scope.envoyVersion)),
      extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router"),
    ],
    ...options.connectionManager,
  });
  return listener(options, name, [
    ...(options.networkFilters ?? []).map((filter) => networkFilter(filter, scope.envoyVersion)),
    extension(
      "envoy.filters.network.http_connection_manager",
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      manager,
    ),
  ]);
}

/** Listener with a TCP proxy. */
export function tcpListener(options: TcpListenerOptions, scope: ListenerScope): Message {
  const name = options.name ?? scope.name;
  const cluster = options.cluster ?? scope.clusters[0];
  if (cluster === undefined) {
    throw new Error(
      `TCP listener ${JSON.stringify(name)} has no cluster to forward to: add one to \`clusters\`.`,
    );
  }
  checkCluster(cluster, scope, `TCP listener ${JSON.stringify(name)}`);
  return listener(options, name, [
    ...(options.filters ?? []).map((filter) => networkFilter(filter, scope.envoyVersion)),
    extension(
      "envoy.filters.network.tcp_proxy",
      "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      defined({
        stat_prefix: name,
        cluster,
        idle_timeout: optionalDuration(options.idleTimeoutMs),
        access_log: accessLogs(options, scope),
      }),
    ),
  ]);
}

function listener(
  options: HttpListenerOptions | TcpListenerOptions,
  name: string,
  filters: Message[],
): Message {
  return defined({
    name,
    address: { socket_address: { address: options.address ?? "127.0.0.1", port_value: options.port ?? 0 } },
    per_connection_buffer_limit_bytes: options.perConnectionBufferLimitBytes,
    filter_chains: [{ filters }],
  });
}

function route(options: RouteOptions, scope: ListenerScope): Message {
  const where = options.path === undefined ? { prefix: options.prefix ?? "/" } : { path: options.path };
  const label = `Route ${JSON.stringify(options.path ?? options.prefix ?? "/")}`;
  if (options.path !== undefined && options.prefix !== undefined) {
    throw new Error(`${label} has both \`path\` and \`prefix\`: give one.`);
  }
  if (options.cluster !== undefined && options.directResponse !== undefined) {
    throw new Error(`${label} has both \`cluster\` and \`directResponse\`: give one.`);
  }
  return defined({
    name: options.name,
    match: where,
    ...action(options, scope, label),
    typed_per_filter_config:
      options.disabledFilters &&
      Object.fromEntries(
        options.disabledFilters.map((filter) => [
          filter,
          { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true },
        ]),
      ),
    ...options.fields,
  });
}

function action(options: RouteOptions, scope: ListenerScope, label: string): Message {
  const cluster = options.cluster ?? scope.clusters[0];
  if (options.directResponse !== undefined || cluster === undefined) {
    const { status, body } = options.directResponse ?? { status: 200 };
    return {
      direct_response: defined({ status, body: body === undefined ? undefined : { inline_string: body } }),
    };
  }
  checkCluster(cluster, scope, label);
  return { route: defined({ cluster, timeout: optionalDuration(options.timeoutMs) }) };
}

function accessLogs(
  options: HttpListenerOptions | TcpListenerOptions,
  scope: ListenerScope,
): Message[] | undefined {
  const logs = (options.accessLoggers ?? []).map((plugin) => accessLogger(plugin, scope.envoyVersion));
  if (options.accessLog !== undefined) {
    logs.unshift(
      extension("envoy.access_loggers.stdout", "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", {
        log_format: { text_format_source: { inline_string: `${options.accessLog}\n` } },
      }),
    );
  }
  return logs.length > 0 ? logs : undefined;
}

function checkCluster(cluster: string, scope: ListenerScope, label: string): void {
  if (scope.clusters.includes(cluster)) return;
  const known = scope.clusters.length > 0 ? `it has ${scope.clusters.join(", ")}` : "it is empty";
  throw new Error(
    `${label} goes to cluster ${JSON.stringify(cluster)}, which \`clusters\` does not have: ${known}.`,
  );
}

function optionalDuration(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : duration(milliseconds);
}
