// proxy_send_local_response (envoy-facts 6).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";
import type { Instruction, Script } from "../script.ts";

const seen: Script = {
  response_headers: [
    ["here"],
    ["pairs", 2],
    ["get", 0, ":path"],
    prop("response.code", "u"),
    prop("response.code_details"),
    prop("response.flags", "u"),
  ],
  response_body: [["here"], ["body", 1]],
  log: [["here"], ["get", 2, ":status"], prop("response.code", "u"), prop("response.code_details")],
};
const denied: Instruction = ["reply", 403, "denied", "my details", -1, "x-why=because", "X-Upper=case"];
const ticks = 60;
const grpc = { method: "POST", headers: [["content-type", "application/grpc"]] } as const;

export const localResponses: readonly ParityCase[] = [
  {
    name: "in request headers: the filter sees its own reply, and may edit it",
    stands: "envoy-facts 6, field report 45",
    script: {
      ...seen,
      request_headers: [denied, ["return", 1]],
      response_headers: [...(seen.response_headers ?? []), ["add", 2, "x-edited", "1"]],
    },
    expect: {
      client: {
        status: 403,
        body: "denied",
        headers: { "x-why": "because", "x-upper": "case", "x-edited": "1", "content-type": "text/plain" },
      },
      upstream: null,
    },
  },
  {
    name: "Continue after a reply stops all the same",
    stands: "envoy-facts 6, field report 46",
    script: { ...seen, request_headers: [denied, ["return", 0]] },
    expect: { client: { status: 403, body: "denied" }, upstream: null },
  },
  {
    name: "in a request body: the upstream is not contacted, or reset",
    stands: "envoy-facts 6",
    script: { ...seen, request_headers: [["return", 0]], request_body: [["nth", 1], denied, ["return", 0]] },
    http: { method: "POST", body: ["ab", "cd"] },
    expect: { client: { status: 403, body: "denied" } },
  },
  {
    name: "in request trailers",
    stands: "envoy-facts 6",
    script: { ...seen, request_trailers: [denied] },
    http: { method: "POST", body: ["ab", ""], trailers: [["x-sum", "1"]] },
    expect: { client: { status: 403, body: "denied" } },
  },
  {
    name: "in response headers: it replaces the response, and the filter sees nothing more of it",
    stands: "envoy-facts 6, field report 45",
    script: { ...seen, response_headers: [["here"], denied, ["return", 0]] },
    upstream: { headers: [["x-up", "1"]], body: "from upstream" },
    expect: { client: { status: 403, body: "denied", headers: { "x-up": null, "x-why": "because" } } },
  },
  {
    name: "in a response body, when the headers have left: the stream is reset",
    stands: "envoy-facts 6",
    script: { ...seen, response_headers: [], response_body: [["nth", 1], denied] },
    upstream: { body: ["ab", "cd"] },
    expect: { client: { status: 200, cut: true } },
  },
  {
    name: "in a response body, when the headers are still held: it replaces the response",
    stands: "envoy-facts 6",
    filters: [{ allowOnHeadersStopIteration: true }],
    script: {
      response_headers: [
        ["nth", 1],
        ["return", 1],
      ],
      response_body: [["nth", 1], denied, ["return", 1]],
      log: seen.log ?? [],
    },
    upstream: { body: ["ab", "cd"] },
    expect: { client: { status: 403, body: "denied" } },
  },
  {
    name: "from a tick, with the stream as the effective context",
    stands: "envoy-facts 6, field report 47",
    script: {
      ...seen,
      request_headers: [
        ["tick", ticks],
        ["return", 4],
      ],
      tick: [["tick", 0], ["effective", "self"], denied],
    },
    advance: ticks,
    expect: { client: { status: 403, body: "denied" }, upstream: null },
  },
  {
    name: "from a tick, while the upstream is at work: the upstream is reset",
    stands: "envoy-facts 6",
    script: {
      ...seen,
      request_headers: [["tick", ticks]],
      tick: [["tick", 0], ["effective", "self"], denied],
    },
    upstream: "never",
    advance: ticks,
    expect: { client: { status: 403, body: "denied" } },
  },
  {
    name: "from a tick, while the response headers are held",
    stands: "envoy-facts 6",
    script: {
      response_headers: [["here"], ["nth", 1], ["tick", ticks], ["return", 4]],
      response_body: [["here"]],
      tick: [["tick", 0], ["effective", "self"], denied],
      log: seen.log ?? [],
    },
    advance: ticks,
    expect: { client: { status: 403, body: "denied" } },
  },
  {
    name: "on the root it is Ok and does nothing",
    stands: "envoy-facts 6, field report 47",
    script: {
      request_headers: [
        ["tick", ticks],
        ["return", 4],
      ],
      tick: [["tick", 0], denied, ["effective", "self"], ["continue", 0]],
    },
    advance: ticks,
    tolerate: ["no-stream"],
    expect: { client: { status: 200 } },
  },
  {
    name: "when the context is created it is Ok and sent after on_request_headers, which runs all the same",
    stands: "envoy-facts 6",
    filters: [
      { config: { create: [denied], request_headers: [["here"], ["get", 0, ":path"]], log: seen.log ?? [] } },
    ],
    tolerate: ["no-stream"],
    expect: { client: { status: 403, body: "denied" }, upstream: null },
  },
  {
    name: "twice in one callback: the first is sent, with the details of the second",
    stands: "envoy-facts 6, field report 45",
    script: { ...seen, request_headers: [denied, ["reply", 404, "second", "second details"]] },
    expect: { client: { status: 403, body: "denied" } },
  },
  {
    name: "reply and continue_stream, in either order: the reply wins",
    stands: "envoy-facts 6",
    script: { log: seen.log ?? [], request_headers: [denied, ["continue", 0], ["return", 1]] },
    expect: { client: { status: 403 }, upstream: null },
  },
  {
    name: "continue_stream and reply",
    stands: "envoy-facts 6",
    script: { log: seen.log ?? [], request_headers: [["continue", 0], denied, ["return", 1]] },
    expect: { client: { status: 403 } },
  },
  {
    name: "without a body there is neither length nor type, and the headers end the stream",
    stands: "envoy-facts 6",
    script: { ...seen, request_headers: [["reply", 401, ""]] },
    expect: { client: { status: 401, body: "", headers: { "content-type": null } } },
  },
  {
    name: "without a body the guest's content-type",
    stands: "envoy-facts 6",
    script: { ...seen, request_headers: [["reply", 401, "", "", -1, "content-type=text/html"]] },
    expect: { client: { status: 401, body: "" } },
  },
  {
    name: "the guest's content-type is kept, its content-length is not",
    stands: "envoy-facts 6",
    script: {
      ...seen,
      request_headers: [
        ["reply", 200, "<p>", "", -1, "content-type=text/html", "content-length=99", "server=me"],
      ],
    },
    expect: {
      client: { status: 200, body: "<p>", headers: { "content-type": "text/html", "content-length": "3" } },
    },
  },
  {
    name: "repeated extra headers are added",
    stands: "envoy-facts 6",
    script: {
      request_headers: [["reply", 200, "x", "", -1, "set-cookie=a", "set-cookie=b", "vary=a", "vary=b"]],
    },
    expect: { client: { headers: { "set-cookie": ["a", "b"] } } },
  },
  {
    name: "details lose their white space",
    stands: "envoy-facts 6",
    script: { request_headers: [["reply", 200, "x", " a b\tc "]], log: seen.log ?? [] },
    expect: { client: { status: 200 } },
  },
  {
    name: "to a HEAD request the body is not sent",
    stands: "envoy-facts 6",
    script: { ...seen, request_headers: [denied] },
    http: { method: "HEAD" },
    expect: { client: { status: 403, body: "" } },
  },
  {
    name: "to a gRPC request it is a 200 with a status derived from the code",
    stands: "envoy-facts 6, field report 48",
    script: { ...seen, request_headers: [["reply", 403, "not you: 100%"]] },
    http: grpc,
    expect: { client: { status: 200, headers: { "grpc-status": "7" } } },
  },
  {
    name: "to a gRPC request with a status of its own",
    stands: "envoy-facts 6, field report 48",
    script: { ...seen, request_headers: [["reply", 403, "", "", 8, "x-a=1"]] },
    http: grpc,
    expect: { client: { status: 200, headers: { "grpc-status": "8", "x-a": "1" } } },
  },
  {
    name: "over HTTP/2 to a gRPC request",
    stands: "envoy-facts 6",
    script: { ...seen, request_headers: [["reply", 429, "slow down", "", 99]] },
    http: { ...grpc, http2: true },
    expect: { client: { status: 200 } },
  },
  {
    name: "of two filters the second replies: the first sees the response, the request it saw before",
    stands: "envoy-facts 2.1, 6",
    filters: [
      { name: "first", config: { ...seen, request_headers: [["here"]] } },
      { name: "second", config: { ...seen, request_headers: [denied] } },
    ],
    expect: { client: { status: 403 }, upstream: null },
  },
  {
    name: "of two filters the first replies: the second sees the response alone",
    stands: "envoy-facts 2.1, 6",
    filters: [
      { name: "first", config: { ...seen, request_headers: [denied] } },
      { name: "second", config: { ...seen, request_headers: [["here"]] } },
    ],
    expect: { client: { status: 403 }, upstream: null },
  },
];
