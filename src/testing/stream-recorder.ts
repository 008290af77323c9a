// The two ends of a stream as a test sees them: what arrived.
import { emptyRecord } from "./messages.ts";
import type { MessageRecord } from "./messages.ts";
import type { Pair } from "../host/pairs.ts";
import type { StreamEnds } from "../host/stream-ends.ts";

/** The two ends of a stream as arrays. */
export class StreamRecorder implements StreamEnds {
  request: MessageRecord = emptyRecord();
  readonly response: MessageRecord = emptyRecord();
  requestReset = false;
  responseReset: string | null = null;
  /** Called when a whole request has reached the upstream. */
  onRequest: (() => void) | null = null;
  /** Called when the stream is over, by the host. */
  onClosed: (() => void) | null = null;
  /** Called when the stream is over, by whoever waits for it. */
  onFinished: (() => void) | null = null;

  upstreamHeaders(headers: readonly Pair[], endStream: boolean): void {
    this.request.headers = headers;
    if (endStream) this.#requestEnded();
  }
  upstreamData(data: Buffer, endStream: boolean): void {
    if (data.length > 0) this.request.chunks.push(data);
    if (endStream) this.#requestEnded();
  }
  upstreamTrailers(trailers: readonly Pair[]): void {
    this.request.trailers = trailers;
    this.#requestEnded();
  }
  upstreamReset(): void {
    this.requestReset = true;
  }
  clientHeaders(headers: readonly Pair[], endStream: boolean): void {
    this.response.headers = headers;
    this.response.ended = endStream;
  }
  clientData(data: Buffer, endStream: boolean): void {
    if (data.length > 0) this.response.chunks.push(data);
    this.response.ended = endStream;
  }
  clientTrailers(trailers: readonly Pair[]): void {
    this.response.trailers = trailers;
    this.response.ended = true;
  }
  clientReset(reason: string): void {
    this.responseReset = reason;
  }
  finished(): void {
    this.onClosed?.();
    this.onFinished?.();
  }

  /** Nobody was there to receive the request. */
  forgetRequest(): void {
    this.request = emptyRecord();
  }

  #requestEnded(): void {
    this.request.ended = true;
    this.onRequest?.();
  }
}
