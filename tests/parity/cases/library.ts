// The same through the library: the guests of its own tests, on both hosts.
import type { Guest, HttpStimulus, ParityCase } from "../case.ts";

const plain = (
  guest: Guest,
  task: string,
  http: HttpStimulus = {},
  more: Partial<ParityCase> = {},
): ParityCase => ({
  name: `the library: ${guest} does "${task}"`,
  stands: more.stands ?? "envoy-facts 4, 5, 6",
  filters: [{ guest }],
  http: { ...http, headers: [["x-do", task], ...(http.headers ?? [])] },
  ...more,
});
const post = { method: "POST", body: "a body" } as const;

export const library: readonly ParityCase[] = [
  ...[
    "read",
    "edit",
    "setAll",
    "clear",
    "setAll too many",
    "bad request",
    "bad response",
    "wrong phase",
    "bad reply",
    "late",
    "log",
  ].map((task) =>
    plain(
      "headers",
      task,
      {
        headers: [
          ["x-many", "1"],
          ["x-many", "2"],
          ["x-empty", ""],
          ["x-gone", "1"],
        ],
      },
      { stands: "field report 22, 23, 26" },
    ),
  ),
  plain("headers", "bytes", { headers: [["x-raw", "1 \xc0\xa7\xa1\xb1"]] }, { stands: "field report 27" }),
  ...["parts", "read", "whole longer", "whole shorter", "whole empty", "wrong ask"].map((task) =>
    plain("bodies", task, post, { stands: "field report 32, 33" }),
  ),
  plain("bodies", "ends", { method: "POST", body: ["ab", "cd"] }, { stands: "field report 33" }),
  ...["answer", "answer held"].map((task) =>
    plain(
      "bodies",
      task,
      {},
      { stands: "field report 33, 39", filters: [{ guest: "bodies", allowOnHeadersStopIteration: true }] },
    ),
  ),
  ...[
    "C2",
    "C3",
    "C5",
    "C8",
    "C8 stop",
    "C9",
    "twice",
    "twice later",
    "status 99",
    "status 204",
    "body outside",
  ].map((task) => plain("misuse", task, {}, { stands: "envoy-facts 0, field report 45, 46" })),
  plain("misuse", "C8 body", post, { stands: "envoy-facts 0" }),
  ...["tick resume", "tick response", "tick reply", "C5 tick", "close"].map((task) =>
    plain("misuse", task, {}, { stands: "envoy-facts 7.1", advance: 100 }),
  ),
  ...["grpc", "grpc 8"].map((task) =>
    plain("misuse", task, { headers: [["content-type", "application/grpc"]] }, { stands: "field report 48" }),
  ),
];
