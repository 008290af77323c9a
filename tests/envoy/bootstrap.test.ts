// Configuration: what the options become.
import { resolve } from "node:path";

import { expect, test } from "vitest";

import { wasmFiles } from "../../src/envoy/bootstrap.ts";
import { extension, type Message, pluginConfig, toBootstrap, toYaml } from "../../src/envoy/index.ts";
import { duration } from "../../src/envoy/plugin-config.ts";

const listener = (bootstrap: Message, index = 0): Message => bootstrap.static_resources.listeners[index];
const networkFilters = (bootstrap: Message, index = 0): Message[] =>
  listener(bootstrap, index).filter_chains[0].filters;
const manager = (bootstrap: Message, index = 0): Message => networkFilters(bootstrap, index)[0]?.typed_config;
const routes = (bootstrap: Message): Message[] => manager(bootstrap).route_config.virtual_hosts[0].routes;

test("no options make one HTTP listener on a free loopback port that answers 200", () => {
  const bootstrap = toBootstrap({});
  expect(bootstrap.admin.address.socket_address).toEqual({ address: "127.0.0.1", port_value: 0 });
  expect(bootstrap.static_resources.listeners).toHaveLength(1);
  expect(listener(bootstrap)).toMatchObject({
    name: "http",
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
  });
  expect(manager(bootstrap)).toMatchObject({
    "@type":
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    codec_type: "AUTO",
    http_protocol_options: { enable_trailers: true },
  });
  expect(routes(bootstrap)).toEqual([{ match: { prefix: "/" }, direct_response: { status: 200 } }]);
  expect(manager(bootstrap).http_filters.map((filter: Message) => filter.name)).toEqual([
    "envoy.filters.http.router",
  ]);
  expect(bootstrap.static_resources.clusters).toEqual([]);
});

test("absent options leave no trace, so that Envoy's own defaults hold", () => {
  const text = toYaml(toBootstrap({ http: { filters: [{ wasm: "a.wasm" }] }, clusters: { up: 1 } }));
  for (const field of [
    ...[
      "max_headers_count",
      "max_request_headers_kb",
      "stream_idle_timeout",
      "per_connection_buffer_limit_bytes",
    ],
    ...[
      "access_log",
      "failure_policy",
      "reload_config",
      "allow_on_headers_stop_iteration",
      "root_id",
      "vm_id",
    ],
    ...[
      "environment_variables",
      "capability_restriction_config",
      "stats_sinks",
      "bootstrap_extensions",
      "timeout",
    ],
    "undefined",
  ]) {
    expect(text).not.toContain(field);
  }
  expect(pluginConfig({ wasm: "a.wasm" })).not.toHaveProperty("configuration");
});

test("a plugin has every field in Envoy's place for it", () => {
  const config = pluginConfig({
    ...{
      wasm: "dir/auth.wasm",
      rootId: "root",
      vmId: "vm",
      configuration: "text",
      vmConfiguration: Buffer.from([0, 255]),
    },
    ...{ failurePolicy: "FAIL_RELOAD", reloadBackoffMs: 1500, allowOnHeadersStopIteration: true },
    ...{
      environmentVariables: { keyValues: { A: "1" }, hostEnvKeys: ["HOME"] },
      allowedCapabilities: ["proxy_log"],
    },
  });
  expect(config).toEqual({
    name: "auth",
    root_id: "root",
    failure_policy: "FAIL_RELOAD",
    reload_config: { backoff: { base_interval: "1.5s" } },
    allow_on_headers_stop_iteration: true,
    configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "text" },
    vm_config: {
      vm_id: "vm",
      runtime: "envoy.wasm.runtime.v8",
      code: { local: { filename: resolve("dir/auth.wasm") } },
      configuration: { "@type": "type.googleapis.com/google.protobuf.BytesValue", value: "AP8=" },
      environment_variables: { key_values: { A: "1" }, host_env_keys: ["HOME"] },
      capability_restriction_config: { allowed_capabilities: { proxy_log: {} } },
    },
  });
});

test("bytes of a module go inline, and an own @type is passed on as it is", () => {
  const own = { "@type": "type.googleapis.com/google.protobuf.Struct", value: { a: 1 } };
  const config = pluginConfig({ wasm: new Uint8Array([0, 97, 115, 109]), configuration: own });
  expect(config.vm_config.code).toEqual({ local: { inline_bytes: "AGFzbQ==" } });
  expect(config.configuration).toEqual(own);
  expect(config.name).toBe("plugin");
});

test("a capability restriction has its old place below version 1.40, and only there", () => {
  const options = { wasm: "a.wasm", allowedCapabilities: ["proxy_log"] };
  const restriction = { allowed_capabilities: { proxy_log: {} } };
  for (const [version, inPlugin] of [
    ["1.39.3", true],
    ["1.40.0", false],
    ["2.0.0", false],
    ["0.99.0", true],
  ] as const) {
    const config = pluginConfig(options, version);
    expect(config.capability_restriction_config).toEqual(inPlugin ? restriction : undefined);
    expect(config.vm_config.capability_restriction_config).toEqual(inPlugin ? undefined : restriction);
  }
});

test("filters keep their order, raw ones pass through, and the router comes last", () => {
  const lua = extension("lua", "envoy.extensions.filters.http.lua.v3.Lua");
  const bootstrap = toBootstrap({
    http: { filters: [{ wasm: "a.wasm" }, { raw: lua }, { wasm: "b.wasm", name: "second", disabled: true }] },
  });
  const filters: Message[] = manager(bootstrap).http_filters;
  expect(filters.map((filter) => filter.name)).toEqual(["a", "lua", "second", "envoy.filters.http.router"]);
  expect(filters[1]).toBe(lua);
  expect(filters.map((filter) => filter.disabled)).toEqual([undefined, undefined, true, undefined]);
});

test("routes match by prefix or path and go to a cluster or are answered", () => {
  const bootstrap = toBootstrap({
    http: {
      routes: [
        { name: "r", prefix: "/skip", cluster: "b", timeoutMs: 0, disabledFilters: ["a"] },
        { path: "/x", directResponse: { status: 404, body: "no" } },
        { fields: { metadata: {} } },
      ],
    },
    clusters: { a: 1, b: 2 },
  });
  expect(routes(bootstrap)).toEqual([
    {
      name: "r",
      match: { prefix: "/skip" },
      route: { cluster: "b", timeout: "0s" },
      typed_per_filter_config: {
        a: { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true },
      },
    },
    { match: { path: "/x" }, direct_response: { status: 404, body: { inline_string: "no" } } },
    { match: { prefix: "/" }, route: { cluster: "a" }, metadata: {} },
  ]);
});

test.each([
  [
    { http: { routes: [{ path: "/a", prefix: "/b" }] } },
    'Route "/a" has both `path` and `prefix`: give one.',
  ],
  [
    { http: { routes: [{ cluster: "a", directResponse: { status: 200 } }] } },
    'Route "/" has both `cluster` and `directResponse`: give one.',
  ],
  [
    { http: { routes: [{ cluster: "b" }] }, clusters: { a: 1, c: 2 } },
    'Route "/" goes to cluster "b", which `clusters` does not have: it has a, c.',
  ],
  [
    { tcp: { cluster: "b" } },
    'TCP listener "tcp" goes to cluster "b", which `clusters` does not have: it is empty.',
  ],
  [{ tcp: {} }, 'TCP listener "tcp" has no cluster to forward to: add one to `clusters`.'],
  [{ http: [{ name: "a" }, { name: "a" }] }, 'Two listeners are called "a": give each its own `name`.'],
  [{ http: { streamIdleTimeoutMs: -1 } }, "A duration must be a number of milliseconds from 0, not -1."],
  [{ http: { streamIdleTimeoutMs: NaN } }, "A duration must be a number of milliseconds from 0, not NaN."],
])("contradictory options %j are an error that says so", (options, message) => {
  expect(() => toBootstrap(options)).toThrow(message);
});

test("an HTTP listener can have network filters in front", () => {
  const bootstrap = toBootstrap({ http: { networkFilters: [{ wasm: "n.wasm" }] } });
  const names = networkFilters(bootstrap).map((filter) => filter.name);
  expect(names).toEqual(["n", "envoy.filters.network.http_connection_manager"]);
});

test("a TCP listener takes the place of the HTTP one, unless both are asked for", () => {
  const clusters = { up: 1 };
  const names = (options: object): string[] =>
    toBootstrap({ clusters, ...options }).static_resources.listeners.map((each: Message) => each.name);
  expect(names({ tcp: {} })).toEqual(["tcp"]);
  expect(names({ http: {}, tcp: [{}, { name: "own" }, {}] })).toEqual(["http", "tcp", "own", "tcp3"]);
  expect(names({ http: [] })).toEqual([]);
  const tcp = toBootstrap({ clusters, tcp: { filters: [{ wasm: "n.wasm" }], idleTimeoutMs: 250 } });
  expect(networkFilters(tcp).map((filter) => filter.name)).toEqual(["n", "envoy.filters.network.tcp_proxy"]);
  expect(networkFilters(tcp)[1]?.typed_config).toMatchObject({ cluster: "up", idle_timeout: "0.25s" });
});

test("limits go where Envoy reads them", () => {
  const bootstrap = toBootstrap({
    http: {
      ...{
        maxHeadersCount: 5,
        maxRequestHeadersKb: 6,
        perConnectionBufferLimitBytes: 7,
        streamIdleTimeoutMs: 1,
      },
      connectionManager: { server_name: "x" },
    },
    clusters: {
      up: { port: 9, maxHeadersCount: 8, maxResponseHeadersKb: 9, perConnectionBufferLimitBytes: 10 },
    },
  });
  expect(listener(bootstrap).per_connection_buffer_limit_bytes).toBe(7);
  expect(manager(bootstrap)).toMatchObject({
    common_http_protocol_options: { max_headers_count: 5 },
    ...{ max_request_headers_kb: 6, stream_idle_timeout: "0.001s", server_name: "x" },
  });
  const [cluster] = bootstrap.static_resources.clusters;
  expect(cluster.per_connection_buffer_limit_bytes).toBe(10);
  expect(Object.values(cluster.typed_extension_protocol_options)[0]).toMatchObject({
    common_http_protocol_options: { max_headers_count: 8, max_response_headers_kb: 9 },
  });
});

test("a cluster is an address, a name to resolve, or nobody, and speaks one protocol", () => {
  const { clusters } = toBootstrap({
    clusters: {
      a: 1,
      b: { port: 2, address: "localhost", http2: true },
      c: {},
      d: { port: 3, address: "::1" },
    },
  }).static_resources;
  expect(clusters.map((each: Message) => [each.name, each.type])).toEqual([
    ["a", "STATIC"],
    ["b", "STRICT_DNS"],
    ["c", "STATIC"],
    ["d", "STATIC"],
  ]);
  expect(clusters.map((each: Message) => each.load_assignment.endpoints.length)).toEqual([1, 1, 0, 1]);
  const protocols = clusters.map((each: Message) =>
    Object.keys((Object.values(each.typed_extension_protocol_options)[0] as Message).explicit_http_config),
  );
  expect(protocols.flat()).toEqual([
    "http_protocol_options",
    "http2_protocol_options",
    "http_protocol_options",
    "http_protocol_options",
  ]);
});

test("services, stats sinks and access loggers carry their plugin", () => {
  const wasm = "p.wasm";
  const bootstrap = toBootstrap({
    http: { accessLog: "%REQ(:PATH)%", accessLoggers: [{ wasm }] },
    wasmServices: [{ wasm }, { wasm, singleton: false }],
    ...{ statsSinks: [{ wasm }], statsFlushIntervalMs: 100, node: { id: "me" }, adminPort: 9901 },
  });
  expect(bootstrap.bootstrap_extensions.map((each: Message) => each.typed_config.singleton)).toEqual([
    true,
    false,
  ]);
  expect(bootstrap.stats_sinks[0].typed_config.config.name).toBe("p");
  expect(bootstrap).toMatchObject({ stats_flush_interval: "0.1s", node: { id: "me" } });
  expect(bootstrap.admin.address.socket_address.port_value).toBe(9901);
  const [text, logger] = manager(bootstrap).access_log;
  expect(text.typed_config.log_format.text_format_source.inline_string).toBe("%REQ(:PATH)%\n");
  expect(logger.typed_config.config.name).toBe("p");
});

test("an override has the last word, in place or by another object", () => {
  const edited = toBootstrap({ override: (bootstrap) => void (bootstrap.node.id = "edited") });
  expect(edited.node.id).toBe("edited");
  expect(toBootstrap({ override: () => ({ other: 1 }) })).toEqual({ other: 1 });
});

test("a duration is written without exponents or digits that nobody asked for", () => {
  expect([0, 1, 100, 1500, 0.1, 300_000, 1e9].map(duration)).toEqual([
    ...["0s", "0.001s", "0.1s", "1.5s", "0.0001s", "300s", "1000000s"],
  ]);
});

test("every file that a bootstrap loads is found, wherever it stands", () => {
  const bootstrap = toBootstrap({
    http: {
      filters: [{ wasm: "/a.wasm" }, { wasm: new Uint8Array([1]) }],
      accessLoggers: [{ wasm: "/b.wasm" }],
    },
    wasmServices: [{ wasm: "/c.wasm" }],
    clusters: { up: { port: 1, filters: [{ wasm: "/d.wasm" }] } },
  });
  expect(wasmFiles(bootstrap).sort()).toEqual(["/a.wasm", "/b.wasm", "/c.wasm", "/d.wasm"]);
});
