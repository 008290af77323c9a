// Reading and editing bodies (envoy-facts 5).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const ALL = -1;
const noLength: Instruction = ["remove", 0, "content-length"];

/** One edit of a body of which the length is not declared, in both directions. */
function edit(
  what: string,
  stands: string,
  change: readonly [start: number, length: number, data: string],
  body: string,
): ParityCase {
  return {
    name: what,
    stands,
    script: {
      request_headers: [noLength],
      request_body: [
        ["nth", 1],
        ["put", 0, ...change],
        ["body", 0],
        ["len", 0],
      ],
      response_headers: [["remove", 2, "content-length"]],
      response_body: [
        ["nth", 1],
        ["put", 1, ...change],
        ["body", 1],
        ["len", 1],
      ],
    },
    http: { method: "POST", body: "abcdef" },
    upstream: { body: "abcdef" },
    expect: { client: { body }, upstream: { body } },
  };
}

export const bodies: readonly ParityCase[] = [
  edit("start 0 and length 0 puts in front", "envoy-facts 5, field report 33", [0, 0, "<<"], "<<abcdef"),
  edit("start 0 and a length replaces so many bytes", "envoy-facts 5, field report 34", [0, 2, "X"], "Xcdef"),
  edit("start 0 and a length beyond the end replaces all", "envoy-facts 5", [0, ALL, "new"], "new"),
  edit("replacing all with nothing clears", "envoy-facts 5", [0, ALL, ""], ""),
  edit("a start at the end appends", "envoy-facts 5", [6, 0, ">>"], "abcdef>>"),
  edit("a start beyond the end appends", "envoy-facts 5", [100, 3, ">>"], "abcdef>>"),
  edit("a start in the middle is a BadArgument", "envoy-facts 5, field report 34", [3, 1, "X"], "abcdef"),
  {
    name: "reads are clipped, and empty beyond the end",
    stands: "envoy-facts 5",
    script: {
      request_body: [
        ["nth", 1],
        ["body", 0, 2, 2],
        ["body", 0, 4, 100],
        ["body", 0, 0, ALL],
        ["body", 0, 6, 1],
        ["body", 0, 100, 1],
        ["body", 0, 3, 0],
        ["len", 0],
      ],
    },
    http: { method: "POST", body: "abcdef" },
    expect: {
      logs: [
        "body 0 = 0 cd",
        "body 0 = 0 ef",
        "body 0 = 0 abcdef",
        "body 0 = 0",
        "body 0 = 0",
        "body 0 = 0",
        "len 0 = 0 6",
      ],
    },
  },
  {
    name: "buffers that are not there are empty, NotFound or a BadArgument by their type",
    stands: "envoy-facts 5",
    script: {
      request_headers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1].flatMap((type): Instruction[] => [
        ["body", type],
        ["len", type],
      ]),
      log: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((type): Instruction => ["len", type]),
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "what may not be written answers NotFound or BadArgument",
    stands: "envoy-facts 5",
    script: {
      request_headers: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((type): Instruction => ["put", type, 0, 0, "x"]),
    },
    expect: { client: { status: 200 } },
  },
  ...(["more", ""] as const).flatMap((more) =>
    [true, false].map((upstreamHttp2): ParityCase => ({
      name: `a request body that is ${more === "" ? "shorter" : "longer"} than declared, HTTP/${upstreamHttp2 ? "2" : "1.1"} upstream`,
      stands: "envoy-facts 5, field report 32",
      script: {
        request_body: [["nth", 1], more === "" ? ["put", 0, 0, ALL, "a"] : ["put", 0, 100, 0, more]],
        log: [prop("response.code_details")],
      },
      upstreamHttp2,
      http: { method: "POST", body: "abc" },
      explained: upstreamHttp2
        ? "Envoy's own HTTP/2 codec refuses to send what does not fit, so the upstream sees less than the embedded host's"
        : "what an HTTP/1.1 server makes of it is its own affair; the embedded host answers as after an HTTP/2 upstream's protocol error",
    })),
  ),
  ...([true, false] as const).flatMap((http2) =>
    ["more", ""].map((more): ParityCase => ({
      name: `a response body that is ${more === "" ? "shorter" : "longer"} than declared, HTTP/${http2 ? "2" : "1.1"} client`,
      stands: "envoy-facts 5, field report 32",
      script: {
        response_body: [["nth", 1], more === "" ? ["put", 1, 0, ALL, "a"] : ["put", 1, 100, 0, more]],
        log: [prop("response.code_details")],
      },
      upstream: { body: "abc" },
      http: { http2 },
    })),
  ),
  {
    name: "replacing all of every part gives the replacement once a part",
    stands: "envoy-facts 5",
    script: { response_body: [["put", 1, 0, ALL, "<x>"]] },
    upstream: { body: ["ab", "cd"] },
    expect: { client: { body: "<x><x><x>" } },
  },
  {
    name: "a whole request body: held, replaced at its end, sent once",
    stands: "envoy-facts 3.2, field report 33",
    script: {
      request_headers: [noLength],
      request_body: [["here"], ["from", 3], ["body", 0], ["put", 0, 0, ALL, "all of it"]],
    },
    filters: [{ config: {} }],
    http: { method: "POST", body: ["ab", "cd"] },
    expect: { client: { status: 200 } },
  },
  {
    name: "a request body over the limit is a 413 that the filter sees",
    stands: "envoy-facts 5, field report 38",
    script: {
      request_body: [["return", 1]],
      response_headers: [["here"], prop("response.code_details"), prop("response.flags", "u"), ["pairs", 2]],
      response_body: [["here"], ["body", 1]],
    },
    bufferLimit: 1000,
    http: { method: "POST", body: "x".repeat(2000) },
    expect: { client: { status: 413, body: "Payload Too Large" } },
  },
  {
    name: "a request that is held in its headers with StopAllIterationAndBuffer has the same limit",
    stands: "envoy-facts 3.1",
    script: {
      request_headers: [["return", 3]],
      response_headers: [["here"], prop("response.code_details")],
    },
    bufferLimit: 1000,
    http: { method: "POST", body: "x".repeat(2000) },
    expect: { client: { status: 413 }, upstream: null },
  },
  {
    name: "a response body over the limit whose headers are held is a 500",
    stands: "envoy-facts 5, field report 38",
    script: {
      response_headers: [["return", 3]],
      log: [prop("response.code_details"), ["get", 2, ":status"]],
    },
    bufferLimit: 1000,
    upstream: { body: "x".repeat(2000) },
    expect: { client: { status: 500 } },
  },
  {
    name: "a response body over the limit whose headers have left cuts the client off",
    stands: "envoy-facts 5",
    script: { response_body: [["return", 1]], log: [prop("response.code_details")] },
    bufferLimit: 1000,
    upstream: { body: "x".repeat(2000) },
    expect: { client: { status: 200, cut: true } },
  },
  {
    name: "with StopIterationAndWatermark there is no limit",
    stands: "envoy-facts 3.2, field report 38",
    script: {
      request_body: [
        ["eos", 0],
        ["return", 2],
      ],
    },
    http: { method: "POST", body: "x".repeat(3000) },
    expect: { client: { status: 200 }, upstream: { body: "x".repeat(3000) } },
  },
  {
    name: "binary bodies pass as they are",
    stands: "field report 33",
    script: {
      request_body: [
        ["nth", 1],
        ["body", 0],
      ],
      response_body: [
        ["nth", 1],
        ["put", 1, 0, 0, "\0\xff\r\n"],
      ],
      response_headers: [["remove", 2, "content-length"]],
    },
    http: { method: "POST", body: "\0\x01\xfe\xff" },
    upstream: { body: "\x80\0" },
    expect: { upstream: { body: "\0\x01\xfe\xff" }, client: { body: "\0\xff\r\n\x80\0" } },
  },
  {
    name: "an HTTP/2 request is not subject to the listener's limit",
    stands: "envoy-facts 5",
    script: {
      request_body: [
        ["eos", 0],
        ["return", 1],
      ],
    },
    bufferLimit: 1000,
    http: { http2: true, method: "POST", body: ["x".repeat(2000)] },
    expect: { client: { status: 200 }, upstream: { body: "x".repeat(2000) } },
  },
];
