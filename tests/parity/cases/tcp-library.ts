// TCP connections through the library: what edits, holds and closes, and what is refused.
import type { Expectation, ParityCase, TcpStep } from "../case.ts";

const over = "the stream is over";
const nothing = "nothing is held: no callback of that direction has stopped it";
const refused = (call: string, reason: string): string => `[warn] proxy-wasm-as: ${call} refused: ${reason}`;
const unusable = (buffer: string): string =>
  `[warn] proxy-wasm-as: ${buffer} cannot be used in this callback`;

function tcp(task: string, name: string, steps: readonly TcpStep[], expect: Expectation): ParityCase {
  return {
    name: `the library, TCP: ${name}`,
    stands: "envoy-facts 2.3, 3.3, field report 76",
    filters: [{ guest: "tcp", config: task }],
    tcp: steps,
    expect,
  };
}

const talk: readonly TcpStep[] = [{ client: "ping" }, { upstream: "pong" }, { close: true }];
const later: readonly TcpStep[] = [{ client: "ping" }, { wait: 80 }, { upstream: "pong" }, { close: true }];

export const tcpLibrary: readonly ParityCase[] = [
  tcp("edit", "data is edited both ways, at both ends", talk, {
    tcp: { upstream: "<PING>", client: "pong!" },
    logs: [],
  }),
  tcp("bytes", "data is edited as bytes", [{ client: "a\xff\0b" }, { close: true }], {
    tcp: { upstream: "\xff\0\xff\0" },
    logs: [],
  }),
  tcp("two", "what is held is shown again with what follows", [...later.slice(0, 2), ...talk], {
    tcp: { upstream: "pingping", client: "pong" },
    logs: [],
  }),
  tcp("peers", "a client that leaves is the remote peer, after an upstream close of unknown peer", talk, {
    logs: ["upstream close 0", "downstream close 1"],
  }),
  tcp("new", "a connection held when new is let go from a tick, once", later, {
    tcp: { upstream: "ping", client: "pong" },
    logs: ["resumeDownstream 0", refused("resumeDownstream", nothing), "again 2"],
  }),
  tcp("hold", "held data of the client is let go from a tick, once", later, {
    tcp: { upstream: "ping", client: "pong" },
    logs: ["resumeDownstream 0", refused("resumeDownstream", nothing), "again 2"],
  }),
  tcp("inside", "resuming in the own callback makes its answer Continue", talk, {
    tcp: { upstream: "ping", client: "pong" },
    logs: ["resumeDownstream 0", "resumeUpstream 0"],
  }),
  tcp(
    "hold upstream",
    "held data of the upstream cannot be let go in Envoy, but goes on with what follows",
    [{ client: "ping" }, { upstream: "one " }, { wait: 80 }, { upstream: "two" }, { close: true }],
    {
      tcp: { client: "one two" },
      logs: [refused("resumeUpstream", "the proxy has no way to resume this direction"), "resumeUpstream 12"],
    },
  ),
  tcp("nothing", "resuming what is not held is refused", later, {
    tcp: { upstream: "ping", client: "pong" },
    logs: [
      refused("resumeDownstream", nothing),
      "resumeDownstream 2",
      refused("resumeUpstream", nothing),
      "resumeUpstream 2",
    ],
  }),
  tcp("close", "what came with the data that a connection is closed for never leaves", [{ client: "ping" }], {
    tcp: { upstream: "", client: "", closed: true },
    logs: ["closeDownstream 0", refused("resumeDownstream", over), "resumeDownstream 2"],
  }),
  tcp("close later", "a connection is closed from a tick, once", [{ client: "ping" }, { wait: 80 }], {
    tcp: { upstream: "ping", closed: true },
    logs: [
      "closeDownstream 0",
      refused("closeUpstream", over),
      "closeUpstream 2",
      refused("resumeDownstream", over),
      "resumeDownstream 2",
    ],
  }),
  tcp("close upstream", "closing the upstream closes the client, too", [{ client: "ping" }, { wait: 80 }], {
    tcp: { upstream: "ping", closed: true },
    logs: ["closeUpstream 0"],
  }),
  tcp(
    "close answer",
    "an answer that a connection is closed for never leaves",
    [{ client: "ping" }, { upstream: "pong" }],
    { tcp: { upstream: "ping", client: "", closed: true }, logs: ["closeUpstream 0"] },
  ),
  tcp("resume close", "closing a connection that was resumed in the same callback is refused", later, {
    tcp: { upstream: "ping", client: "pong" },
    logs: [
      "resumeDownstream 0",
      refused("closeDownstream", "the stream was resumed in this callback"),
      "closeDownstream 2",
    ],
  }),
  tcp("early", "closing in a constructor is refused", talk, {
    tcp: { upstream: "ping", client: "pong" },
    logs: [refused("closeDownstream", "the stream has not begun"), "closeDownstream 2"],
  }),
  tcp("end", "closing and resuming are refused from onDone on", [{ client: "ping" }, { close: true }], {
    logs: [
      "closeDownstream 0",
      refused("resumeDownstream", over),
      "resumeDownstream 2",
      ...[
        "done: closeDownstream",
        "log: closeUpstream",
        "delete: closeDownstream",
        "delete: resumeDownstream",
      ]
        .map((call) => [refused(call.split(" ")[1]!, over), `${call} 2`])
        .flat(),
    ],
  }),
  tcp(
    "gone",
    "a connection that is gone can be acted on by nobody",
    [{ client: "ping" }, { close: true }, { wait: 80 }],
    {
      logs: [
        refused("resumeDownstream", over),
        "resumeDownstream 2",
        refused("resumeUpstream", over),
        "resumeUpstream 2",
        refused("closeDownstream", over),
        "closeDownstream 2",
      ],
    },
  ),
  tcp(
    "outside",
    "data is out of reach outside its own callback, also while it is held",
    [{ client: "ping" }, { upstream: "pong" }, { wait: 80 }, { close: true }],
    {
      tcp: { upstream: "ping", client: "" },
      logs: [
        ...[unusable("downstreamData"), "replace 2"],
        ...[unusable("upstreamData"), "tick reads ,", "replace 2", "append 2"],
        ...["replace 2", "upstream close reads ,", "replace 2", "append 2"],
      ],
    },
  ),
];
