// HTTP callouts (envoy-facts 7.1).
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const target = [":method=GET", ":path=/check", ":authority=auth.example"] as const;
const call: Instruction = ["call", "auth", 1000, "", ...target];
const answer: readonly Instruction[] = [
  ["here"],
  ["pairs", 6],
  ["pairs", 7],
  ["body", 4],
  ["len", 4],
  ["status"],
];
const go: readonly Instruction[] = [
  ["effective", "self"],
  ["continue", 0],
];
const held = (...first: Instruction[]): readonly Instruction[] => [...first, ["return", 4]];

export const callouts: readonly ParityCase[] = [
  {
    name: "the answer comes on the root, with its headers and body; the stream is resumed through its id",
    stands: "envoy-facts 7.1, field report 53",
    script: {
      request_headers: held(call),
      http_call_response: [
        ...answer,
        ["get", 6, ":status"],
        ["get", 6, "x-user"],
        ["get", 7, "x"],
        ["get", 0, ":path"],
        ["effective", "self"],
        ["get", 0, ":path"],
        ["get", 6, "x-user"],
        ["set", 0, "x-user", "anna"],
        ["continue", 0],
        ["get", 0, ":path"],
      ],
    },
    auth: { headers: [["x-user", "anna"]], body: "yes" },
    expect: { client: { status: 200 }, upstream: { headers: { "x-user": "anna" } } },
  },
  {
    name: "an answer with trailers",
    stands: "envoy-facts 7.1",
    script: {
      request_headers: held(call),
      http_call_response: [["here"], ["get", 7, "x-sum"], ["pairs", 7], ["size", 7], ...go],
    },
    auth: { body: ["ab"], trailers: [["x-sum", "1"]] },
    expect: { client: { status: 200 } },
  },
  {
    name: "an answer without body or trailers",
    stands: "envoy-facts 7.1, field report 25",
    script: { request_headers: held(call), http_call_response: [["here"], ["pairs", 7], ["body", 4], ...go] },
    auth: { status: 204 },
    expect: { client: { status: 200 } },
  },
  {
    name: "the answer denies: a local response from the callback",
    stands: "envoy-facts 6, field report 47",
    script: {
      request_headers: held(call),
      http_call_response: [
        ["effective", "self"],
        ["reply", 403, "denied", "by_auth"],
      ],
      response_headers: [["here"], ["get", 0, ":path"]],
    },
    auth: { status: 403 },
    expect: { client: { status: 403, body: "denied" }, upstream: null },
  },
  {
    name: "calls that are refused at once",
    stands: "envoy-facts 7.1, field report 50",
    script: {
      request_headers: [
        ["call", "unknown", 100, "", ...target],
        ["call", "auth", 100, "", ":path=/", ":authority=a"],
        ["call", "auth", 100, "", ":method=GET", ":authority=a"],
        ["call", "auth", 100, "", ":method=GET", ":path=/"],
        ["call", "auth", 100, ""],
        ["call", "auth", -1, "", ...target],
        ["call", "empty", 100, "", ...target],
      ],
      http_call_response: [["here"]],
    },
    expect: {
      client: { status: 200 },
      logs: [
        "call unknown = 2",
        "call auth = 2",
        "call auth = 2",
        "call auth = 2",
        "call auth = 2",
        "call auth = 2",
        "call empty = 10",
      ],
    },
  },
  {
    name: "host instead of :authority is taken",
    stands: "envoy-facts 7.1",
    script: {
      request_headers: held(["call", "auth", 1000, "", ":method=GET", ":path=/", "host=a"]),
      http_call_response: [["here"], ...go],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "a connection that is refused is a synthetic 503",
    stands: "envoy-facts 7.1, field report 51",
    script: {
      request_headers: held(["call", "dead", 1000, "", ...target]),
      http_call_response: [...answer, ...go],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "a connection that breaks is a synthetic 503",
    stands: "envoy-facts 7.1, field report 51",
    script: { request_headers: held(call), http_call_response: [...answer, ...go] },
    auth: "reset",
    expect: { client: { status: 200 } },
  },
  {
    name: "no answer in time is a synthetic 504",
    stands: "envoy-facts 7.1, field report 51",
    script: {
      request_headers: held(["call", "auth", 50, "", ...target]),
      http_call_response: [...answer, ...go],
    },
    auth: "never",
    advance: 50,
    expect: { client: { status: 200 } },
  },
  {
    name: "maps and buffer of the answer are read-only, and gone outside of the callback",
    stands: "envoy-facts 7.1",
    script: {
      request_headers: held(call),
      http_call_response: [
        ["add", 6, "x", "y"],
        ["setall", 6, "x=y"],
        ["remove", 6, ":status"],
        ["put", 4, 0, 0, "x"],
        ["size", 6],
        ...go,
      ],
      response_headers: [
        ["get", 6, ":status"],
        ["pairs", 6],
        ["body", 4],
        ["len", 4],
      ],
    },
    auth: { body: "yes" },
    expect: { client: { status: 200 } },
  },
  {
    name: "the stream is gone when the answer comes: its id is refused",
    stands: "envoy-facts 7.1, field report 54",
    script: {
      request_headers: [["call", "auth", 80, "", ...target]],
      http_call_response: [["here"], ["effective", "self"], ["get", 0, ":path"]],
    },
    auth: "never",
    advance: 80,
    expect: {
      client: { status: 200 },
      logs: [
        "call auth = 0",
        "http_call_response 3 24 0",
        "effective self = 2",
        "get 0 :path = 2 (untouched)",
      ],
    },
  },
  {
    name: "calls from the log and done callbacks are taken",
    stands: "envoy-facts 7.1",
    script: { log: [call], done: [call], http_call_response: [["here"], ["effective", "self"]] },
    auth: { body: "yes" },
    expect: { client: { status: 200 } },
  },
  {
    name: "a call while the response is held",
    stands: "envoy-facts 7.1",
    script: {
      response_headers: held(call),
      http_call_response: [
        ["effective", "self"],
        ["set", 2, "x-checked", "yes"],
        ["continue", 1],
      ],
    },
    expect: { client: { status: 200, body: "hello", headers: { "x-checked": "yes" } } },
  },
  {
    name: "a call with a body while the request body is held: the body is replaced and goes out once",
    stands: "envoy-facts 7.1, field report 42",
    script: {
      request_headers: [["remove", 0, "content-length"]],
      request_body: [
        ["here"],
        ["nth", 1],
        ["call", "auth", 1000, "to check", ":method=POST", ":path=/", ":authority=a"],
        ["return", 1],
      ],
      http_call_response: [
        ["effective", "self"],
        ["body", 0],
        ["put", 0, 0, -1, "checked"],
        ["continue", 0],
      ],
    },
    http: { method: "POST", body: "raw" },
    expect: { client: { status: 200 } },
  },
  {
    name: "get_status of the root after an HTTP callout",
    stands: "envoy-facts 7.1",
    script: { request_headers: held(["status"], call), http_call_response: [["status"], ...go] },
    expect: { client: { status: 200 } },
  },
  {
    name: "what the cluster of a callout receives",
    stands: "envoy-facts 7.1",
    script: {
      request_headers: held([
        "call",
        "auth",
        1000,
        "body of it",
        ":method=POST",
        ":path=/x?y=z",
        ":authority=a.example",
        "X-Two=1",
        "x-two=2",
        "content-length=99",
      ]),
      http_call_response: [["body", 4], ...go],
    },
    auth: { body: "seen" },
    expect: { client: { status: 200 } },
  },
];
