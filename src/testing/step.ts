// What one step of a stream brings about.
import type { ClientResponse } from "./client-response.ts";
import type { HeaderList } from "./messages.ts";
import type { LogEntry } from "../host/log-book.ts";

/** What one step brought about. */
export interface Step {
  /** What passed the filters in this step: to the upstream for steps of the request, to the client for steps of the response. */
  readonly forwarded: Forwarded;
  /** A filter holds this direction of the stream. */
  readonly paused: boolean;
  /** The answer that a filter or the proxy itself gave instead of the upstream's, or null. */
  readonly localReply: ClientResponse | null;
  /** The stream is over: log, done and delete have run. */
  readonly finished: boolean;
  /** What was logged in this step. */
  readonly logs: readonly LogEntry[];
}

/** The parts of a message that left in one step. */
export interface Forwarded {
  /** Null if the headers did not leave in this step. */
  readonly headers: HeaderList | null;
  readonly body: Buffer;
  readonly trailers: HeaderList | null;
  /** The message ended in this step. */
  readonly endStream: boolean;
}
