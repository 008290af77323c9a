// What this host does not emulate. Whoever meets one of these gets an error, never a made-up answer.
import { HostError } from "./errors.ts";

/** Everything known to be missing, with the reason; what a guest can run into throws `unsupported`. */
export const NOT_EMULATED = {
  "abi-0.1.0": "Proxy-Wasm ABI 0.1.0: refused when the module is loaded",
  cel: "CEL expressions (expr_create, expr_evaluate, expr_delete): they need Envoy's evaluator",
  dns: "envoy_resolve_dns: its behaviour beyond the signature is unknown",
  "filter-state-keys": "the form that some keys of Envoy's filter state take",
  "google-grpc": "gRPC callouts to google_grpc targets: only envoy_grpc clusters are there",
  "message-properties":
    "properties that are protobuf messages, read as a whole without their bytes being set",
  "wasi-stubs": "WASI functions of files and sockets, except those whose answer in Envoy is known",
  "http-extras":
    "HTTP/2 METADATA frames, 1xx responses, CONNECT, WebSocket and HTTP/3: no test can send them",
  retries: "requests that the router sends again; filters of the cluster then get a stream for each attempt",
  routing:
    "Envoy's routes: the test's upstream decides by request, so clear_route_cache has nothing to clear",
  "listener-updates": "draining, configuration updates and remote code",
} as const;

/** The error for a guest that ran into something of the list. */
export function unsupported(feature: keyof typeof NOT_EMULATED, what: string): HostError {
  return new HostError(
    "unsupported",
    `${what}. This host does not emulate ${NOT_EMULATED[feature]}. Test it on a real Envoy`,
  );
}
