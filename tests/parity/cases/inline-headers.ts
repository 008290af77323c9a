// Headers of which Envoy's map keeps one entry: adding to them joins with a comma (envoy-facts 4).
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const REQUEST = [
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "cache-control"],
  ...[
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
  ],
  ...["content-encoding", "content-language", "content-location", "content-length", "content-type", "cookie"],
  ...[
    "date",
    "dnt",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "from",
    "grpc-accept-encoding",
    "grpc-encoding",
  ],
  ...[
    "grpc-message",
    "grpc-status",
    "grpc-timeout",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
  ],
  ...["if-unmodified-since", "keep-alive", "last-modified", "link", "location", "origin", "path", "pragma"],
  ...[
    "proxy-authorization",
    "proxy-connection",
    "proxy-status",
    "range",
    "referer",
    "server",
    "te",
    "trailer",
  ],
  ...[
    "traceparent",
    "tracestate",
    "baggage",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "warning",
  ],
  ...["x-b3-flags", "x-b3-sampled", "x-b3-spanid", "x-b3-traceid", "x-client-trace-id", "x-ot-span-context"],
  ...["x-cloud-trace-context", "x-real-ip", "x-forwarded-client-cert", "x-forwarded-for", "x-forwarded-host"],
  ...["x-forwarded-port", "x-forwarded-proto", "x-request-id", "x-envoy-attempt-count"],
  ...["x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node"],
  ...[
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-force-trace",
    "x-envoy-internal",
  ],
  ...[
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-ip-tags",
    "x-envoy-is-timeout-retry",
    "x-envoy-max-retries",
  ],
  ...["x-envoy-original-path", "x-envoy-original-url", "x-envoy-original-host", "x-envoy-original-method"],
  ...["x-envoy-original-dst-host", "x-envoy-retriable-header-names", "x-envoy-retriable-status-codes"],
  ...["x-envoy-retry-grpc-on", "x-envoy-retry-on", "x-envoy-upstream-alt-stat-name", "x-envoy-cluster"],
  ...["x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-upstream-rq-timeout-alt-response"],
  ...[
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-stream-duration-ms",
    "connection",
    "transfer-encoding",
    "upgrade",
  ],
  ...["x-squash-debug", "x-other"],
];
const RESPONSE = [
  ...["accept-ranges", "access-control-allow-credentials", "access-control-allow-headers"],
  ...["access-control-allow-methods", "access-control-allow-origin", "access-control-allow-private-network"],
  ...["access-control-expose-headers", "access-control-max-age", "age", "allow", "alt-svc", "cache-control"],
  ...["content-disposition", "content-encoding", "content-language", "content-location", "content-range"],
  ...[
    "content-type",
    "date",
    "etag",
    "expires",
    "grpc-message",
    "grpc-status",
    "keep-alive",
    "last-modified",
  ],
  ...["link", "location", "pragma", "proxy-authenticate", "proxy-connection", "proxy-status", "retry-after"],
  ...["server", "set-cookie", "strict-transport-security", "trailer", "user-agent", "vary", "via", "warning"],
  ...["www-authenticate", "x-content-type-options", "x-frame-options", "x-powered-by", "x-request-id"],
  ...["x-envoy-attempt-count", "x-envoy-decorator-operation", "x-envoy-degraded"],
  ...["x-envoy-immediate-health-check-fail", "x-envoy-overloaded", "x-envoy-ratelimited"],
  ...["x-envoy-upstream-canary", "x-envoy-upstream-healthchecked-cluster", "x-envoy-upstream-service-time"],
  ...["x-envoy-cluster", "x-envoy-local-overloaded", "x-envoy-original-url", "x-forwarded-for", "x-other"],
];

/** Adds two values to each, and shows the first entry that is there then. */
function twice(map: number, names: readonly string[]): Instruction[] {
  return names.flatMap((name): Instruction[] => [
    ["set", map, name, "1"],
    ["add", map, name, "2"],
    ["get", map, name],
  ]);
}

export const inlineHeaders: readonly ParityCase[] = [
  ...["first", "second", "third"].map((part, index): ParityCase => {
    const third = Math.ceil(REQUEST.length / 3);
    const names = REQUEST.slice(index * third, (index + 1) * third);
    return {
      name: `adding to a request header appends or joins, by name (${part} part)`,
      stands: "envoy-facts 4",
      script: {
        request_headers: [...twice(0, names), ["remove", 0, "x-envoy-force-trace"], ["reply", 200, ""]],
      },
      expect: { client: { status: 200 } },
    };
  }),
  {
    name: "adding to a pseudo-header joins",
    stands: "envoy-facts 4",
    script: {
      request_headers: [
        ...twice(0, [":path", ":method", ":authority", ":scheme", ":protocol"]),
        ["reply", 200, ""],
      ],
    },
    expect: { client: { status: 200 } },
  },
  ...["first", "second"].map((part, index): ParityCase => {
    const half = Math.ceil(RESPONSE.length / 2);
    const names = RESPONSE.slice(index * half, (index + 1) * half);
    return {
      name: `adding to a response header appends or joins, by name (${part} part)`,
      stands: "envoy-facts 4",
      script: {
        response_headers: [...twice(2, names), ...names.map((name): Instruction => ["remove", 2, name])],
      },
      expect: { client: { status: 200 } },
    };
  }),
  {
    name: "adding to a trailer appends or joins, by name",
    stands: "envoy-facts 4",
    script: {
      request_trailers: twice(1, ["grpc-status", "grpc-message", "x-other", "content-type", "te", "via"]),
      response_trailers: twice(3, ["grpc-status", "grpc-message", "x-other", "content-type", "via"]),
    },
    http: { body: ["a"], trailers: [["x-sum", "1"]] },
    upstream: { body: ["b"], trailers: [["x-sum", "2"]] },
    expect: { client: { status: 200 } },
  },
];
