// What the caller says about an Envoy to be configured: typed options, turned into a bootstrap by bootstrap.ts.

/** A protobuf message in its JSON form, with Envoy's own (snake_case) field names. */
// `any`, because an override reaches many levels deep into messages whose schema is Envoy's, not ours.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Message = Record<string, any>;

/**
 * Configuration handed to a plugin or to its VM. A string is sent as a StringValue and bytes as a BytesValue: Envoy
 * unwraps both. A message with its own `@type` is passed on as it is, and the guest then reads its protobuf bytes.
 */
export type WasmConfiguration = string | Uint8Array | (Message & { "@type": string });

/** A module on a server. */
export interface RemoteModule {
  /** `http:` or `https:`. */
  url: string;
  /** SHA-256 of the module's bytes, 64 hexadecimal digits. Envoy refuses other bytes, and answers 503 until it has them. */
  sha256: string;
  /** The cluster that reaches the server. */
  cluster: string;
  /** Default: 30000. */
  timeoutMs?: number | undefined;
}

/** One Wasm plugin: `PluginConfig` with its `VmConfig`, as in `envoy.extensions.wasm.v3`. */
export interface WasmPluginOptions {
  /**
   * The module: path of a file (relative to the working directory), its bytes, which go inline into the config, or a
   * server that Envoy fetches it from.
   */
  wasm: string | Uint8Array | RemoteModule;
  /** Shown in every log line of the plugin. Default: the file's name without `.wasm`; `plugin` for inline bytes. */
  name?: string | undefined;
  /** Default: absent, which the guest reads as the empty root id. */
  rootId?: string | undefined;
  /** Plugins with equal id, code and VM configuration share one VM per thread. Default: absent (the empty id). */
  vmId?: string | undefined;
  /** Read by the guest in `proxy_on_configure`. Default: absent, size 0. */
  configuration?: WasmConfiguration | undefined;
  /** Read by the guest in `proxy_on_vm_start`. Default: absent, size 0. */
  vmConfiguration?: WasmConfiguration | undefined;
  /** What happens to requests after the VM failed. Default: absent, which Envoy takes for `FAIL_CLOSED`. */
  failurePolicy?: "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD" | undefined;
  /** Least time between two reloads of a failed VM under `FAIL_RELOAD`, in ms. Default: Envoy's, 1000. */
  reloadBackoffMs?: number | undefined;
  /** Makes StopIteration from a headers callback stop the headers only. Default: absent, which Envoy takes for false. */
  allowOnHeadersStopIteration?: boolean | undefined;
  /** Environment of the guest. `hostEnvKeys` copies variables of Envoy's own environment, if they exist there. */
  environmentVariables?:
    | {
        keyValues?: Readonly<Record<string, string>> | undefined;
        hostEnvKeys?: readonly string[] | undefined;
      }
    | undefined;
  /**
   * Allow-list of host functions and callbacks by name (`proxy_log`, `proxy_on_request_headers`, `fd_write`). Default:
   * absent, everything is allowed; so does an empty list.
   */
  allowedCapabilities?: readonly string[] | undefined;
}

/** A Wasm HTTP filter, or any other HTTP filter given as the raw message (`{ raw: { name, typed_config } }`). */
export type HttpFilterOptions = (WasmPluginOptions & { disabled?: boolean | undefined }) | { raw: Message };

/** A Wasm network filter, or any other network filter given as the raw message. */
export type NetworkFilterOptions = WasmPluginOptions | { raw: Message };

/** One route of an HTTP listener; the first that matches is taken. */
export interface RouteOptions {
  /** Readable by the guest as `xds.route_name`. */
  name?: string | undefined;
  /** Matches the start of the path. Default: `/`, unless `path` is given. */
  prefix?: string | undefined;
  /** Matches the whole path, without its query. */
  path?: string | undefined;
  /** Where requests go. Default: the first cluster; without any cluster an empty 200 is answered. */
  cluster?: string | undefined;
  /** Answered by Envoy itself. Excludes `cluster`. */
  directResponse?: { status: number; body?: string | undefined } | undefined;
  /** Time for the whole answer, in ms; 0 is for ever. Default: Envoy's, 15000. */
  timeoutMs?: number | undefined;
  /** Names of Wasm HTTP filters that are skipped on this route. */
  disabledFilters?: readonly string[] | undefined;
  /** More fields of the Route message. */
  fields?: Message | undefined;
}

/** What listeners of both kinds have. */
interface ListenerOptions {
  /** Unique; the key in {@link Envoy.ports}. Default: `http` or `tcp`, followed by 2, 3, ... for further ones. */
  name?: string | undefined;
  /** Default: 0, a free port. */
  port?: number | undefined;
  /** IP address. Default: 127.0.0.1. */
  address?: string | undefined;
  /** Bytes held per connection before back-pressure, or before 413 and 500 for whole bodies. Default: Envoy's, 1 MiB. */
  perConnectionBufferLimitBytes?: number | undefined;
  /** Format of one line of the access log, e.g. `%REQ(:PATH)% %RESPONSE_CODE%`; see {@link Envoy.accessLog}. */
  accessLog?: string | undefined;
  /** Plugins that get `proxy_on_log` on their root context for each request or connection. */
  accessLoggers?: readonly WasmPluginOptions[] | undefined;
}

/** An HTTP listener: HTTP/1.1 and cleartext HTTP/2 on one port, trailers on for both. */
export interface HttpListenerOptions extends ListenerOptions {
  /** In request order. The router is added at the end. */
  filters?: readonly HttpFilterOptions[] | undefined;
  /** Filters of the connection, in front of HTTP: they see its bytes. */
  networkFilters?: readonly NetworkFilterOptions[] | undefined;
  /** Default: one route for everything. */
  routes?: readonly RouteOptions[] | undefined;
  /** Largest request header block, in KiB. Default: Envoy's, 60. */
  maxRequestHeadersKb?: number | undefined;
  /** Most request headers. Default: Envoy's, 100. */
  maxHeadersCount?: number | undefined;
  /** How long a stream may be silent, in ms; 0 is for ever. Default: Envoy's, 300000. */
  streamIdleTimeoutMs?: number | undefined;
  /** More fields of the HttpConnectionManager message. */
  connectionManager?: Message | undefined;
}

/** A TCP listener that forwards to one cluster. */
export interface TcpListenerOptions extends ListenerOptions {
  /** In downstream order. The TCP proxy is added at the end. */
  filters?: readonly NetworkFilterOptions[] | undefined;
  /** Default: the first cluster. */
  cluster?: string | undefined;
  /** How long a connection may be silent, in ms; 0 is for ever. Default: Envoy's, one hour. */
  idleTimeoutMs?: number | undefined;
}

/** TLS to an upstream. */
export interface ClusterTls {
  /** The name that is asked for, and that the certificate must have. */
  serverName: string;
  /** Authorities to trust: the path of a PEM file where Envoy runs, or PEM text. */
  trustedCa: { filename: string } | { inline_string: string };
}

/** An upstream: one host, or none. */
export interface ClusterOptions {
  /** Port of the host. Absent: a cluster without hosts. */
  port?: number | undefined;
  /** IP address, or a host name to be resolved. Default: 127.0.0.1. */
  address?: string | undefined;
  /** Speak HTTP/2 to the host. Default: false, HTTP/1.1. */
  http2?: boolean | undefined;
  /** Speak TLS to the host. Default: cleartext. */
  tls?: ClusterTls | undefined;
  /** Default: Envoy's, 5000. */
  connectTimeoutMs?: number | undefined;
  /** Most response headers. Default: Envoy's, 100. */
  maxHeadersCount?: number | undefined;
  /** Largest response header block, in KiB. Default: Envoy's, 60. */
  maxResponseHeadersKb?: number | undefined;
  /** Bytes held per upstream connection. Default: Envoy's, 1 MiB. */
  perConnectionBufferLimitBytes?: number | undefined;
  /** Filters that run after the host has been chosen. The upstream codec is added at the end. */
  filters?: readonly HttpFilterOptions[] | undefined;
  /** More fields of the Cluster message. */
  fields?: Message | undefined;
}

/** A plugin without a listener: `envoy.bootstrap.wasm`. */
export interface WasmServiceOptions extends WasmPluginOptions {
  /** True: one instance, on the main thread. False: one per thread. Default: true. */
  singleton?: boolean | undefined;
}

/** A whole Envoy. */
export interface BootstrapOptions {
  /** Default: one listener without filters, unless `tcp` is given; `[]` for none. */
  http?: HttpListenerOptions | readonly HttpListenerOptions[] | undefined;
  tcp?: TcpListenerOptions | readonly TcpListenerOptions[] | undefined;
  /** Clusters by name; a bare number is a port on 127.0.0.1. */
  clusters?: Readonly<Record<string, number | ClusterOptions>> | undefined;
  /** Background plugins. */
  wasmServices?: readonly WasmServiceOptions[] | undefined;
  /** Plugins that get `envoy_on_stats_update` at every flush. */
  statsSinks?: readonly WasmPluginOptions[] | undefined;
  /** Time between two flushes to stats sinks, in ms. Default: Envoy's, 5000. */
  statsFlushIntervalMs?: number | undefined;
  /**
   * Tags that the statistics of plugins carry in their names, as `MetricTags` of the guest library writes them: each
   * becomes a label. Default: none.
   */
  statsTags?: readonly string[] | undefined;
  /** The Node message, readable by the guest as `xds.node`. Default: id and cluster `proxy-wasm-as`. */
  node?: Message | undefined;
  /** Port of the admin server, on 127.0.0.1. Default: 0, a free port. */
  adminPort?: number | undefined;
  /**
   * Version of the Envoy that will read this. Below 1.40 a capability restriction has its old place in the plugin.
   * Default: a version of today.
   */
  envoyVersion?: string | undefined;
  /** Last word on the whole: edits the bootstrap in place, or returns another. */
  override?: ((bootstrap: Message) => Message | void) | undefined;
}
