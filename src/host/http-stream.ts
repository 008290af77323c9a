// One HTTP stream through the filters of a worker, from the client to the upstream and back.
import { ClientCodec } from "./client-codec.ts";
import { HeaderMap } from "./header-map.ts";
import { HttpContext } from "./http-context.ts";
import { HttpDirection } from "./http-direction.ts";
import { buildLocalReply } from "./local-reply.ts";
import { PROTOCOL_ERROR } from "./message-checks.ts";
import { joinCookies } from "./peer.ts";
import { Router } from "./router.ts";
import { sentTwice } from "./misuse.ts";
import { ResponseFlag } from "./stream-ends.ts";
import { StreamInfo } from "./stream-info.ts";
import type { ByteString } from "./byte-string.ts";
import type { LocalReply } from "./local-reply.ts";
import type { Pair } from "./pairs.ts";
import type { Plugin } from "./plugin.ts";
import type { Services } from "./services.ts";
import type { StreamEnds, StreamOptions } from "./stream-ends.ts";
import type { Timer } from "./clock.ts";
import type { UpstreamFailure } from "./router.ts";

/** The plugins of a stream, in request order. */
export interface StreamFilters {
  /** Those of the listener. */
  readonly downstream: readonly Plugin[];
  /** Those of the cluster: they are not told of the log, nor of what the proxy or a filter answers itself. */
  readonly upstream: readonly Plugin[];
}

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
  /** As in property response.code: of the upstream or of the proxy's own reply, and at the end what the client got. */
  responseCode: number | null = null;
  /** Body bytes that came from the client. */
  receivedBytes = 0;
  /** A filter or the proxy itself answered. */
  locallyReplied = false;
  /** The proxy itself did. */
  repliedByProxy = false;
  readonly #router = new Router(this);
  readonly #client = new ClientCodec(this);
  #idleTimer: Timer | null = null;
  readonly #filters: readonly HttpContext[];
  readonly #accessLogs: readonly Plugin[];

  constructor(
    services: Services,
    filters: StreamFilters,
    accessLogs: readonly Plugin[],
    ends: StreamEnds,
    options: StreamOptions,
  ) {
    super(services, options.properties);
    this.options = options;
    this.ends = ends;
    this.startTime = services.clock.now;
    this.#filters = [
      ...filters.downstream.map((plugin) => new HttpContext(plugin, this, false)),
      ...filters.upstream.map((plugin) => new HttpContext(plugin, this, true)),
    ];
    this.#accessLogs = accessLogs;
    this.request = new HttpDirection(
      this.#filters,
      {
        filterHeaders: (filter, endStream) => filter.onRequestHeaders(this.request.headers!, endStream),
        filterBody: (filter, data, endStream) => filter.onRequestBody(data, endStream),
        filterTrailers: (filter) => filter.onRequestTrailers(this.request.trailers!),
        headersOut: (endStream) => this.#router.headers(endStream),
        bodyOut: (data, endStream) => this.#router.data(data, endStream),
        trailersOut: () => this.#router.trailers(),
        overflow: () => this.#overflow("request"),
        sentTwice: (filter) => services.misuse("request-sent-twice", sentTwice(filter.id, "request")),
      },
      options.bufferLimit,
    );
    this.response = new HttpDirection(
      this.#filters.toReversed(),
      {
        filterHeaders: (filter, endStream) => filter.onResponseHeaders(this.response.headers!, endStream),
        filterBody: (filter, data, endStream) => filter.onResponseBody(data, endStream),
        filterTrailers: (filter) => filter.onResponseTrailers(this.response.trailers!),
        headersOut: (endStream) => this.#client.headers(endStream),
        bodyOut: (data, endStream) => this.#client.data(data, endStream),
        trailersOut: () => this.#client.trailers(),
        overflow: () => this.#overflow("response"),
        sentTwice: (filter) => services.misuse("response-sent-twice", sentTwice(filter.id, "response")),
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

  /** Body bytes that went to the client. */
  get responseBytes(): number {
    return this.#client.bytes;
  }

  /** Something holds the stream. */
  get paused(): boolean {
    return !this.finished && (this.request.paused || this.response.paused);
  }

  /** The client's headers arrive. */
  begin(headers: readonly Pair[], endStream: boolean): void {
    const pairs = this.options.protocol === "HTTP/2" ? joinCookies(headers) : headers;
    this.request.start(new HeaderMap("request-headers", pairs), endStream);
  }

  /** The client's request is none that Envoy takes (malformed, no host): it is answered before any filter sees it. */
  reject(status: number, details: string, text = ""): void {
    if (this.finished) return;
    this.locallyReplied = true;
    this.codeDetails = details;
    this.request.halted = true;
    this.response.halted = true;
    const headers = new HeaderMap("response-headers", [[":status", String(status)]]);
    if (text !== "") {
      headers.add("content-length", String(text.length));
      headers.add("content-type", "text/plain");
    }
    this.response.headers = headers;
    this.#client.headers(text === "");
    if (text !== "") this.#client.data(Buffer.from(text), true);
  }

  /** A part of the client's body arrives. */
  receive(data: Buffer, endStream: boolean): void {
    this.receivedBytes += data.length;
    this.request.data(data, endStream);
  }

  /** The upstream answers. */
  respond(headers: readonly Pair[], endStream: boolean): void {
    const map = new HeaderMap("response-headers", headers);
    if (!/^\d{3}$/.test(map.get(":status") ?? "")) {
      // What an upstream sends without a status is no HTTP, and never reaches a filter.
      this.sendRouterReply(502, PROTOCOL_ERROR.text, PROTOCOL_ERROR.details);
      return;
    }
    if (map.get("x-envoy-upstream-service-time") === null && this.options.edgeHeaders) {
      map.add("x-envoy-upstream-service-time", String(Math.round(this.services.clock.now - this.startTime)));
    }
    this.codeDetails = "via_upstream";
    this.responseCode = Number(map.get(":status"));
    this.response.start(map, endStream);
  }

  /** The upstream fails. */
  failUpstream(failure: UpstreamFailure): void {
    if (!this.finished) this.#router.upstreamFailed(failure);
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
    if (!this.response.headersLeft) this.responseCode = reply.status;
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
      this.#client.headers(body.length === 0);
      if (body.length > 0) this.#client.data(body, true);
      return;
    }
    this.response.start(map, body.length === 0);
    if (body.length > 0) this.response.data(body, true);
  }

  /** A reply of Envoy's router or connection manager. */
  sendRouterReply(status: number, text: string, details: string, flag = 0): void {
    this.responseFlags |= flag;
    this.repliedByProxy = true;
    this.sendLocalReply({ status, body: Buffer.from(text), headers: [], grpcStatus: -1, details });
  }

  /** Cuts the stream off, towards both ends. */
  reset(reason: string): void {
    if (this.finished) return;
    this.codeDetails ??= reason;
    if (this.request.headersLeft) this.ends.upstreamReset();
    this.ends.clientReset(reason);
    this.finish();
  }

  /** The client is gone: nothing can be answered. */
  disconnect(): void {
    if (this.finished) return;
    this.codeDetails = "downstream_remote_disconnect";
    this.responseFlags |= ResponseFlag.DownstreamReset;
    if (this.request.headersLeft) this.ends.upstreamReset();
    this.finish();
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

  #overflow(which: "request" | "response"): void {
    if (which === "request") this.sendRouterReply(413, "Payload Too Large", "request_payload_too_large");
    else if (this.response.headersLeft) {
      this.codeDetails = "response_payload_too_large";
      this.reset("response_payload_too_large");
    } else this.sendRouterReply(500, "Internal Server Error", "response_payload_too_large");
  }

  /** Ends the stream: log, done and delete, once. */
  finish(): void {
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
