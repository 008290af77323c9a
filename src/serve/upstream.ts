// What serve sends requests to: a server, or something that answers as one.
import type { Pair } from "../host/index.ts";

/** How an upstream failed: nobody listens there, its name is unknown, it broke off, or it cannot be sent such a request. */
export interface UpstreamProblem {
  readonly kind: "refused" | "unresolved" | "reset" | "bad-request";
  /** In the words of the system. */
  readonly reason: string;
}

/** Told what comes back for one request. Never called before `open` has returned. */
export interface UpstreamEvents {
  headers(headers: readonly Pair[], endStream: boolean): void;
  data(chunk: Buffer): void;
  /** The end of a response that has a body; with its trailers, if there are any. */
  end(trailers: readonly Pair[]): void;
  /** Nothing more comes. */
  failed(problem: UpstreamProblem): void;
  /** More can be written, after {@link UpstreamExchange.write} answered false. */
  drained(): void;
}

/** One request to an upstream. */
export interface UpstreamExchange {
  /** False if it should be given no more until `drained`. */
  write(data: Buffer): boolean;
  end(trailers: readonly Pair[]): void;
  /** Slows the response down. */
  pause(): void;
  resume(): void;
  /** Nobody waits for the response any more: no event follows. */
  reset(): void;
}

/** Something to send requests to. */
export interface Upstream {
  /** Host and port as the guest sees them in upstream.address; null if there is no such thing. */
  readonly address: string | null;
  /** Begins a request. Names are in lower case, pseudo-headers included. */
  open(headers: readonly Pair[], endStream: boolean, events: UpstreamEvents): UpstreamExchange;
  /** Closes idle connections. */
  close(): void;
}

/** Names that mean nothing beyond one connection; what frames a message is written anew. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "upgrade", "transfer-encoding"]);

/** The headers that go over the next connection: no pseudo-headers, none that belong to the connection. */
export function forwardable(headers: readonly Pair[]): Pair[] {
  return headers.filter(([name]) => !name.startsWith(":") && !HOP_BY_HOP.has(name));
}

/** The first value of a header, or undefined. */
export function valueOf(headers: readonly Pair[], name: string): string | undefined {
  for (const pair of headers) if (pair[0] === name) return pair[1];
  return undefined;
}

/** What an error of a socket means. */
export function problemOf(error: NodeJS.ErrnoException): UpstreamProblem {
  const { code } = error;
  // Several addresses were tried: then the message is empty.
  const tried = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const reason = error.message || tried.map((each) => each.message).join(", ") || code || "unknown error";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return { kind: "unresolved", reason };
  const refused = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "ETIMEDOUT"];
  return { kind: code !== undefined && refused.includes(code) ? "refused" : "reset", reason };
}

/** Names and values by name, as Node takes them; several values of one name as a list. */
export function byName(headers: readonly Pair[]): Record<string, string | string[]> {
  const names = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of headers) {
    const before = names[name];
    names[name] =
      before === undefined ? value : typeof before === "string" ? [before, value] : [...before, value];
  }
  return names;
}

/** Pairs out of Node's flat list, names in lower case. */
export function toPairs(flat: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    pairs.push([flat[index]!.toLowerCase(), flat[index + 1]!]);
  return pairs;
}

/**
 * Sends headers over HTTP/2. Of some there can be only one, so that several values are joined, which means the same;
 * only cookies cannot be joined, and may be many.
 */
export function sendHttp2<T>(
  headers: readonly Pair[],
  send: (fields: Record<string, string | string[]>) => T,
): T {
  const fields = byName(headers);
  // HTTP/2 knows no other.
  if (fields["te"] !== "trailers") delete fields["te"];
  try {
    return send(fields);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_HTTP2_HEADER_SINGLE_VALUE") throw error;
    for (const [name, value] of Object.entries(fields))
      if (Array.isArray(value) && name !== "set-cookie") fields[name] = value.join(", ");
    return send(fields);
  }
}
