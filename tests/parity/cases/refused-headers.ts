// Headers that Envoy or a peer does not take (envoy-facts 0 and 4).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";

export const refusedHeaders: readonly ParityCase[] = [
  {
    name: "an empty name in a request is taken",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ["add", 0, "", "x"],
        ["pairs", 0],
        ["reply", 200, "ok"],
      ],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "an empty name in a response is taken, and the client finds it broken",
    stands: "envoy-facts 4",
    tolerate: ["response-header-injection"],
    explained: "it is the client's parser that refuses the message, and the embedded host has none",
    script: {
      response_headers: [
        ["add", 2, "", "x"],
        ["pairs", 2],
      ],
    },
  },
  {
    name: "an empty name in a response is taken, over HTTP/2",
    stands: "envoy-facts 4",
    script: {
      response_headers: [
        ["add", 2, "", "x"],
        ["set", 2, "x-a", "3"],
      ],
    },
    http: { http2: true },
    tolerate: ["response-header-injection"],
    expect: { client: { status: 200 } },
  },
  {
    name: "NUL in a request header is taken, and the request fails",
    stands: "envoy-facts 4",
    script: { request_headers: [["set", 0, "x-bad", "a\0b"]], log: [prop("response.code_details")] },
    expect: { client: { status: 503, body: "invalid header value for: x-bad" }, upstream: null },
  },
  {
    name: "a name that is none is taken, and the request fails",
    stands: "envoy-facts 4",
    script: { request_headers: [["add", 0, "x bad", "a"]], log: [prop("response.code_details")] },
    expect: { client: { status: 503, body: "invalid header name: x bad" }, upstream: null },
  },
  {
    name: "a request without :method is answered 503",
    stands: "envoy-facts 4",
    script: { request_headers: [["remove", 0, ":method"]], log: [prop("response.code_details")] },
    expect: { client: { status: 503, body: "missing required header: :method" }, upstream: null },
  },
  {
    name: "a request without :path is answered 404",
    stands: "envoy-facts 4",
    script: { request_headers: [["remove", 0, ":path"]], log: [prop("response.code_details")] },
    expect: { client: { status: 404 }, upstream: null },
  },
  {
    name: "a request without :authority goes out without host",
    stands: "envoy-facts 4",
    script: { request_headers: [["remove", 0, ":authority"]], log: [prop("response.code_details")] },
    explained:
      "what an HTTP/1.1 server makes of it is its own affair (400 here); the embedded host answers as after an HTTP/2 upstream's protocol error",
  },
  {
    name: "a request without :authority, HTTP/2 upstream",
    stands: "envoy-facts 4",
    upstreamHttp2: true,
    script: { request_headers: [["remove", 0, ":authority"]], log: [prop("response.code_details")] },
  },
  {
    name: "an empty name in a request, HTTP/2 upstream",
    stands: "envoy-facts 4",
    upstreamHttp2: true,
    script: { request_headers: [["add", 0, "", "x"]] },
  },
  ...["99", "101", "1000"].map((status): ParityCase => ({
    name: `a response whose :status becomes ${status} reaches no client`,
    stands: "envoy-facts 4",
    script: {
      response_headers: [["set", 2, ":status", status]],
      log: [prop("response.code", "u"), prop("response.code_details")],
    },
    tolerate: ["response-status"],
  })),
  {
    name: "a response whose :status becomes 404",
    stands: "envoy-facts 2.2, 4",
    script: {
      response_headers: [["set", 2, ":status", "404"], prop("response.code", "u")],
      log: [prop("response.code", "u"), prop("response.code_details")],
    },
    expect: { client: { status: 404, body: "hello" } },
  },
  ...["204", "304"].map((status): ParityCase => ({
    name: `a response with a body whose :status becomes ${status}`,
    stands: "envoy-facts 4",
    script: { response_headers: [["set", 2, ":status", status]], log: [prop("response.code_details")] },
    tolerate: ["response-status"],
  })),
  ...["204", "101"].map((status): ParityCase => ({
    name: `a response with a body whose :status becomes ${status}, over HTTP/2`,
    stands: "envoy-facts 4",
    script: { response_headers: [["set", 2, ":status", status]], log: [prop("response.code_details")] },
    http: { http2: true },
    tolerate: ["response-status"],
  })),
  {
    name: "a line break in a response header splits the response of an HTTP/1.1 client",
    stands: "envoy-facts 0 C10",
    script: { response_headers: [["add", 2, "x-a", "1\r\nx-evil: 2"]] },
    tolerate: ["response-header-injection"],
  },
  {
    name: "a line break in a response header is lost on the way to an HTTP/2 client",
    stands: "envoy-facts 0 C10",
    script: { response_headers: [["add", 2, "x-a", "1\r\nx-evil: 2"]] },
    http: { http2: true },
    tolerate: ["response-header-injection"],
  },
  {
    name: "a response without :status is answered 502",
    stands: "envoy-facts 4",
    script: { response_headers: [["remove", 2, ":status"]], log: [prop("response.code_details")] },
    expect: { client: { status: 502, body: "missing required header: :status" } },
  },
  {
    name: "a response whose :status is no number is answered 502",
    stands: "envoy-facts 4",
    script: { response_headers: [["set", 2, ":status", "fine"]], log: [prop("response.code_details")] },
    expect: { client: { status: 502, body: "missing required header: :status" } },
  },
  {
    name: "a request that has lost x-forwarded-proto is answered 404",
    stands: "envoy-facts 4",
    script: {
      request_headers: [["setall", 0, ":method=GET", ":path=/", ":authority=other", ":scheme=http"]],
      log: [prop("response.code_details")],
    },
    expect: { client: { status: 404 }, upstream: null },
  },
];
