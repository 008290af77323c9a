// What goes into one whole request and what comes out of it.
import type { BodyInput, HeadersInput } from "./messages.ts";
import type { ClientResponse } from "./client-response.ts";
import type { LogEntry } from "../host/log-book.ts";
import type { MetricsView } from "./views.ts";
import type { PropertyValue } from "../host/property-values.ts";
import type { ReceivedRequest, Upstream } from "./upstream.ts";

/** What every stream can be given. */
export interface StreamInput {
  /** Worker that serves it, from 0. Default: 0. */
  readonly worker?: number;
  /** Default: `HTTP/1.1`, over which a body ends with an extra, empty part, as it does in Envoy. */
  readonly protocol?: "HTTP/1.1" | "HTTP/2";
  /** Properties of this stream, over those of the host. */
  readonly properties?: Readonly<Record<string, PropertyValue>>;
}

/** A request of a client. */
export interface RequestInput extends StreamInput {
  /** Default: `GET`. */
  readonly method?: string;
  /** Path with query. Default: `/`. */
  readonly path?: string;
  /** Host, with a port if need be. Default: `example.com`. */
  readonly authority?: string;
  /** Default: `http`. */
  readonly scheme?: string;
  readonly headers?: HeadersInput;
  /** Given whole it has a content-length and is one part; given as a list it is sent in those parts. */
  readonly body?: BodyInput;
  readonly trailers?: HeadersInput;
  /** What this request reaches, instead of the host's upstream. */
  readonly upstream?: Upstream;
}

/** What one request brought about. */
export interface Walk {
  /** What the upstream received, or null if it was not contacted. */
  readonly upstream: ReceivedRequest | null;
  /** What the client received. */
  readonly response: ClientResponse;
  /** What was logged meanwhile, in order. */
  readonly logs: readonly LogEntry[];
  /** Metrics of the host, up to date. */
  readonly metrics: MetricsView;
}
