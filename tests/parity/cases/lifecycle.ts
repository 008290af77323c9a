// Which callbacks run, and in which order (envoy-facts 2.1).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";
import type { Instruction, Script } from "../script.ts";

const here: readonly Instruction[] = [["here"]];
const everywhere: Script = {
  request_headers: here,
  request_body: here,
  request_trailers: here,
  response_headers: here,
  response_body: here,
  response_trailers: here,
  log: here,
  done: here,
  delete: here,
};
const trailers = [["x-sum", "1"]] as const;

export const lifecycle: readonly ParityCase[] = [
  {
    name: "a request without body: log, done, delete in this order",
    stands: "envoy-facts 2.1",
    script: everywhere,
    upstream: { status: 204 },
    expect: {
      client: { status: 204 },
      logs: ["request_headers 7 1", "response_headers 3 1", "log", "done", "delete"],
    },
  },
  {
    name: "over HTTP/1.1 the end of a body is a call of its own",
    stands: "envoy-facts 2.1",
    script: everywhere,
    http: { method: "POST", body: "abc" },
    expect: {
      client: { status: 200 },
      upstream: { body: "abc" },
    },
  },
  {
    name: "a body in parts is a call for each",
    stands: "envoy-facts 2.1, field report 35",
    script: { request_body: here, response_body: here },
    http: { method: "POST", body: ["ab", "cde"] },
    upstream: { body: ["1234", "5"] },
    expect: {
      logs: [
        "request_body 2 0",
        "request_body 3 0",
        "request_body 0 1",
        "response_body 4 0",
        "response_body 1 0",
        "response_body 0 1",
      ],
    },
  },
  {
    name: "with trailers no body call is the last",
    stands: "envoy-facts 2.1, field report 36",
    script: everywhere,
    http: { method: "POST", body: ["ab"], trailers },
    upstream: { body: ["cd"], trailers: [["x-sum", "2"]] },
    expect: {
      client: { trailers: { "x-sum": "2" } },
      upstream: { trailers: { "x-sum": "1" } },
    },
  },
  {
    name: "HEAD: the response has no body",
    stands: "envoy-facts 2.1, field report 37",
    script: everywhere,
    http: { method: "HEAD" },
    expect: { client: { status: 200, body: "" } },
  },
  {
    name: "a client that leaves while it waits: log, done and delete only",
    stands: "envoy-facts 2.1, field report 20",
    script: {
      ...everywhere,
      log: [
        ["here"],
        ["get", 2, ":status"],
        prop("response.code", "u"),
        prop("response.code_details"),
        prop("response.flags", "u"),
      ],
    },
    http: { leaves: true },
    expect: {
      logs: [
        "request_headers 7 1",
        "log",
        "get 2 :status = 1 (untouched)",
        "prop response\\x00code = 1 (untouched)",
        "prop response\\x00code_details = 0 downstream_remote_disconnect",
        "prop response\\x00flags = 0 16384",
        "done",
        "delete",
      ],
    },
  },
  {
    name: "a malformed request is created, logged and deleted without headers",
    stands: "envoy-facts 2.1, field report 19",
    filters: [
      {
        config: {
          create: here,
          ...everywhere,
          log: [["here"], ["get", 0, ":path"], ["get", 2, ":status"], prop("response.code", "u")],
        },
      },
    ],
    http: { malformed: true },
    expect: { client: { status: 400, body: "Bad Request", cut: false }, upstream: null },
  },
  {
    name: "an upstream that refuses the connection: a 503 that passes the response callbacks",
    stands: "envoy-facts 2.1",
    script: {
      ...everywhere,
      response_headers: [
        ["here"],
        ["pairs", 2],
        prop("response.code_details"),
        prop("response.flags", "u"),
        prop("upstream.address"),
      ],
      response_body: [["here"], ["body", 1]],
    },
    upstream: "refused",
    expect: { client: { status: 503 } },
  },
  {
    name: "an upstream that breaks the connection: a 503 that passes the response callbacks",
    stands: "envoy-facts 2.1",
    script: {
      response_headers: [["here"], prop("response.code_details"), prop("response.flags", "u")],
      response_body: [["here"], ["body", 1]],
    },
    upstream: "reset",
    expect: { client: { status: 503 } },
  },
  {
    name: "a request that is held too long is answered 504 by Envoy",
    stands: "envoy-facts 2.1",
    script: {
      request_headers: [["here"], ["return", 4]],
      response_headers: [["here"], prop("response.code_details"), prop("response.flags", "u")],
      response_body: [["here"], ["body", 1]],
      log: here,
    },
    upstream: "never",
    streamIdleTimeout: 150,
    advance: 200,
    expect: { client: { status: 504, body: "stream timeout" } },
  },
  {
    name: "an upstream that does not answer in the idle time",
    stands: "envoy-facts 2.1",
    script: {
      response_headers: [["here"], prop("response.code_details")],
      response_body: [["body", 1]],
      log: here,
    },
    upstream: "never",
    streamIdleTimeout: 150,
    advance: 200,
    expect: { client: { status: 504 } },
  },
  {
    name: "two filters: requests in order, responses in reverse, logs in order, then each is done and deleted",
    stands: "envoy-facts 2.1",
    filters: [
      { name: "first", config: everywhere },
      { name: "second", config: everywhere },
    ],
    expect: {
      logs: [
        "first: request_headers 6 1",
        "second: request_headers 6 1",
        "second: response_headers 4 0",
        "first: response_headers 4 0",
        "second: response_body 5 0",
        "first: response_body 5 0",
        "second: response_body 0 1",
        "first: response_body 0 1",
        "first: log",
        "second: log",
        "first: done",
        "first: delete",
        "second: done",
        "second: delete",
      ],
    },
  },
];
