// The two ends of an HTTP stream, and what a stream is made with.
import type { Pair } from "./pairs.ts";
import type { PropertyValue } from "./property-values.ts";

/** Where a stream hands over what leaves it. */
export interface StreamEnds {
  /** The request goes to the upstream. */
  upstreamHeaders(headers: readonly Pair[], endStream: boolean): void;
  upstreamData(data: Buffer, endStream: boolean): void;
  upstreamTrailers(trailers: readonly Pair[]): void;
  /** The upstream is told that nobody waits for it any more. */
  upstreamReset(): void;
  /** The response goes to the client. */
  clientHeaders(headers: readonly Pair[], endStream: boolean): void;
  clientData(data: Buffer, endStream: boolean): void;
  clientTrailers(trailers: readonly Pair[]): void;
  /** The client sees the stream cut off. */
  clientReset(reason: string): void;
  /** The stream is over, and its last callbacks have run. */
  finished(): void;
}

/** What a stream is made with. */
export interface StreamOptions {
  /** As in property request.protocol, e.g. `HTTP/1.1`. */
  readonly protocol: string;
  /** Properties of this stream, over those of the host. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
  /** Bytes a filter may hold with a Buffer status. */
  readonly bufferLimit: number;
  /** Add the headers that Envoy adds at its edge: `server` and `date` to responses, a timeout to requests. */
  readonly edgeHeaders: boolean;
}

/** Envoy's response flags that this host can produce. */
export const ResponseFlag = {
  UpstreamConnectionFailure: 1 << 5,
  UpstreamConnectionTermination: 1 << 6,
  DownstreamReset: 1 << 14,
  StreamIdleTimeout: 1 << 16,
} as const;
