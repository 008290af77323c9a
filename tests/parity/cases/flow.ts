// Return values of callbacks, and continue_stream (envoy-facts 3).
import type { ParityCase } from "../case.ts";
import type { Instruction, Script } from "../script.ts";

const here: readonly Instruction[] = [["here"]];
/** Lets the root's timer resume a direction after a while. */
const resume = (direction: number, ...more: Instruction[]): Script => ({
  tick: [["tick", 0], ["effective", "self"], ...more, ["continue", direction]],
});
const post = { method: "POST", body: ["ab", "cd", "ef"] } as const;
const ticks = 60;

/** A headers status, with a body that comes in parts while the stream is held. */
function headersStatus(status: number, allow: boolean): ParityCase {
  return {
    name: `on_request_headers returns ${status}${allow ? ", allow_on_headers_stop_iteration" : ""}`,
    stands: "envoy-facts 3.1, field report 39",
    filters: [{ allowOnHeadersStopIteration: allow }],
    script: {
      request_headers: [["here"], ["tick", ticks], ["return", status]],
      request_body: here,
      ...resume(0),
    },
    http: post,
    advance: ticks,
    expect: { client: { status: 200 }, upstream: { body: "abcdef" } },
  };
}

function bodyStatus(status: number): ParityCase {
  return {
    name: `on_request_body returns ${status} until the end`,
    stands: "envoy-facts 3.2, field report 35",
    script: {
      request_body: [["here"], ["body", 0], ["eos", 0], ["return", status]],
      log: here,
    },
    http: post,
    expect: { client: { status: 200 } },
  };
}

function answerStatus(status: number): ParityCase {
  return {
    name: `on_response_body returns ${status} until the end`,
    stands: "envoy-facts 3.2",
    script: { response_body: [["here"], ["body", 1], ["eos", 0], ["return", status]] },
    upstream: { body: ["ab", "cd", "ef"] },
    expect: { client: { status: 200 } },
  };
}

export const flow: readonly ParityCase[] = [
  ...[0, 2].map((status) => ({
    ...headersStatus(status, false),
    script: { request_headers: [["here"], ["return", status]] as Instruction[], request_body: here },
    advance: 0,
  })),
  ...[1, 3, 4, 5, 100, -1].map((status) => headersStatus(status, false)),
  {
    ...headersStatus(1, true),
    script: {
      request_headers: [["here"], ["return", 1]],
      request_body: [["here"], ["nth", 1], ["get", 0, ":path"], ["set", 0, "x-size", "known"], ["return", 1]],
    },
    advance: 0,
    expect: { client: { status: 200 }, upstream: { body: "abcdef" } },
  },
  {
    ...headersStatus(2, true),
    script: { request_headers: [["here"], ["return", 2]], request_body: here },
    advance: 0,
  },
  ...[1, 2, 3, 7].map(bodyStatus),
  ...[1, 2, 3].map(answerStatus),
  {
    name: "on_request_trailers returns 1, and the stream is resumed later",
    stands: "envoy-facts 3.3",
    script: { request_trailers: [["here"], ["tick", ticks], ["return", 1]], ...resume(0) },
    http: { method: "POST", body: ["ab"], trailers: [["x-sum", "1"]] },
    advance: ticks,
    expect: {
      upstream: { body: "ab", trailers: { "x-sum": "1" } },
      logs: ["request_trailers 1", "effective self = 0", "continue 0 = 0"].flatMap((line, index) =>
        index === 0 ? [line, "tick 60 = 0", "tick 0 = 0"].filter((each) => each !== "") : [line],
      ),
    },
  },
  {
    name: "a held response is resumed from a tick; its headers can be edited until then",
    stands: "envoy-facts 3.1, 7.1",
    script: {
      response_headers: [["here"], ["tick", ticks], ["return", 4]],
      response_body: here,
      ...resume(1, ["set", 2, "x-late", "1"], ["get", 0, ":path"]),
    },
    upstream: { body: ["ab", "cd"] },
    advance: ticks,
    expect: { client: { status: 200, body: "abcd", headers: { "x-late": "1" } } },
  },
  {
    name: "with StopIterationAndBuffer the whole held body can be read and replaced when it is resumed",
    stands: "envoy-facts 3.2, field report 42",
    script: {
      request_headers: [["remove", 0, "content-length"]],
      request_body: [["here"], ["tick", ticks], ["return", 1]],
      ...resume(0, ["body", 0], ["put", 0, 0, -1, "replaced"], ["body", 0]),
    },
    http: { method: "POST", body: "original" },
    advance: ticks,
    expect: { upstream: { body: "replaced" } },
  },
  {
    name: "resuming twice, or what is not held, is harmless for a request",
    stands: "envoy-facts 7.1",
    script: {
      request_headers: [["here"], ["tick", ticks], ["return", 4]],
      tick: [
        ["tick", 0],
        ["effective", "self"],
        ["continue", 0],
        ["continue", 0],
        ["get", 0, ":path"],
      ],
      request_body: here,
    },
    http: post,
    advance: ticks,
    expect: { client: { status: 200 }, upstream: { body: "abcdef" } },
  },
  {
    name: "stream types of continue and close",
    stands: "envoy-facts 3.4",
    script: {
      request_headers: [
        ["continue", 2],
        ["continue", 3],
        ["continue", 4],
        ["close", 2],
        ["close", 3],
        ["close", 4],
      ],
    },
    expect: {
      client: { status: 200 },
      logs: [
        "continue 2 = 0",
        "continue 3 = 12",
        "continue 4 = 2",
        "close 2 = 0",
        "close 3 = 0",
        "close 4 = 2",
      ],
    },
  },
  {
    name: "a request that is closed is cut off",
    stands: "envoy-facts 3.4",
    script: {
      request_headers: [
        ["close", 0],
        ["return", 1],
      ],
      log: [["here"], ["prop", "response\0code_details"]],
      response_headers: here,
    },
    expect: { client: { status: 0, cut: true }, upstream: null },
  },
  {
    name: "a response that is closed is cut off",
    stands: "envoy-facts 3.4",
    script: {
      response_headers: [["here"], ["close", 1], ["return", 1]],
      log: [["here"], ["prop", "response\0code_details"]],
    },
    expect: { client: { status: 0, cut: true } },
  },
  {
    name: "a stream that is closed from a tick is cut off",
    stands: "envoy-facts 3.4",
    script: {
      request_headers: [
        ["tick", ticks],
        ["return", 4],
      ],
      tick: [
        ["tick", 0],
        ["effective", "self"],
        ["close", 0],
      ],
      log: here,
    },
    advance: ticks,
    expect: { client: { status: 0, cut: true }, upstream: null },
  },
  {
    name: "continue_stream from the root does nothing (the stream hangs)",
    stands: "envoy-facts 7.1, field report 53",
    script: {
      request_headers: [
        ["tick", ticks],
        ["return", 4],
      ],
      tick: [
        ["tick", 0],
        ["continue", 0],
        ["effective", 999],
        ["effective", "self"],
        ["continue", 0],
      ],
    },
    advance: ticks,
    tolerate: ["no-stream"],
    expect: {
      client: { status: 200 },
      logs: [
        "tick 60 = 0",
        "tick 0 = 0",
        "continue 0 = 0",
        "effective 999 = 2",
        "effective self = 0",
        "continue 0 = 0",
      ],
    },
  },
  {
    name: "of two filters the first can hold the request while the second does not see it",
    stands: "envoy-facts 3.1",
    filters: [
      {
        name: "hold",
        config: {
          request_headers: [["here"], ["tick", ticks], ["return", 3]],
          request_body: [["here"], ["body", 0]],
          ...resume(0),
        },
      },
      { name: "next", config: { request_headers: here, request_body: [["here"], ["body", 0]] } },
    ],
    http: post,
    advance: ticks,
    expect: { client: { status: 200 }, upstream: { body: "abcdef" } },
  },
];
