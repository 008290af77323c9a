// What was seen in one run of a case, in the form in which the two hosts are compared.
//
// The one normalisation, applied to both: names of headers are lower case and `host` is `:authority`; pseudo-headers come
// first; what a codec adds or needs on the wire is left out (connection, transfer-encoding, trailer, keep-alive,
// `content-length: 0`, `:scheme` towards an HTTP/1.1 upstream), and so is the probe's own `x-script`. Values that differ by
// nature read `*`: dates, request ids, service times, and in log lines UUIDs and ports of 127.0.0.1. Log lines are those of
// the guest on the worker thread, and traps; lines of the host about misuse that it tolerates are left out.
export type Pairs = [string, string][];

export interface SeenMessage {
  readonly status: number;
  readonly headers: Pairs;
  /** latin1. */
  readonly body: string;
  readonly trailers: Pairs;
  readonly cut: boolean;
}

export interface Observation {
  client?: SeenMessage | null;
  upstream?: SeenMessage | null;
  logs: string[];
  metrics?: Record<string, number | undefined>;
  /** The guest did what kills Envoy: the code of the error, or of the case when Envoy did die. */
  crash?: string;
  tcp?: { client: string; upstream: string; closed: boolean };
  refused?: boolean;
  again?: (SeenMessage | null)[];
}

const WIRE = new Set(["connection", "transfer-encoding", "trailer", "keep-alive", "x-script", ":scheme"]);
const VARYING = new Set(["date", "x-request-id", "x-envoy-upstream-service-time"]);

/** Headers as they are compared. */
export function normalHeaders(headers: readonly (readonly [string, string])[]): Pairs {
  const pairs = headers
    .map(([name, value]): [string, string] => {
      const lower = name.toLowerCase();
      return [lower === "host" ? ":authority" : lower, VARYING.has(lower) ? "*" : value];
    })
    .filter(
      ([name, value]) =>
        !WIRE.has(name) && name !== ":status" && !(name === "content-length" && value === "0"),
    );
  const pseudo = pairs.filter(([name]) => name.startsWith(":")).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...pseudo, ...pairs.filter(([name]) => !name.startsWith(":"))];
}

/** A line of the log as it is compared; levels other than info stand in front. */
export function normalLine(level: string, text: string): string {
  const name = level === "warning" ? "warn" : level;
  const line = text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "*")
    .replace(/x-script=[^&]*/g, "x-script=*")
    .replace(/x-envoy-upstream-service-time=\d+/g, "x-envoy-upstream-service-time=*")
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT/g, "*")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:*");
  return name === "info" ? line : `[${name}] ${line}`;
}

/** The first line of what a host logs about a trap, or null if the entry is about something else. */
export function trapLine(text: string): string | null {
  return /Function: \w+ failed: [^\n]*/.exec(text)?.[0] ?? null;
}
