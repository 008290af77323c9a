// The client's side of a stream, whatever version of HTTP it speaks.
import type { Pair } from "../host/index.ts";

/** A request as the filters get it, or why they do not. */
export interface RequestHead {
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  /** Names in lower case, pseudo-headers first. Empty for one that could not be read. */
  readonly headers: readonly Pair[];
  readonly endStream: boolean;
  /** What Envoy answers without asking a filter; null for a good request. */
  readonly rejection: Rejection | null;
}

/** What Envoy answers to a request that it does not take. */
export interface Rejection {
  readonly status: number;
  /** As in response.code_details. */
  readonly details: string;
  readonly text: string;
}

/** Told what comes from the client after the headers. */
export interface DownstreamEvents {
  data(chunk: Buffer): void;
  /** The end of a request that has a body; with its trailers, if there are any. */
  end(trailers: readonly Pair[]): void;
  /** More can be sent, after {@link Downstream.data} answered false. */
  drained(): void;
  /** The client is gone before its response was complete. */
  closed(): void;
}

/** One stream of a client. */
export interface Downstream {
  readonly connection: ConnectionInfo;
  /** Names the one that is told. Called once, at once. */
  attach(events: DownstreamEvents): void;
  headers(headers: readonly Pair[], endStream: boolean): void;
  /** False if it should be given no more until `drained`. */
  data(chunk: Buffer): boolean;
  end(trailers: readonly Pair[]): void;
  /** Cuts the stream off, so that the client sees that something is missing. */
  reset(): void;
  /** Slows the request down. */
  pause(): void;
  resume(): void;
  /** The stream is over: whatever the client still sends is thrown away. */
  discard(): void;
}

/** The two ends of a client's connection, and its number in this server. */
export interface ConnectionInfo {
  readonly id: number;
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
}
