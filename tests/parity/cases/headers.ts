// Header maps (envoy-facts 4).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";

export const headers: readonly ParityCase[] = [
  {
    name: "a missing header is NotFound and leaves the results alone; an empty one is Ok with nothing",
    stands: "envoy-facts 4, field report 22",
    script: {
      request_headers: [
        ["get", 0, "x-missing"],
        ["get", 0, "x-empty"],
      ],
    },
    http: { headers: [["x-empty", ""]] },
    expect: { client: { status: 200 }, logs: ["get 0 x-missing = 1 (untouched)", "get 0 x-empty = 0"] },
  },
  {
    name: "a map that is not there, or of no type at all, is a BadArgument",
    stands: "envoy-facts 4, field report 23",
    script: {
      request_headers: [
        ["get", 2, "x"],
        ["get", 1, "x"],
        ["get", 6, "x"],
        ["get", 8, "x"],
        ["get", -1, "x"],
        ["add", 2, "x", "y"],
        ["set", 1, "x", "y"],
        ["remove", 3, "x"],
        ["add", 4, "x", "y"],
        ["add", 7, "x", "y"],
        ["setall", 6, "x=y"],
      ],
    },
    expect: {
      client: { status: 200 },
      logs: [
        "get 2 x = 2 (untouched)",
        "get 1 x = 2 (untouched)",
        "get 6 x = 2 (untouched)",
        "get 8 x = 2 (untouched)",
        "get -1 x = 2 (untouched)",
        "add 2 x = 2",
        "set 1 x = 2",
        "remove 3 x = 2",
        "add 4 x = 2",
        "add 7 x = 2",
        "setall 6 = 2",
      ],
    },
  },
  {
    name: "of a repeated header a get finds the first value, the property all of them joined",
    stands: "envoy-facts 4, field report 26",
    script: {
      request_headers: [["get", 0, "x-many"], prop("request.headers.x-many"), prop("request.headers.X-Many")],
    },
    http: {
      headers: [
        ["x-many", "one"],
        ["X-Many", "two"],
      ],
    },
    expect: {
      upstream: { headers: { "x-many": ["one", "two"] } },
      logs: [
        "get 0 x-many = 0 one",
        "prop request\\x00headers\\x00x-many = 0 one,two",
        "prop request\\x00headers\\x00X-Many = 0 one,two",
      ],
    },
  },
  {
    name: "host is another name of :authority in requests",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ["get", 0, "host"],
        ["get", 0, "Host"],
        ["set", 0, "host", "other.example"],
        ["get", 0, ":authority"],
      ],
    },
    expect: {
      upstream: { headers: { ":authority": "other.example" } },
      logs: [
        "get 0 host = 0 test",
        "get 0 Host = 0 test",
        "set 0 host = 0",
        "get 0 :authority = 0 other.example",
      ],
    },
  },
  {
    name: "names are looked up and stored in lower case",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ["get", 0, "X-GIVEN"],
        ["add", 0, "X-New", "a"],
        ["remove", 0, "X-Gone"],
      ],
      response_headers: [["add", 2, "X-Answer", "b"]],
    },
    http: {
      headers: [
        ["X-Given", "v"],
        ["x-gone", "w"],
      ],
    },
    expect: {
      upstream: { headers: { "x-new": "a", "x-gone": null } },
      client: { headers: { "x-answer": "b" } },
      logs: ["get 0 X-GIVEN = 0 v", "add 0 X-New = 0", "remove 0 X-Gone = 0", "add 2 X-Answer = 0"],
    },
  },
  {
    name: "add appends an entry, replace leaves one, remove takes all",
    stands: "envoy-facts 4, field report 26",
    script: {
      request_headers: [
        ["add", 0, "x-add", "two"],
        ["set", 0, "x-set", "only"],
        ["set", 0, "x-made", "new"],
        ["remove", 0, "x-gone"],
        ["remove", 0, "x-missing"],
      ],
    },
    http: {
      headers: [
        ["x-add", "one"],
        ["x-set", "1"],
        ["x-set", "2"],
        ["x-gone", "1"],
        ["x-gone", "2"],
      ],
    },
    expect: {
      upstream: {
        headers: { "x-add": ["one", "two"], "x-set": ["only"], "x-made": "new", "x-gone": null },
      },
    },
  },
  {
    name: "replacing a header that is there once",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ["set", 0, "x-b", "new"],
        ["set", 0, "user-agent", "new"],
        ["pairs", 0],
      ],
      response_headers: [
        ["set", 2, "x-b", "new"],
        ["set", 2, "cache-control", "new"],
        ["pairs", 2],
      ],
    },
    http: {
      headers: [
        ["x-a", "1"],
        ["x-b", "2"],
        ["user-agent", "3"],
        ["x-c", "4"],
      ],
    },
    upstream: {
      headers: [
        ["connection", "keep-alive"],
        ["x-a", "1"],
        ["x-b", "2"],
        ["cache-control", "3"],
        ["x-c", "4"],
      ],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "bytes that are no UTF-8 pass unchanged in both directions",
    stands: "envoy-facts 4, field report 27",
    script: {
      request_headers: [
        ["get", 0, "x-raw"],
        ["add", 0, "x-copy", "1\xc0\xa7\xa1\xb1"],
      ],
      response_headers: [["add", 2, "x-copy", "\xff\x80"]],
    },
    http: { headers: [["x-raw", "1 \xc0\xa7\xa1\xb1"]] },
    expect: {
      upstream: { headers: { "x-raw": "1 \xc0\xa7\xa1\xb1", "x-copy": "1\xc0\xa7\xa1\xb1" } },
      client: { headers: { "x-copy": "\xff\x80" } },
    },
  },
  {
    name: "CR and LF in a request header are taken, and the request fails",
    stands: "envoy-facts 4, C10",
    script: { request_headers: [["add", 0, "x-bad", "a\r\nb"]] },
    expect: {
      client: { status: 503, body: "invalid header value for: x-bad" },
      upstream: null,
      logs: ["add 0 x-bad = 0"],
    },
  },
  {
    name: "the pairs of a map that is not there are Ok and empty",
    stands: "envoy-facts 4, field report 25",
    script: {
      request_headers: [
        ["pairs", 2],
        ["pairs", 1],
        ["pairs", 6],
        ["pairs", 8],
        ["size", 2],
        ["size", 6],
      ],
    },
    expect: {
      logs: [
        "pairs 2 = 0 (0 bytes)",
        "pairs 1 = 0 (0 bytes)",
        "pairs 6 = 0 (0 bytes)",
        "pairs 8 = 2 (untouched)",
        "size 2 = 2",
        "size 6 = 2",
      ],
    },
  },
  {
    name: "the pairs of a request hold what Envoy added",
    stands: "envoy-facts 4",
    script: { request_headers: [["here"], ["pairs", 0], ["size", 0]] },
    http: {
      method: "POST",
      path: "/a?b=c",
      headers: [
        ["x-a", "1"],
        ["x-a", "2"],
      ],
      body: "body",
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "the pairs of a response hold what Envoy added",
    stands: "envoy-facts 4",
    script: { response_headers: [["here"], ["pairs", 2], ["size", 2]] },
    upstream: {
      headers: [
        ["connection", "keep-alive"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["x-up", "3"],
      ],
      body: "body",
    },
    expect: { client: { headers: { "set-cookie": ["a=1", "b=2"] } } },
  },
  {
    name: "set_header_map_pairs removes everything that it does not name",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        [
          "setall",
          0,
          ":method=PUT",
          ":path=/new",
          ":authority=other",
          ":scheme=http",
          "x-forwarded-proto=http",
          "x-only=1",
          "X-Only=2",
        ],
      ],
    },
    http: { headers: [["x-old", "1"]] },
    expect: {
      upstream: {
        headers: {
          ":method": "PUT",
          ":path": "/new",
          ":authority": "other",
          "x-old": null,
          "x-only": ["1", "2"],
        },
      },
    },
  },
  {
    name: "pairs that do not parse are Ok and clear the map",
    stands: "envoy-facts 0 C11",
    script: {
      request_headers: [
        ["setraw", 0, "\x09\0\0\0\x01"],
        ["size", 0],
      ],
    },
    tolerate: ["header-pairs"],
    expect: { client: { status: 404 }, upstream: null, logs: ["setraw 0 = 0", "size 0 = 0 0"] },
  },
  {
    name: "an empty list of pairs is Ok and clears the map",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ["setraw", 0, ""],
        ["setraw", 0, "\0\0\0\0"],
        ["pairs", 0],
      ],
    },
    expect: { client: { status: 404 }, logs: ["setraw 0 = 0", "setraw 0 = 0", "pairs 0 = 0 (0 bytes)"] },
  },
  {
    name: "server is Envoy's, whatever the guest says; date is the guest's",
    stands: "envoy-facts 4",
    script: {
      response_headers: [
        ["set", 2, "server", "mine"],
        ["set", 2, "date", "today"],
        ["get", 2, "date"],
      ],
    },
    expect: {
      client: { headers: { server: "envoy" } },
      logs: ["set 2 server = 0", "set 2 date = 0", "get 2 date = 0 today"],
    },
  },
  {
    name: "several cookie headers stay several over HTTP/1.1",
    stands: "envoy-facts 4",
    script: { request_headers: [["get", 0, "cookie"]] },
    http: {
      headers: [
        ["cookie", "a=1"],
        ["cookie", "b=2"],
      ],
    },
    expect: { logs: ["get 0 cookie = 0 a=1"], upstream: { headers: { cookie: ["a=1", "b=2"] } } },
  },
  {
    name: "several cookie headers arrive as one over HTTP/2",
    stands: "envoy-facts 4",
    script: { request_headers: [["get", 0, "cookie"]] },
    http: {
      http2: true,
      headers: [
        ["cookie", "a=1"],
        ["cookie", "b=2"],
      ],
    },
    expect: { logs: ["get 0 cookie = 0 a=1; b=2"], upstream: { headers: { cookie: ["a=1; b=2"] } } },
  },
  {
    name: "connection and transfer-encoding are not for the guest; the timeout of the request shows in the log only",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ["get", 0, "connection"],
        ["get", 0, "transfer-encoding"],
        ["get", 0, "x-envoy-expected-rq-timeout-ms"],
      ],
      log: [["get", 0, "x-envoy-expected-rq-timeout-ms"]],
    },
    http: { method: "POST", headers: [["connection", "keep-alive"]], body: ["a", "b"] },
    expect: {
      logs: [
        "get 0 connection = 1 (untouched)",
        "get 0 transfer-encoding = 1 (untouched)",
        "get 0 x-envoy-expected-rq-timeout-ms = 1 (untouched)",
        "get 0 x-envoy-expected-rq-timeout-ms = 0 15000",
      ],
    },
  },
];
