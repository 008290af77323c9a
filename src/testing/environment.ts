// What the options of a host mean for its services.
import { Clock } from "../host/clock.ts";
import { LogBook } from "../host/log-book.ts";
import { Services } from "../host/services.ts";
import { answerCallout } from "./callouts.ts";
import { answerGrpc } from "./grpc.ts";
import { levelOf, tolerated } from "./options.ts";
import { toText } from "../host/byte-string.ts";
import type { EnvironmentOptions } from "./options.ts";

const DEFAULT_START = Date.UTC(2026, 0, 1);

/** Services with the test's clusters behind them. `track` is given each answer that takes time. */
export function createServices(
  options: EnvironmentOptions,
  random: (size: number) => Buffer,
  track: (answer: Promise<void> | null) => void,
): Services {
  const http = options.callouts ?? {};
  const grpc = options.grpc ?? {};
  const find = <T>(clusters: Readonly<Record<string, T>>, name: string): T | undefined =>
    Object.hasOwn(clusters, toText(name)) ? clusters[toText(name)] : undefined;
  return new Services({
    clock: new Clock(options.now?.getTime() ?? DEFAULT_START),
    log: new LogBook(levelOf(options), options.onLog ?? null),
    tolerate: tolerated(options),
    properties: options.properties ?? {},
    random,
    clusterState(name) {
      const behaviour = find(http, name) ?? find(grpc, name);
      return behaviour === undefined ? "unknown" : behaviour === "no-hosts" ? "no-hosts" : "reachable";
    },
    onHttpCallout: (callout) => track(answerCallout(callout, find(http, callout.request.cluster) ?? "open")),
    onGrpcCallout: (callout) => track(answerGrpc(callout, find(grpc, callout.cluster) ?? "open")),
  });
}
