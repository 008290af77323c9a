// A header map with the rules of Envoy's: lower-case names, order kept, some headers joined with a comma.
import { toLowerCase } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";
import type { Pair } from "./pairs.ts";

/** What the map belongs to; only request headers know `host` as another name of `:authority`. */
export type HeaderMapKind = "request-headers" | "request-trailers" | "response-headers" | "response-trailers";

// Envoy keeps one value of each of these; adding another one joins the two. Headers outside the list stay apart.
const JOINED_EVERYWHERE = [
  "connection",
  "content-length",
  "content-type",
  "keep-alive",
  "proxy-connection",
  "x-request-id",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-envoy-decorator-operation",
  "x-envoy-attempt-count",
  "cache-control",
  "pragma",
];
const JOINED = {
  "request-headers": new Set([
    ...JOINED_EVERYWHERE,
    ...[
      ":authority",
      ":method",
      ":path",
      ":scheme",
      ":protocol",
      "user-agent",
      "expect",
      "te",
      "grpc-timeout",
      "grpc-accept-encoding",
    ],
    ...[
      "x-forwarded-for",
      "x-forwarded-proto",
      "x-forwarded-host",
      "x-forwarded-port",
      "x-forwarded-client-cert",
      "x-client-trace-id",
    ],
    ...[
      "accept",
      "accept-encoding",
      "authorization",
      "origin",
      "referer",
      "if-match",
      "if-none-match",
      "if-modified-since",
    ],
    ...["if-unmodified-since", "if-range", "access-control-request-method", "access-control-request-headers"],
    ...[
      "x-envoy-internal",
      "x-envoy-external-address",
      "x-envoy-expected-rq-timeout-ms",
      "x-envoy-upstream-rq-timeout-ms",
    ],
    ...[
      "x-envoy-retry-on",
      "x-envoy-max-retries",
      "x-envoy-original-path",
      "x-envoy-upstream-alt-stat-name",
      "x-envoy-force-trace",
    ],
  ]),
  "response-headers": new Set([
    ...JOINED_EVERYWHERE,
    ...[
      ":status",
      "date",
      "server",
      "grpc-message",
      "grpc-status",
      "proxy-status",
      "x-envoy-upstream-service-time",
    ],
    ...[
      "x-envoy-degraded",
      "x-envoy-ratelimited",
      "x-envoy-upstream-canary",
      "content-encoding",
      "etag",
      "vary",
      "last-modified",
      "age",
    ],
    ...[
      "access-control-allow-origin",
      "access-control-allow-headers",
      "access-control-allow-methods",
      "access-control-allow-credentials",
    ],
    ...["access-control-expose-headers", "access-control-max-age"],
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
    // Envoy takes an empty name and loses it on the way out.
    if (key === "") return;
    const joint =
      key === "cookie" && this.kind === "request-headers" ? "; " : JOINED[this.kind].has(key) ? "," : null;
    const index = joint === null ? -1 : this.#indexOf(key);
    if (index >= 0)
      this.#entries = this.#entries.with(index, [key, `${this.#entries[index]![1]}${joint}${value}`]);
    else if (key.charCodeAt(0) === 0x3a)
      this.#entries = this.#entries.toSpliced(this.#pseudoHeaders(), 0, [key, value]);
    else this.#entries = [...this.#entries, [key, value]];
  }

  /** Sets the one value of the header: creates it, or replaces the first entry and drops the others. */
  set(name: ByteString, value: ByteString): void {
    const key = this.#key(name);
    const index = this.#indexOf(key);
    if (index < 0) {
      this.add(key, value);
      return;
    }
    this.#entries = this.#entries
      .filter((entry, position) => position <= index || entry[0] !== key)
      .with(index, [key, value]);
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

  #pseudoHeaders(): number {
    let count = 0;
    while (this.#entries[count]?.[0].charCodeAt(0) === 0x3a) count++;
    return count;
  }
}
