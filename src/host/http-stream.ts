// One HTTP stream through the filters of a worker, from the client to the upstream and back.
import { HeaderMap } from "./header-map.ts";
import { HttpContext } from "./http-context.ts";
import { HttpDirection } from "./http-direction.ts";
import { buildLocalReply } from "./local-reply.ts";
import { checkRequestHeaders, checkResponseHeaders, declaredLength } from "./message-checks.ts";
import { StreamInfo } from "./stream-info.ts";
import type { ByteString } from "./byte-string.ts";
import type { LocalReply } from "./local-reply.ts";
import type { Pair } from "./pairs.ts";
import type { Plugin } from "./plugin.ts";
import type { PropertyValue } from "./property-values.ts";
import type { Services } from "./services.ts";
import type { Timer } from "./clock.ts";

/** The two ends of a stream: what leaves it is handed over here. */
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
  /** Add the headers that Envoy adds at its edge: `server` and `date` to responses. */
  readonly edgeHeaders: boolean;
}

/** Envoy's response flags that this host can produce. */
export const ResponseFlag = {
  UpstreamConnectionFailure: 1 << 5,
  UpstreamConnectionTermination: 1 << 6,
  DownstreamReset: 1 << 14,
  StreamIdleTimeout: 1 << 16,
} as const;

/** A stream and all that its properties tell. */
export class HttpStream extends StreamInfo {
  readonly options: StreamOptions;
  readonly ends: StreamEnds;
  readonly request: HttpDirection<HttpContext>;
  readonly response: HttpDirection<HttpContext>;
  readonly startTime: number;
  /** log, done and delete have run, or are running. */
  finished = false;
  codeDetails: ByteString | null = null;
  responseFlags = 0;
  /** Body bytes that came from the client, and that went to the upstream. */
  receivedBytes = 0;
  requestBytes = 0;
  responseBytes = 0;
  /** A filter or the proxy itself answered. */
  locallyReplied = false;
  /** The response came from the upstream, not from Envoy. */
  #fromUpstream = false;
  #expectedRequestBytes: number | null = null;
  #expectedResponseBytes: number | null = null;
  #idleTimer: Timer | null = null;
  readonly #filters: readonly HttpContext[];
  readonly #accessLogs: readonly Plugin[];

  constructor(
    services: Services,
    filters: readonly Plugin[],
    accessLogs: readonly Plugin[],
    ends: StreamEnds,
    options: StreamOptions,
  ) {
    super(services, options.properties);
    this.options = options;
    this.ends = ends;
    this.startTime = services.clock.now;
    this.#filters = filters.map((plugin) => new HttpContext(plugin, this));
    this.#accessLogs = accessLogs;
    this.request = new HttpDirection(
      this.#filters,
      {
        filterHeaders: (filter, endStream) => filter.onRequestHeaders(this.request.headers!, endStream),
        filterBody: (filter, data, endStream) => filter.onRequestBody(data, endStream),
        filterTrailers: (filter) => filter.onRequestTrailers(this.request.trailers!),
        headersOut: (endStream) => this.#route(endStream),
        bodyOut: (data, endStream) => this.#requestData(data, endStream),
        trailersOut: () => {
          if (this.#requestComplete()) ends.upstreamTrailers(this.request.trailers!.entries);
        },
        overflow: () => this.#overflow("request"),
        sentTwice: (filter) =>
          services.misuse(
            "request-sent-twice",
            `stream ${filter.id} called proxy_continue_stream(0) and returned Continue from the same on_request_headers (C8); Envoy sends the request twice to the upstream. Do one or the other`,
          ),
      },
      options.bufferLimit,
    );
    this.response = new HttpDirection(
      this.#filters.toReversed(),
      {
        filterHeaders: (filter, endStream) => filter.onResponseHeaders(this.response.headers!, endStream),
        filterBody: (filter, data, endStream) => filter.onResponseBody(data, endStream),
        filterTrailers: (filter) => filter.onResponseTrailers(this.response.trailers!),
        headersOut: (endStream) => this.#clientHeaders(endStream),
        bodyOut: (data, endStream) => this.#responseData(data, endStream),
        trailersOut: () => {
          ends.clientTrailers(this.response.trailers!.entries);
          this.#finish();
        },
        overflow: () => this.#overflow("response"),
        sentTwice: (filter) =>
          services.misuse(
            "response-sent-twice",
            `stream ${filter.id} called proxy_continue_stream(1) and returned Continue from the same on_response_headers (C9); Envoy sends the headers twice and the client sees a protocol error. Do one or the other`,
          ),
      },
      options.bufferLimit,
    );
  }

  override get httpStream(): HttpStream {
    return this;
  }

  /** Contexts of the stream, in filter order. */
  get contexts(): readonly HttpContext[] {
    return this.#filters;
  }

  /** Something holds the stream. */
  get paused(): boolean {
    return !this.finished && (this.request.paused || this.response.paused);
  }

  /** The client's headers arrive. */
  begin(headers: readonly Pair[], endStream: boolean): void {
    this.request.start(new HeaderMap("request-headers", headers), endStream);
  }

  /** A part of the client's body arrives. */
  receive(data: Buffer, endStream: boolean): void {
    this.receivedBytes += data.length;
    this.request.data(data, endStream);
  }

  /** The upstream answers. */
  respond(headers: readonly Pair[], endStream: boolean): void {
    this.#fromUpstream = true;
    const map = new HeaderMap("response-headers", headers);
    if (!/^\d{3}$/.test(map.get(":status") ?? "")) {
      // What an upstream sends without a status is no HTTP, and never reaches a filter.
      this.sendRouterReply(
        502,
        "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
        "upstream_reset_before_response_started{protocol_error}",
      );
      return;
    }
    if (map.get("x-envoy-upstream-service-time") === null && this.options.edgeHeaders) {
      map.add("x-envoy-upstream-service-time", String(Math.round(this.services.clock.now - this.startTime)));
    }
    this.codeDetails = "via_upstream";
    this.response.start(map, endStream);
  }

  /** Adds trailers to a message that had none, while the last part of its body passes. */
  addTrailers(which: "request" | "response"): HeaderMap {
    return (this[which].trailers ??= new HeaderMap(`${which}-trailers`));
  }

  /**
   * Answers instead of the upstream. Before a response has started it passes the filters like any other; one that is still
   * held by a filter is replaced; one that has left can only be cut off.
   */
  sendLocalReply(reply: LocalReply): void {
    if (this.finished) return;
    this.locallyReplied = true;
    this.codeDetails = reply.details;
    this.request.halted = true;
    const { headers, body } = buildLocalReply(reply, this.request.headers, this.services);
    const map = new HeaderMap("response-headers", headers);
    if (this.request.headersLeft) this.ends.upstreamReset();
    if (this.response.headersLeft) {
      this.reset(reply.details);
      return;
    }
    if (this.response.headers !== null) {
      this.response.halted = true;
      this.response.headers = map;
      this.response.trailers = null;
      this.#clientHeaders(body.length === 0);
      if (body.length > 0) this.#responseData(body, true);
      return;
    }
    this.response.start(map, body.length === 0);
    if (body.length > 0) this.response.data(body, true);
  }

  /** A reply of Envoy's router or connection manager. */
  sendRouterReply(status: number, text: string, details: string, flag = 0): void {
    this.responseFlags |= flag;
    this.sendLocalReply({ status, body: Buffer.from(text), headers: [], grpcStatus: -1, details });
  }

  /** Cuts the stream off, towards both ends. */
  reset(reason: string): void {
    if (this.finished) return;
    this.codeDetails ??= reason;
    if (this.request.headersLeft) this.ends.upstreamReset();
    this.ends.clientReset(reason);
    this.#finish();
  }

  /** The client is gone: nothing can be answered. */
  disconnect(): void {
    if (this.finished) return;
    this.codeDetails = "downstream_remote_disconnect";
    this.responseFlags |= ResponseFlag.DownstreamReset;
    if (this.request.headersLeft) this.ends.upstreamReset();
    this.#finish();
  }

  /** Starts anew the time after which Envoy gives up on a stream on which nothing happens. */
  armIdleTimer(milliseconds: number): void {
    const { clock } = this.services;
    clock.cancel(this.#idleTimer);
    if (this.finished || milliseconds === 0) return;
    this.#idleTimer = clock.schedule(milliseconds, () => {
      if (this.response.headersLeft) this.reset("stream_idle_timeout");
      else
        this.sendRouterReply(
          this.request.complete ? 504 : 408,
          "stream timeout",
          "stream_idle_timeout",
          ResponseFlag.StreamIdleTimeout,
        );
    });
  }

  /** Request trailers are never logged. */
  override loggedMap(type: number): HeaderMap | null {
    if (type === 0) return this.request.headers;
    if (type === 2) return this.response.headers;
    return type === 3 ? this.response.trailers : null;
  }

  #route(endStream: boolean): void {
    const headers = this.request.headers!;
    const problem = checkRequestHeaders(headers);
    if (problem !== null) {
      this.sendRouterReply(problem.status, problem.text, problem.details);
      return;
    }
    if (this.options.edgeHeaders) headers.set("x-envoy-expected-rq-timeout-ms", "15000");
    this.#expectedRequestBytes = declaredLength(headers);
    this.ends.upstreamHeaders(headers.entries, endStream);
    if (endStream) this.#requestComplete();
  }

  #requestData(data: Buffer, endStream: boolean): void {
    this.requestBytes += data.length;
    if (!endStream || this.#requestComplete()) this.ends.upstreamData(data, endStream);
  }

  /** A body that is not as long as it was declared breaks the upstream connection. */
  #requestComplete(): boolean {
    const declared = this.#expectedRequestBytes;
    if (declared === null || declared === this.requestBytes) return true;
    this.services.warn(
      `the request declares content-length ${declared} but its body has ${this.requestBytes} bytes: the upstream sees a protocol error and the client a 502. ` +
        "Remove or correct content-length in on_request_headers when the body changes",
    );
    this.sendRouterReply(
      502,
      "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
      "upstream_reset_before_response_started{protocol_error}",
    );
    return false;
  }

  #clientHeaders(endStream: boolean): void {
    const headers = this.response.headers!;
    const problem = checkResponseHeaders(headers, this.#fromUpstream, this.services);
    if (problem !== null) {
      this.response.headers = null;
      this.response.headersLeft = false;
      this.response.halted = true;
      const reply = buildLocalReply(
        { status: 502, body: Buffer.from(problem), headers: [], grpcStatus: -1, details: "invalid_response" },
        null,
        this.services,
      );
      this.response.headers = new HeaderMap("response-headers", reply.headers);
      this.response.headersLeft = true;
      this.#emitHeaders(this.response.headers, false);
      this.#responseData(reply.body, true);
      return;
    }
    this.response.headersLeft = true;
    this.#expectedResponseBytes =
      this.request.headers?.get(":method") === "HEAD" ? null : declaredLength(headers);
    this.#emitHeaders(headers, endStream);
    if (endStream) this.#finish();
  }

  #emitHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.options.edgeHeaders) {
      headers.set("server", "envoy");
      if (headers.get("date") === null) headers.add("date", new Date(this.services.clock.now).toUTCString());
    }
    this.ends.clientHeaders(headers.entries, endStream);
  }

  #responseData(data: Buffer, endStream: boolean): void {
    this.responseBytes += data.length;
    const declared = this.#expectedResponseBytes;
    if (
      declared !== null &&
      (this.responseBytes > declared || (endStream && this.responseBytes < declared))
    ) {
      this.services.warn(
        `the response declares content-length ${declared} but its body has ${endStream ? "" : "at least "}${this.responseBytes} bytes: the client cuts the connection. ` +
          "Remove or correct content-length in on_response_headers when the body changes",
      );
      this.reset("content_length_mismatch");
      return;
    }
    this.ends.clientData(data, endStream);
    if (endStream) this.#finish();
  }

  #overflow(which: "request" | "response"): void {
    if (which === "request") this.sendRouterReply(413, "Payload Too Large", "request_payload_too_large");
    else if (this.response.headersLeft) this.reset("response_payload_too_large");
    else this.sendRouterReply(500, "Internal Server Error", "response_payload_too_large");
  }

  #finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.request.halted = true;
    this.response.halted = true;
    for (const filter of this.#filters) filter.onLog();
    for (const plugin of this.#accessLogs) plugin.root.onLog(this);
    for (const filter of this.#filters) filter.onDestroy();
    this.services.clock.cancel(this.#idleTimer);
    this.ends.finished();
  }
}
