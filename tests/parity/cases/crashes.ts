// What kills Envoy (envoy-facts 0), and what the embedded host throws instead.
import type { ParityCase } from "../case.ts";
import type { Instruction, Script } from "../script.ts";

const reply: Instruction = ["reply", 403, "no"];
const ticks = 40;

function crash(
  name: string,
  stands: string,
  code: NonNullable<NonNullable<ParityCase["expect"]>["crash"]>,
  script: Script,
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name: `Envoy dies: ${name}`, stands, script, expect: { crash: code }, endless: true, ...more };
}

export const crashes: readonly ParityCase[] = [
  crash("a local response in on_log", "envoy-facts 0 C2", "local-response-after-end", { log: [reply] }),
  crash("a local response in on_done", "envoy-facts 0 C3", "local-response-after-end", { done: [reply] }),
  crash("a local response in on_delete", "envoy-facts 0 C3", "local-response-after-end", { delete: [reply] }),
  crash("close_stream in on_log", "envoy-facts 0 C4", "close-stream-after-end", { log: [["close", 0]] }),
  crash("close_stream in on_done", "envoy-facts 0 C4", "close-stream-after-end", { done: [["close", 0]] }),
  crash("close_stream in on_delete", "envoy-facts 0 C4", "close-stream-after-end", {
    delete: [["close", 0]],
  }),
  crash("a local response and close_stream in one callback", "envoy-facts 0", "stream-ended-twice", {
    request_headers: [reply, ["close", 0], ["return", 4]],
  }),
  crash("close_stream and a local response in one callback", "envoy-facts 0", "stream-ended-twice", {
    request_headers: [["close", 0], reply, ["return", 4]],
  }),
  crash(
    "a local response and close_stream in a callback of the response",
    "envoy-facts 0",
    "stream-ended-twice",
    { response_headers: [reply, ["close", 1], ["return", 4]] },
  ),
  crash(
    "close_stream twice in one tick",
    "envoy-facts 0",
    "stream-ended-twice",
    {
      request_headers: [
        ["tick", ticks],
        ["return", 4],
      ],
      tick: [
        ["tick", 0],
        ["effective", "self"],
        ["close", 0],
        ["close", 0],
      ],
    },
    { advance: ticks },
  ),
  crash("a response is resumed in the request", "envoy-facts 0 C5", "resume-response-not-paused", {
    request_headers: [["continue", 1]],
  }),
  crash(
    "a response is resumed from a tick before it has come",
    "envoy-facts 0 C5",
    "resume-response-not-paused",
    {
      request_headers: [
        ["tick", ticks],
        ["return", 4],
      ],
      tick: [
        ["tick", 0],
        ["effective", "self"],
        ["continue", 1],
      ],
    },
    { advance: ticks },
  ),
  crash("a gRPC call to the empty name", "envoy-facts 0 C6", "grpc-service", {
    request_headers: [["grpc", "", 100, "x"]],
  }),
  crash("a gRPC call to a plain name that parses", "envoy-facts 0 C6", "grpc-service", {
    request_headers: [["grpc", "users", 100, "x"]],
  }),
];
