// Properties (envoy-facts 8).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const REQUEST: readonly [string, string][] = [
  ["request.path", "s"],
  ["request.url_path", "s"],
  ["request.query", "s"],
  ["request.host", "s"],
  ["request.scheme", "s"],
  ["request.method", "s"],
  ["request.referer", "s"],
  ["request.useragent", "s"],
  ["request.protocol", "s"],
  ["request.headers.x-a", "s"],
  ["request.headers.x-none", "s"],
  ["request.time", "n"],
  ["request.size", "u"],
  ["request.total_size", "u"],
  ["request.headers_bytes", "n"],
  ["request.duration", "n"],
  ["request.nothing", "s"],
];
const RESPONSE: readonly [string, string][] = [
  ["response.code", "u"],
  ["response.code_details", "s"],
  ["response.flags", "u"],
  ["response.grpc_status", "u"],
  ["response.headers.x-up", "s"],
  ["response.headers", "m"],
  ["response.trailers", "m"],
  ["response.size", "u"],
  ["response.total_size", "u"],
  ["response.headers_bytes", "n"],
  ["response.backend_latency", "n"],
];
const REST: readonly [string, string][] = [
  ["source.address", "s"],
  ["source.port", "n"],
  ["destination.address", "s"],
  ["destination.port", "n"],
  ["connection.id", "n"],
  ["connection_id", "n"],
  ["connection.mtls", "b"],
  ["connection.requested_server_name", "s"],
  ["connection.tls_version", "s"],
  ["connection.termination_details", "s"],
  ["upstream.address", "s"],
  ["upstream.port", "n"],
  ["upstream.request_attempt_count", "u"],
  ["upstream.num_endpoints", "u"],
  ["upstream.transport_failure_reason", "s"],
  ["metadata", "n"],
  ["metadata.filter_metadata.none.key", "s"],
  ["filter_state.none", "s"],
  ["node", "s"],
  ["cluster_name", "s"],
  ["route_name", "s"],
  ["listener_direction", "s"],
  ["xds.listener_direction", "i"],
];
const all = (list: readonly [string, string][]): Instruction[] =>
  list.map(([path, kind]) => prop(path, kind));
const request = {
  path: "/p/q?a=1&b=2",
  headers: [
    ["x-a", "1"],
    ["x-a", "2"],
    ["referer", "ref"],
    ["user-agent", "agent"],
  ],
} as const;
const upstream = { headers: [["x-up", "1"]], body: "hello" } as const;

export const properties: readonly ParityCase[] = [
  {
    name: "request.* in request headers",
    stands: "envoy-facts 8",
    script: { request_headers: all(REQUEST) },
    http: request,
    expect: { client: { status: 200 } },
  },
  {
    name: "request.* in response headers, where the headers are gone",
    stands: "envoy-facts 8, 2.2",
    script: { response_headers: all(REQUEST) },
    http: request,
    expect: { client: { status: 200 } },
  },
  {
    name: "request.* in the log",
    stands: "envoy-facts 8",
    script: { log: all(REQUEST) },
    http: request,
    expect: { client: { status: 200 } },
  },
  {
    name: "response.* in request headers, response headers and the log",
    stands: "envoy-facts 8",
    script: { request_headers: all(RESPONSE), response_headers: all(RESPONSE), log: all(RESPONSE) },
    upstream,
    expect: { client: { status: 200 } },
  },
  {
    name: "request sizes grow with the body",
    stands: "envoy-facts 8",
    script: {
      request_body: [prop("request.size", "u"), ["here"]],
      log: [prop("request.size", "u"), prop("response.size", "u")],
    },
    http: { method: "POST", body: "abcdef" },
    upstream,
    expect: { client: { status: 200 } },
  },
  {
    name: "connection, upstream, metadata and what Envoy has removed, in request headers",
    stands: "envoy-facts 8",
    script: { request_headers: all(REST) },
    expect: { client: { status: 200 } },
  },
  {
    name: "connection, upstream, metadata and what Envoy has removed, in response headers",
    stands: "envoy-facts 8",
    script: { response_headers: all(REST) },
    expect: { client: { status: 200 } },
  },
  {
    name: "paths: groups, empty segments, a trailing NUL, dots, nothing",
    stands: "envoy-facts 8",
    script: {
      request_headers: [
        ...["request", "response", "source", "connection", "upstream", "xds", "filter_state", "unknown"].map(
          (name) => prop(name, "n"),
        ),
        ["prop", "request\0path\0", "s"],
        ["prop", "request\0\0path", "s"],
        ["prop", "\0request\0path", "s"],
        ["prop", "request.path", "s"],
        ["prop", "", "s"],
        ["prop", "request\0path\0more", "s"],
      ],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "what set_property keeps can be read by its bare name in every callback and by the next filter",
    stands: "envoy-facts 8",
    filters: [
      {
        name: "writer",
        config: {
          request_headers: [
            ["setprop", "seen", "one"],
            ["setprop", "seen", "two"],
            ["setprop", "a.b", "dots"],
            ["setprop", "empty", ""],
            ["setprop", "x\0y", "nul"],
          ],
          response_headers: [
            ["prop", "seen"],
            ["prop", "a.b"],
            ["prop", "empty"],
            prop("x.y"),
            ["prop", "filter_state\0wasm.seen"],
          ],
          log: [
            ["prop", "seen"],
            ["setprop", "seen", "three"],
            ["prop", "seen"],
          ],
        },
      },
      {
        name: "reader",
        config: {
          request_headers: [
            ["prop", "seen"],
            ["prop", "wasm.seen"],
            ["prop", "filter_state\0wasm.seen"],
          ],
          log: [["prop", "seen"]],
        },
      },
    ],
    expect: { client: { status: 200 } },
  },
  {
    name: "on the root only the plugin's own properties are there, and nothing can be set",
    stands: "envoy-facts 8",
    filters: [{ name: "prop-plugin", rootId: "prop-root", vmId: "prop-vm" }],
    script: {
      request_headers: [
        ["tick", 40],
        ["return", 4],
      ],
      tick: [
        ["tick", 0],
        prop("plugin_name"),
        prop("plugin_root_id"),
        prop("plugin_vm_id"),
        prop("request.path"),
        prop("source.address"),
        ["setprop", "x", "y"],
        ["effective", "self"],
        prop("request.path"),
        ["continue", 0],
      ],
    },
    advance: 40,
    expect: {
      client: { status: 200 },
      logs: [
        "tick 40 = 0",
        "tick 0 = 0",
        "prop plugin_name = 0 prop-plugin",
        "prop plugin_root_id = 0 prop-root",
        "prop plugin_vm_id = 0 prop-vm",
        "prop request\\x00path = 1 (untouched)",
        "prop source\\x00address = 1 (untouched)",
        "setprop x y = 1",
        "effective self = 0",
        "prop request\\x00path = 0 /",
        "continue 0 = 0",
      ],
    },
  },
  {
    name: "request.headers as a whole is a list of pairs, and empty in response callbacks",
    stands: "envoy-facts 8",
    script: {
      request_headers: [prop("request.headers", "m")],
      response_headers: [prop("request.headers", "m"), prop("response.headers", "m")],
    },
    http: { headers: [["x-a", "1"]] },
    expect: { client: { status: 200 } },
  },
];
