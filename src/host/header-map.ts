// A header map with the rules of Envoy's: lower-case names, order kept, some headers joined with a comma.
import { toLowerCase } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";

/** What the map belongs to; only request headers know `host` as another name of `:authority`. */
export type HeaderMapKind = "request-headers" | "request-trailers" | "response-headers" | "response-trailers";

// Envoy keeps one entry of each of these; adding another value joins the two with a comma. All others stay apart,
// cookies too. Measured name by name on 1.40: see the parity cases about inline headers.
const JOINED_EVERYWHERE = [
  ...["cache-control", "connection", "content-encoding", "content-length", "content-type", "keep-alive"],
  ...["proxy-connection", "proxy-status", "transfer-encoding", "upgrade", "via", "x-envoy-attempt-count"],
  ...["x-envoy-decorator-operation", "x-request-id"],
];
const JOINED = {
  "request-headers": new Set([
    ...JOINED_EVERYWHERE,
    ...[":authority", ":method", ":path", ":protocol", ":scheme", "accept", "accept-encoding"],
    ...["access-control-request-headers", "access-control-request-method"],
    ...["access-control-request-private-network", "authorization", "expect", "grpc-accept-encoding"],
    ...["grpc-timeout", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"],
    ...["origin", "pragma", "referer", "te", "user-agent", "x-client-trace-id"],
    ...["x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node"],
    ...["x-envoy-expected-rq-timeout-ms", "x-envoy-external-address", "x-envoy-force-trace"],
    ...["x-envoy-hedge-on-per-try-timeout", "x-envoy-internal", "x-envoy-ip-tags"],
    ...["x-envoy-is-timeout-retry", "x-envoy-max-retries", "x-envoy-original-host"],
    ...["x-envoy-original-path", "x-envoy-original-url", "x-envoy-retriable-header-names"],
    ...["x-envoy-retriable-status-codes", "x-envoy-retry-grpc-on", "x-envoy-retry-on"],
    ...["x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-per-try-timeout-ms"],
    ...["x-envoy-upstream-rq-timeout-alt-response", "x-envoy-upstream-rq-timeout-ms"],
    ...["x-envoy-upstream-stream-duration-ms", "x-forwarded-client-cert", "x-forwarded-for"],
    ...["x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"],
  ]),
  "response-headers": new Set([
    ...JOINED_EVERYWHERE,
    ...[":status", "access-control-allow-credentials", "access-control-allow-headers"],
    ...["access-control-allow-methods", "access-control-allow-origin"],
    ...["access-control-allow-private-network", "access-control-expose-headers", "access-control-max-age"],
    ...["age", "date", "etag", "expires", "grpc-message", "grpc-status", "last-modified", "location"],
    ...["server", "vary", "x-envoy-degraded", "x-envoy-immediate-health-check-fail"],
    ...["x-envoy-ratelimited", "x-envoy-upstream-canary", "x-envoy-upstream-healthchecked-cluster"],
    ...["x-envoy-upstream-service-time"],
  ]),
  "request-trailers": new Set<string>(),
  "response-trailers": new Set(["grpc-message", "grpc-status"]),
} as const satisfies Record<HeaderMapKind, ReadonlySet<string>>;

/** A mutable header map of one message. */
export class HeaderMap {
  readonly kind: HeaderMapKind;
  #entries: Pair[] = [];

  constructor(kind: HeaderMapKind, pairs: readonly Pair[] = []) {
    this.kind = kind;
    for (const [name, value] of pairs) this.add(name, value);
  }

  /** Number of entries. */
  get length(): number {
    return this.#entries.length;
  }

  /** All entries in order; pseudo-headers come first. Another array after each change. */
  get entries(): readonly Pair[] {
    return this.#entries;
  }

  /** Total bytes of names and values. */
  get bytes(): number {
    let bytes = 0;
    for (const [name, value] of this.#entries) bytes += name.length + value.length;
    return bytes;
  }

  /** First value of the header, or null if it is absent. */
  get(name: ByteString): ByteString | null {
    const key = this.#key(name);
    for (const entry of this.#entries) if (entry[0] === key) return entry[1];
    return null;
  }

  /** All values joined with a comma, or null if the header is absent. */
  getJoined(name: ByteString): ByteString | null {
    const key = this.#key(name);
    let joined: ByteString | null = null;
    for (const entry of this.#entries)
      if (entry[0] === key) joined = joined === null ? entry[1] : `${joined},${entry[1]}`;
    return joined;
  }

  /** Adds a value: a further entry, or joined to the one value of a header that has only one. */
  add(name: ByteString, value: ByteString): void {
    const key = this.#key(name);
    const index = JOINED[this.kind].has(key) ? this.#indexOf(key) : -1;
    if (index >= 0) this.#entries = this.#entries.with(index, [key, `${this.#entries[index]![1]},${value}`]);
    else this.#insert(key, value);
  }

  /** Sets the one value of the header, which Envoy moves to the end of the map. */
  set(name: ByteString, value: ByteString): void {
    const key = this.#key(name);
    this.remove(key);
    this.#insert(key, value);
  }

  /** Sets the one value of the header where it stands, as Envoy does with headers of its own. */
  put(name: ByteString, value: ByteString): void {
    const index = this.#indexOf(name);
    if (index < 0) this.#insert(name, value);
    else this.#entries = this.#entries.with(index, [name, value]);
  }

  /** Removes all values of the header. */
  remove(name: ByteString): void {
    const key = this.#key(name);
    if (this.#indexOf(key) >= 0) this.#entries = this.#entries.filter((entry) => entry[0] !== key);
  }

  /** Replaces everything, pseudo-headers included. */
  setAll(pairs: readonly Pair[]): void {
    this.#entries = [];
    for (const [name, value] of pairs) this.add(name, value);
  }

  #key(name: ByteString): ByteString {
    const key = toLowerCase(name);
    return key === "host" && this.kind === "request-headers" ? ":authority" : key;
  }

  #indexOf(key: ByteString): number {
    const entries = this.#entries;
    for (let index = 0; index < entries.length; index++) if (entries[index]![0] === key) return index;
    return -1;
  }

  #insert(key: ByteString, value: ByteString): void {
    if (key.charCodeAt(0) === 0x3a)
      this.#entries = this.#entries.toSpliced(this.#pseudoHeaders(), 0, [key, value]);
    else this.#entries = [...this.#entries, [key, value]];
  }

  #pseudoHeaders(): number {
    let count = 0;
    while (this.#entries[count]?.[0].charCodeAt(0) === 0x3a) count++;
    return count;
  }
}
