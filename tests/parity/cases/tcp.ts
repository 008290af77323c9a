// Network filters (envoy-facts 2.3, 3.3).
import { prop } from "../script.ts";
import type { ParityCase, TcpStep } from "../case.ts";
import type { Script } from "../script.ts";

const everywhere: Script = {
  new_connection: [["here"]],
  downstream_data: [["here"], ["body", 2]],
  upstream_data: [["here"], ["body", 3]],
  downstream_close: [["here"]],
  upstream_close: [["here"]],
  log: [["here"]],
  done: [["here"]],
  delete: [["here"]],
};

function tcp(
  name: string,
  stands: string,
  script: Script,
  steps: readonly TcpStep[],
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name, stands, filters: [{ config: script }], tcp: steps, ...more };
}

export const tcpCases: readonly ParityCase[] = [
  tcp(
    "a connection that the client closes: done comes before log",
    "envoy-facts 2.3",
    everywhere,
    [{ client: "ping" }, { upstream: "pong" }, { close: true }],
    {
      expect: {
        tcp: { client: "pong", upstream: "ping" },
        logs: [
          ...[
            "new_connection",
            "downstream_data 4 0",
            "body 2 = 0 ping",
            "upstream_data 4 0",
            "body 3 = 0 pong",
          ],
          ...["downstream_data 0 1", "body 2 = 0", "upstream_data 0 1", "body 3 = 0", "upstream_close 0"],
          ...["downstream_close 1", "done", "log", "delete"],
        ],
      },
    },
  ),
  tcp(
    "data is edited in both directions",
    "envoy-facts 5, field report 106",
    {
      downstream_data: [
        ["nth", 1],
        ["put", 2, 0, -1, "PING"],
      ],
      upstream_data: [
        ["nth", 1],
        ["put", 3, 100, 0, "!"],
      ],
    },
    [{ client: "ping" }, { upstream: "pong" }, { close: true }],
    { expect: { tcp: { client: "pong!", upstream: "PING" } } },
  ),
  tcp(
    "held data accumulates and is presented in full",
    "envoy-facts 3.3",
    {
      downstream_data: [["here"], ["body", 2], ["from", 3]],
    },
    [{ client: "one " }, { client: "two " }, { client: "three" }, { close: true }],
  ),
  tcp(
    "downstream data is held until the third part",
    "envoy-facts 3.3",
    {
      downstream_data: [["here"], ["body", 2], ["nth", 1], ["return", 1]],
    },
    [{ client: "one " }, { client: "two " }, { close: true }],
    { expect: { tcp: { upstream: "one two ", client: "" } } },
  ),
  tcp(
    "upstream data is held until the second part",
    "envoy-facts 3.3",
    {
      upstream_data: [["here"], ["body", 3], ["nth", 1], ["return", 1]],
    },
    [{ client: "x" }, { upstream: "one " }, { upstream: "two" }, { close: true }],
    { expect: { tcp: { client: "one two" } } },
  ),
  tcp("the upstream ends: its close is synthesised, of unknown type", "envoy-facts 2.3", everywhere, [
    { client: "ping" },
    { upstream: "bye" },
    { upstream: "", end: true },
    { close: true },
  ]),
  tcp(
    "a connection that is closed by the guest",
    "envoy-facts 3.4",
    { ...everywhere, downstream_data: [["here"], ["close", 2], ["return", 1]] },
    [{ client: "ping" }],
    { expect: { tcp: { closed: true, upstream: "" } } },
  ),
  tcp(
    "new_connection holds, and a tick lets go",
    "envoy-facts 2.3, 3.3",
    {
      new_connection: [["here"], ["tick", 250], ["return", 1]],
      tick: [
        ["tick", 0],
        ["effective", "self"],
        ["continue", 2],
      ],
      downstream_data: [["here"]],
    },
    [{ client: "early" }, { client: " more" }, { wait: 250 }, { close: true }],
    { advance: 250 },
  ),
  tcp(
    "properties of a connection, and maps that are not there",
    "envoy-facts 2.3",
    {
      new_connection: [
        prop("source.address"),
        prop("destination.address"),
        prop("connection.id", "n"),
        prop("request.path"),
        ["get", 0, "x"],
        ["setprop", "k", "v"],
      ],
      downstream_data: [
        ["prop", "k"],
        ["reply", 403, "no"],
      ],
      log: [prop("source.address"), ["get", 0, "x"], ["get", 2, "x"], ["prop", "k"]],
      delete: [prop("source.address")],
    },
    [{ client: "ping" }, { close: true }],
    { tolerate: ["no-stream"] },
  ),
  tcp(
    "a trap closes the connection",
    "envoy-facts 12",
    { downstream_data: [["trap"]], log: [["here"]] },
    [{ client: "ping" }],
    { endless: true, expect: { tcp: { closed: true, upstream: "" } } },
  ),
];
