// Log, foreign functions and effective contexts (envoy-facts 7.1, 10, 11).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";

const ok = { client: { status: 200 } } as const;

export const services: readonly ParityCase[] = [
  {
    name: "log levels: six of them, others are a BadArgument; text passes as it is",
    stands: "envoy-facts 11",
    script: {
      request_headers: [
        ["level"],
        ["log", 0, "trace"],
        ["log", 1, "debug"],
        ["log", 2, "info"],
        ["log", 3, "warn"],
        ["log", 4, "error"],
        ["log", 5, "critical"],
        ["log", 6, "six"],
        ["log", 7, "seven"],
        ["log", -1, "minus"],
        ["log", 2, ""],
        ["log", 2, "two\nlines"],
      ],
    },
    expect: {
      ...ok,
      logs: [
        "level = 0 1",
        "[debug] debug",
        "info",
        "[warn] warn",
        "[error] error",
        "[critical] critical",
        "log 6 = 2",
        "log 7 = 2",
        "log -1 = 2",
        "",
        "two\nlines",
      ],
    },
  },
  {
    name: "fd_write is a line of the log; 1 is info, 2 error, others fail",
    stands: "envoy-facts 11, field report 73",
    script: {
      request_headers: [
        ["write", 1, "out\n"],
        ["write", 2, "err"],
        ["write", 3, "three"],
        ["write", 0, "zero"],
        ["write", 1, ""],
        ["write", 1, "a\n\n"],
      ],
    },
    expect: ok,
  },
  {
    name: "foreign functions: unknown, and their failures",
    stands: "envoy-facts 10",
    script: {
      request_headers: [
        ["foreign", "no_such_function", "x"],
        ["foreign", "uncompress", "not zlib"],
        ["foreign", "declare_property", "\xff\xff\xff"],
        ["foreign", "set_envoy_filter_state", "\xff\xff\xff"],
      ],
    },
    expect: ok,
  },
  {
    name: "foreign functions: CEL",
    stands: "envoy-facts 10",
    script: { request_headers: [["foreign", "expr_create", "1 + 1"]] },
    explained: "the embedded host has no evaluator for CEL: it throws `unsupported` instead of answering",
  },
  {
    name: "foreign functions: compress and uncompress",
    stands: "envoy-facts 10",
    script: {
      request_headers: [
        ["foreign", "uncompress", "x\x9cK\xcc\x4aL\x02\x00\x03\xb2\x01\x7f"],
        ["foreign", "uncompress", ""],
        ["foreign", "compress", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ["foreign", "compress", ""],
      ],
    },
    expect: ok,
  },
  {
    name: "foreign functions: filter state that other extensions read",
    stands: "envoy-facts 10",
    script: {
      request_headers: [
        ["foreign", "set_envoy_filter_state", "\n\x0cenvoy.string\x12\x05hello"],
        ["prop", "filter_state\0envoy.string"],
        ["foreign", "declare_property", "\n\x04once\x10\x01"],
        ["foreign", "declare_property", "\n\x04once\x10\x01"],
        ["setprop", "once", "1"],
        ["setprop", "once", "2"],
        ["prop", "once"],
        ["foreign", "declare_property", "\n\x05other\x10\x01\x18\x01"],
        ["setprop", "other", "1"],
        ["setprop", "other", "2"],
        ["prop", "other"],
        ["prop", "filter_state\0wasm.other"],
      ],
    },
    expect: ok,
  },
  {
    name: "clear_route_cache in the request",
    stands: "envoy-facts 10, field report 30",
    script: { request_headers: [["foreign", "clear_route_cache", ""]] },
    expect: ok,
  },
  {
    name: "proxy_done without a root that ends is NotFound",
    stands: "envoy-facts 2.4",
    script: { request_headers: [["done"]] },
    expect: { ...ok, logs: ["done = 1"] },
  },
  {
    name: "effective context: unknown ids, 0, the root, and back",
    stands: "envoy-facts 7.1",
    script: {
      request_headers: [
        ["effective", 9999],
        ["effective", 0],
        ["get", 0, ":path"],
        ["effective", "self"],
        ["get", 0, ":path"],
        ["effective", 1],
        ["get", 0, ":path"],
        prop("request.path"),
        ["effective", "self"],
      ],
      response_headers: [["get", 2, ":status"]],
    },
    expect: ok,
  },
  {
    name: "a second plugin in the same VM may act on the first one's stream",
    stands: "envoy-facts 7.1, 14",
    filters: [
      { name: "vm-one", vmId: "one-vm", config: { configure: [["here"]], request_headers: [["here"]] } },
      {
        name: "vm-two",
        vmId: "one-vm",
        config: {
          configure: [["here"]],
          request_headers: [["here"], prop("plugin_name"), ["effective", 2], prop("plugin_name")],
        },
      },
    ],
    expect: ok,
  },
];
