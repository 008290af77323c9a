// One HTTP stream, driven step by step.
import { ClientResponse } from "./client-response.ts";
import { HostError } from "../host/errors.ts";
import { HeaderMap } from "../host/header-map.ts";
import { asBuffer } from "../host/byte-string.ts";
import { HeaderList, toPairs } from "./messages.ts";
import { encodeResponse, ReceivedRequest } from "./upstream.ts";
import type { HeadersInput } from "./messages.ts";
import type { HttpStream } from "../host/http-stream.ts";
import type { LogEntry } from "../host/log-book.ts";
import type { Pair } from "../host/pairs.ts";
import type { PropertyTree } from "../host/property-tree.ts";
import type { Step } from "./step.ts";
import type { StreamRecorder } from "./stream-recorder.ts";
import type { ResponseInput } from "./upstream.ts";
import type { UpstreamFailure } from "../host/router.ts";

/** What a stream needs of its host. */
export interface StreamHost {
  /** Milliseconds after which Envoy gives up on an idle stream. */
  readonly streamIdleTimeout: number;
  readonly logEntries: readonly LogEntry[];
  /** Does something that may fail. */
  run(task: () => void): void;
  /** Adds the pseudo-headers that are missing, and what Envoy adds at its edge. */
  completeHeaders(headers: Pair[]): Pair[];
  /** Waits until everything that answers by itself has answered. */
  settle(): Promise<void>;
}

/** A stream whose steps the test takes: every method is one event, and resolves when its consequences are over. */
export class TestStream {
  /** @internal */
  readonly recorder: StreamRecorder;
  readonly #host: StreamHost;
  readonly #stream: HttpStream;
  #method = "GET";
  #begun = false;
  #fromUpstream = false;

  /** @internal */
  constructor(host: StreamHost, stream: HttpStream, recorder: StreamRecorder) {
    this.#host = host;
    this.#stream = stream;
    this.recorder = recorder;
  }

  /** Ids of the stream's contexts, one a plugin. */
  get contextIds(): readonly number[] {
    return this.#stream.contexts.map((context) => context.id);
  }

  /** Properties of this stream, over those of the host. */
  get properties(): PropertyTree {
    return this.#stream.properties;
  }

  /** A filter holds the stream. */
  get paused(): boolean {
    return this.#stream.paused;
  }

  /** The stream is over: log, done and delete have run. */
  get finished(): boolean {
    return this.#stream.finished;
  }

  /** What the upstream has received, or null if it was not contacted. */
  get upstream(): ReceivedRequest | null {
    return this.recorder.request.headers === null
      ? null
      : new ReceivedRequest(this.recorder.request, this.recorder.requestReset);
  }

  /** What the client has received, or null if nothing has come and the stream was not cut off either. */
  get response(): ClientResponse | null {
    const { response, responseReset } = this.recorder;
    return response.headers === null && responseReset === null
      ? null
      : new ClientResponse(response, responseReset);
  }

  /**
   * The client sends its headers. Pseudo-headers that are missing get their defaults (`GET`, `/`, `example.com`, `http`).
   * `endStream` is true for a request without body.
   */
  requestHeaders(headers: HeadersInput = {}, options: { endStream?: boolean } = {}): Promise<Step> {
    return this.#step("request", () =>
      this.beginRequest(this.#host.completeHeaders(toPairs(headers)), options.endStream ?? false),
    );
  }

  /**
   * The client sends what Envoy refuses before any filter sees it: a malformed request, or one without a host. The guest
   * hears of the stream only when it is logged.
   */
  malformedRequest(status = 400): Promise<Step> {
    return this.#step("request", () => {
      if (this.#begun) throw wrongPhase("malformedRequest", "the stream has its headers already");
      this.#begun = true;
      this.#stream.reject(status, "http1.codec_error", status === 400 ? "Bad Request" : "");
    });
  }

  /** The client sends a part of the body. */
  requestBody(chunk: string | Uint8Array, options: { endStream?: boolean } = {}): Promise<Step> {
    return this.#step("request", () => {
      this.#needBegun("requestBody");
      if (this.#stream.request.complete) throw wrongPhase("requestBody", "the request has ended already");
      this.#stream.receive(Buffer.from(asBuffer(chunk)), options.endStream ?? false);
    });
  }

  /** The client sends trailers, which end the request. */
  requestTrailers(trailers: HeadersInput): Promise<Step> {
    return this.#step("request", () => {
      this.#needBegun("requestTrailers");
      if (this.#stream.request.complete) throw wrongPhase("requestTrailers", "the request has ended already");
      this.#stream.request.end(new HeaderMap("request-trailers", toPairs(trailers)));
    });
  }

  /** The upstream answers with headers; `:status` is 200 unless given. `endStream` is true for a response without body. */
  responseHeaders(headers: HeadersInput = {}, options: { endStream?: boolean } = {}): Promise<Step> {
    return this.#step("response", () => {
      if (!this.#stream.request.headersLeft)
        throw wrongPhase(
          "responseHeaders",
          "the request has not reached the upstream (it is paused, answered, or not sent)",
        );
      if (this.#fromUpstream) throw wrongPhase("responseHeaders", "the upstream has answered already");
      const pairs = toPairs(headers);
      if (!pairs.some(([name]) => name === ":status")) pairs.unshift([":status", "200"]);
      this.#answer(pairs, options.endStream ?? false);
    });
  }

  /** The upstream sends a part of the body. */
  responseBody(chunk: string | Uint8Array, options: { endStream?: boolean } = {}): Promise<Step> {
    return this.#step("response", () => {
      this.#needAnswer("responseBody");
      this.#stream.response.data(Buffer.from(asBuffer(chunk)), options.endStream ?? false);
    });
  }

  /** The upstream sends trailers, which end the response. */
  responseTrailers(trailers: HeadersInput): Promise<Step> {
    return this.#step("response", () => {
      this.#needAnswer("responseTrailers");
      this.#stream.response.end(new HeaderMap("response-trailers", toPairs(trailers)));
    });
  }

  /** The upstream answers with a whole response, in the parts in which HTTP/1.1 delivers it. */
  respond(response: ResponseInput): Promise<Step> {
    return this.#step("response", () => this.respondNow(response, true));
  }

  /** The upstream fails. */
  failUpstream(failure: UpstreamFailure): Promise<Step> {
    return this.#step("response", () => this.failNow(failure));
  }

  /** The client goes away. */
  close(): Promise<Step> {
    return this.#step("request", () => this.#stream.disconnect());
  }

  /** The client resets the stream; for a filter the same as {@link close}. */
  reset(): Promise<Step> {
    return this.close();
  }

  /** Waits until the stream is over. */
  whenFinished(): Promise<void> {
    return new Promise((resolve) => {
      if (this.finished) resolve();
      else this.recorder.onFinished = resolve;
    });
  }

  /** @internal Starts the time after which Envoy gives up on the stream. */
  armIdleTimer(): void {
    this.#stream.armIdleTimer(this.#host.streamIdleTimeout);
  }

  /** @internal The headers arrive, without waiting. */
  beginRequest(headers: Pair[], endStream: boolean): void {
    if (this.#begun) throw wrongPhase("requestHeaders", "the stream has its headers already");
    this.#begun = true;
    this.#method = headers.find(([name]) => name === ":method")?.[1] ?? "GET";
    this.#stream.begin(headers, endStream);
  }

  /** @internal A whole message arrives, without waiting. `split` adds the empty last part that HTTP/1.1 makes. */
  sendBody(chunks: readonly Buffer[], trailers: Pair[], split: boolean): void {
    for (const [index, chunk] of chunks.entries()) {
      if (this.#stream.finished || this.#stream.request.halted) return;
      this.#stream.receive(chunk, !split && trailers.length === 0 && index === chunks.length - 1);
    }
    if (this.#stream.finished || this.#stream.request.halted) return;
    if (trailers.length > 0) this.#stream.request.end(new HeaderMap("request-trailers", trailers));
    else if (split) this.#stream.receive(Buffer.alloc(0), true);
  }

  /** @internal A whole answer arrives, without waiting. */
  respondNow(response: ResponseInput, split: boolean): void {
    if (this.#stream.finished || this.#stream.response.headers !== null) return;
    const { headers, chunks, trailers } = encodeResponse(response, this.#method);
    this.#answer(headers, chunks.length === 0 && trailers.length === 0);
    const { response: direction } = this.#stream;
    for (const [index, chunk] of chunks.entries()) {
      if (!direction.halted)
        direction.data(chunk, !split && trailers.length === 0 && index === chunks.length - 1);
    }
    if (direction.halted || direction.complete) return;
    if (trailers.length > 0) direction.end(new HeaderMap("response-trailers", trailers));
    else if (split) direction.data(Buffer.alloc(0), true);
  }

  /** @internal The upstream fails, without waiting. */
  failNow(failure: UpstreamFailure): void {
    if (failure === "refused") this.recorder.forgetRequest();
    this.#stream.failUpstream(failure);
  }

  #answer(headers: Pair[], endStream: boolean): void {
    this.#fromUpstream = true;
    this.#stream.respond(headers, endStream);
  }

  #needBegun(step: string): void {
    if (!this.#begun) throw wrongPhase(step, "the stream has no headers yet");
    if (this.#stream.finished) throw wrongPhase(step, "the stream is over");
  }

  #needAnswer(step: string): void {
    if (!this.#fromUpstream) throw wrongPhase(step, "the upstream has not sent headers");
    if (this.#stream.response.complete) throw wrongPhase(step, "the response has ended already");
  }

  async #step(which: "request" | "response", run: () => void): Promise<Step> {
    const record = this.recorder[which];
    const had = {
      headers: record.headers,
      chunks: record.chunks.length,
      trailers: record.trailers,
      ended: record.ended,
    };
    const logged = this.#host.logEntries.length;
    this.#host.run(run);
    await this.#host.settle();
    if (!this.finished) this.armIdleTimer();
    return {
      forwarded: {
        headers:
          had.headers === record.headers || record.headers === null ? null : new HeaderList(record.headers),
        body: Buffer.concat(record.chunks.slice(had.chunks)),
        trailers:
          had.trailers === record.trailers || record.trailers === null
            ? null
            : new HeaderList(record.trailers),
        endStream: record.ended && !had.ended,
      },
      paused: !this.finished && this.#stream[which].paused,
      localReply: this.#stream.locallyReplied ? this.response : null,
      finished: this.finished,
      logs: this.#host.logEntries.slice(logged),
    };
  }
}

function wrongPhase(step: string, reason: string): HostError {
  return new HostError("wrong-phase", `${step} cannot happen now: ${reason}`);
}
