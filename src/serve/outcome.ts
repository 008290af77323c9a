// What becomes of a stream whose upstream fails, and what the upstream is told about time.
import type { HttpStream, Pair } from "../host/index.ts";
import type { UpstreamProblem } from "./upstream.ts";

const NO_HEALTHY_UPSTREAM_FLAG = 1 << 1;

/** Answers as Envoy does, or cuts the stream off if it is too late for an answer. */
export function failStream(stream: HttpStream, { kind, reason }: UpstreamProblem): void {
  if (stream.response.headers !== null || kind === "reset") stream.failUpstream("reset");
  else if (kind === "refused") stream.failUpstream("refused");
  else if (kind === "unresolved")
    stream.sendRouterReply(503, "no healthy upstream", "no_healthy_upstream", NO_HEALTHY_UPSTREAM_FLAG);
  else stream.sendRouterReply(503, reason, "invalid_header_value");
}

/** The headers with the time that the upstream has; 0 is for ever. */
export function withTimeout(headers: readonly Pair[], timeout: number): readonly Pair[] {
  const name = "x-envoy-expected-rq-timeout-ms";
  if (timeout === 0) return headers.filter((pair) => pair[0] !== name);
  return headers.map((pair) => (pair[0] === name ? [name, String(timeout)] : pair));
}

/** Lets the guest read where its request went. */
export function nameUpstream({ properties }: HttpStream, address: string | null): void {
  if (address === null) return;
  properties.set("upstream.address", address);
  properties.set("upstream.port", BigInt(/:(\d+)$/.exec(address)?.[1] ?? 0));
}
