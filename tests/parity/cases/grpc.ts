// gRPC callouts (envoy-facts 7.2).
import { grpcService } from "../script.ts";
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const go: readonly Instruction[] = [
  ["effective", "self"],
  ["continue", 0],
];
const held = (...first: Instruction[]): readonly Instruction[] => [...first, ["return", 4]];

export const grpcCallouts: readonly ParityCase[] = [
  {
    name: "a gRPC call to a cluster that refuses connections: close with UNAVAILABLE",
    stands: "envoy-facts 7.2",
    script: {
      request_headers: held(["grpc", grpcService("dead"), 1000, "ping"]),
      grpc_close: [["here"], ["status"], ...go],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "a gRPC call without an answer in time: close with UNAVAILABLE",
    stands: "envoy-facts 7.2",
    script: {
      request_headers: held(["grpc", grpcService("auth"), 60, "ping"]),
      grpc_close: [["here"], ["status"], ...go],
    },
    auth: "never",
    advance: 60,
    expect: { client: { status: 200 } },
  },
  {
    name: "a gRPC call to an unknown cluster",
    stands: "envoy-facts 7.2",
    script: {
      request_headers: [["grpc", grpcService("nobody"), 1000, "ping"]],
      grpc_close: [["here"], ["status"]],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "a gRPC call to a cluster without hosts",
    stands: "envoy-facts 7.2",
    script: {
      request_headers: [["grpc", grpcService("empty"), 1000, "ping"]],
      grpc_close: [["here"], ["status"]],
    },
    expect: { client: { status: 200 } },
  },
  {
    name: "a gRPC call by a plain name that is no protobuf, to an unknown cluster",
    stands: "envoy-facts 7.2",
    script: { request_headers: [["grpc", "~~~~", 1000, "ping"]], grpc_close: [["here"]] },
    expect: { client: { status: 200 } },
  },
  ...["dead", "empty", "nobody"].map((cluster): ParityCase => ({
    name: `a gRPC stream to the cluster ${cluster}`,
    stands: "envoy-facts 7.2",
    script: {
      request_headers: [["gstream", grpcService(cluster)]],
      grpc_initial_metadata: [["here"], ["pairs", 4]],
      grpc_trailing_metadata: [["here"], ["pairs", 5]],
      grpc_close: [["here"], ["status"]],
    },
    expect: { client: { status: 200 } },
  })),
];
