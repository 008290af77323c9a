// One filter of one HTTP stream: what the guest may read and write in each of its callbacks.
import { Context } from "./context.ts";
import { BufferType, FilterHeadersStatus, MapType, Status } from "./statuses.ts";
import { HostError } from "./errors.ts";
import { Iteration } from "./http-direction.ts";
import { toText } from "./byte-string.ts";
import type { GuestPairs, LocalResponseArguments } from "./hostcalls.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { ByteString } from "./byte-string.ts";
import type { HeaderMap } from "./header-map.ts";
import type { HttpStream } from "./http-stream.ts";
import type { Plugin } from "./plugin.ts";

type Phase = "idle" | "create" | "request" | "response" | "log" | "done" | "delete";

/** The context of an HTTP stream in one plugin. */
export class HttpContext extends Context {
  readonly #stream: HttpStream;
  /** What the guest may touch: set by a callback, and gone once it lets the part pass. */
  requestHeaders: HeaderMap | null = null;
  requestBody: ByteBuffer | null = null;
  requestTrailers: HeaderMap | null = null;
  responseHeaders: HeaderMap | null = null;
  responseBody: ByteBuffer | null = null;
  responseTrailers: HeaderMap | null = null;
  phase: Phase = "idle";
  #endOfStream = false;
  /** A local response was asked for in this callback: details of the last one. */
  #pendingDetails: ByteString | null = null;
  #localReplySent = false;

  constructor(plugin: Plugin, stream: HttpStream) {
    super(plugin);
    this.#stream = stream;
  }

  override get httpStream(): HttpStream {
    return this.#stream;
  }

  override get streamInfo(): HttpStream {
    return this.#stream;
  }

  override create(): void {
    this.created = true;
    this.phase = "create";
    this.plugin.envoyVm.vm.contexts.set(this.id, this);
    this.call("proxy_on_context_create", 0, this.plugin.root.id);
    this.phase = "idle";
  }

  onRequestHeaders(headers: HeaderMap, endStream: boolean): Iteration {
    if (this.#dead) return this.#fail();
    this.create();
    this.requestHeaders = headers;
    const iteration = this.#headersResult("request", "proxy_on_request_headers", headers.length, endStream);
    if (iteration === Iteration.Run) this.requestHeaders = null;
    return iteration;
  }

  onRequestBody(data: ByteBuffer, endStream: boolean): number {
    this.requestBody = data;
    const status = this.#bodyResult("request", "proxy_on_request_body", data, endStream);
    if (status === 0) this.requestBody = null;
    return status;
  }

  onRequestTrailers(trailers: HeaderMap): boolean {
    this.requestTrailers = trailers;
    const go = this.#trailersResult("request", "proxy_on_request_trailers", trailers.length);
    if (go) this.requestTrailers = null;
    return go;
  }

  onResponseHeaders(headers: HeaderMap, endStream: boolean): Iteration {
    if (!this.created && !this.#dead) return Iteration.Run;
    this.responseHeaders = headers;
    const iteration = this.#headersResult("response", "proxy_on_response_headers", headers.length, endStream);
    if (iteration === Iteration.Run) this.responseHeaders = null;
    return iteration;
  }

  onResponseBody(data: ByteBuffer, endStream: boolean): number {
    if (!this.created && !this.#dead) return 0;
    this.responseBody = data;
    const status = this.#bodyResult("response", "proxy_on_response_body", data, endStream);
    if (status === 0) this.responseBody = null;
    return status;
  }

  onResponseTrailers(trailers: HeaderMap): boolean {
    if (!this.created && !this.#dead) return true;
    this.responseTrailers = trailers;
    const go = this.#trailersResult("response", "proxy_on_response_trailers", trailers.length);
    if (go) this.responseTrailers = null;
    return go;
  }

  /** The stream is over. A stream whose headers never came gets its context only now. */
  onLog(): void {
    if (this.#dead) return;
    if (!this.created) this.create();
    this.phase = "log";
    this.call("proxy_on_log", 0);
    this.phase = "idle";
  }

  /** The last callbacks. */
  onDestroy(): void {
    const { vm } = this.plugin.envoyVm;
    if (this.created && !this.#dead) {
      this.phase = "done";
      this.call("proxy_on_done", 1);
      this.phase = "delete";
      this.call("proxy_on_delete", 0);
    }
    vm.contexts.delete(this.id);
  }

  get #dead(): boolean {
    return this.plugin.envoyVm.vm.trap !== null;
  }

  #headersResult(
    phase: "request" | "response",
    callback: string,
    count: number,
    endStream: boolean,
  ): Iteration {
    const result = this.#run(phase, callback, count, endStream);
    if (this.#dead) return this.#fail();
    switch (result) {
      case FilterHeadersStatus.Continue:
      case FilterHeadersStatus.ContinueAndEndStream:
        return Iteration.Run;
      case FilterHeadersStatus.StopIteration:
        return this.plugin.config.allowOnHeadersStopIteration
          ? Iteration.StopSingle
          : Iteration.StopAllWatermark;
      case FilterHeadersStatus.StopAllIterationAndBuffer:
        return Iteration.StopAllBuffer;
      default:
        return Iteration.StopAllWatermark;
    }
  }

  #bodyResult(phase: "request" | "response", callback: string, data: ByteBuffer, endStream: boolean): number {
    const result = this.#run(phase, callback, data.length, endStream);
    if (this.#dead) return this.#fail();
    return result < 0 || result > 3 ? 3 : result;
  }

  #trailersResult(phase: "request" | "response", callback: string, count: number): boolean {
    const result = this.#run(phase, callback, count, false);
    return this.#dead ? this.#fail() === Iteration.Run : result === 0;
  }

  #run(phase: "request" | "response", callback: string, size: number, endStream: boolean): number {
    if (this.#dead) return 0;
    this.phase = phase;
    this.#endOfStream = endStream;
    const result = this.call(callback, 0, size, endStream ? 1 : 0);
    this.phase = "idle";
    return result;
  }

  /** The VM has trapped: an empty 503, unless it was sent before or the deprecated option lets everything pass. */
  #fail(): 0 {
    if (this.plugin.config.failurePolicy !== "FAIL_OPEN_LEGACY" && !this.#localReplySent) {
      this.#localReplySent = true;
      this.httpStream.sendLocalReply({
        status: 503,
        body: Buffer.alloc(0),
        headers: [],
        grpcStatus: 14,
        details: "wasm_fail_stream",
      });
    }
    return Iteration.Run;
  }

  override continueStream(type: number): number {
    const stream = this.httpStream;
    if (type === 2) return Status.Ok;
    if (type === 3) return Status.Unimplemented;
    if (type > 3) return Status.BadArgument;
    if (type === 1 && stream.response.headers === null) {
      throw new HostError(
        "resume-response-not-paused",
        `proxy_continue_stream(1) was called on stream ${this.id}, whose response has not arrived (C5); Envoy crashes with SIGSEGV. ` +
          "Resume a response only after on_response_headers or on_response_body has stopped it",
      );
    }
    const direction = type === 0 ? stream.request : stream.response;
    this.plugin.envoyVm.vm.afterCall(() => direction.resume(this));
    this.requestHeaders = null;
    this.requestBody = null;
    this.requestTrailers = null;
    return Status.Ok;
  }

  override closeStream(type: number): number {
    if (type > 3) return Status.BadArgument;
    if (type > 1) return Status.Ok;
    if (this.#ending) {
      throw new HostError(
        "close-stream-after-end",
        `proxy_close_stream(${type}) was called in on_${this.phase} of stream ${this.id} (C4); Envoy crashes with SIGSEGV`,
      );
    }
    this.plugin.envoyVm.vm.afterCall(() => this.httpStream.reset("wasm_close_stream"));
    return Status.Ok;
  }

  override sendLocalResponse(response: LocalResponseArguments): number {
    const { services, envoyVm } = this.plugin;
    if (this.#ending) {
      throw new HostError(
        "local-response-after-end",
        `proxy_send_local_response was called in on_${this.phase} of stream ${this.id} (C2, C3); Envoy crashes with SIGSEGV. The stream is over: nothing can be sent any more`,
      );
    }
    if (this.phase === "create") {
      services.misuse(
        "no-stream",
        `proxy_send_local_response was called in on_context_create of stream ${this.id}; Envoy answers Ok and sends nothing`,
      );
      return Status.Ok;
    }
    const headers = response.headers ?? [];
    if (response.headers === null) {
      services.misuse(
        "header-pairs",
        "the headers of a local response do not parse, or are more than 1 MiB or 1024 pairs; Envoy sends the response without them",
      );
    }
    // Envoy replaces white space in details, because access logs are split at it.
    const details = response.details.replace(/[ \t\n\v\f\r]/g, "_");
    if (this.#pendingDetails === null) {
      const { statusCode: status, grpcStatus } = response;
      const body = Buffer.from(response.body);
      envoyVm.vm.afterCall(() => {
        const lastDetails = this.#pendingDetails ?? details;
        this.#pendingDetails = null;
        if (this.#localReplySent) return;
        this.#localReplySent = true;
        this.httpStream.sendLocalReply({ status, body, headers, grpcStatus, details: lastDetails });
      });
    }
    this.#pendingDetails = details;
    return Status.Ok;
  }

  get #ending(): boolean {
    return this.phase === "log" || this.phase === "done" || this.phase === "delete";
  }

  protected override buffer(type: number): ByteBuffer | null {
    if (type === BufferType.HttpRequestBody) return this.requestBody;
    return type === BufferType.HttpResponseBody ? this.responseBody : null;
  }

  protected override readableMap(type: number): HeaderMap | null {
    if (this.phase === "log") return this.httpStream.loggedMap(type);
    switch (type) {
      case MapType.HttpRequestHeaders:
        return this.requestHeaders;
      case MapType.HttpRequestTrailers:
        return this.requestTrailers;
      case MapType.HttpResponseHeaders:
        return this.responseHeaders;
      case MapType.HttpResponseTrailers:
        return this.responseTrailers;
      default:
        return null;
    }
  }

  protected override missingMap(type: number): number {
    return this.phase === "log" && type >= 0 && type <= 3 ? Status.NotFound : Status.BadArgument;
  }

  override addHeaderMapValue(type: number, name: ByteString, value: ByteString): number {
    const map = this.#writableMap(type, name);
    map?.add(name, value);
    return map === null ? Status.BadArgument : Status.Ok;
  }

  override replaceHeaderMapValue(type: number, name: ByteString, value: ByteString): number {
    const map = this.#writableMap(type, name);
    map?.set(name, value);
    return map === null ? Status.BadArgument : Status.Ok;
  }

  override removeHeaderMapValue(type: number, name: ByteString): number {
    const map = this.#writableMap(type, name);
    map?.remove(name);
    return map === null ? Status.BadArgument : Status.Ok;
  }

  override setHeaderMapPairs(type: number, pairs: GuestPairs): number {
    const map = this.#writableMap(type, "all of them");
    if (map === null) return Status.BadArgument;
    if (pairs === null) {
      this.plugin.services.misuse(
        "header-pairs",
        "the list given to proxy_set_header_map_pairs does not parse, or is more than 1 MiB or 1024 pairs (C11); Envoy answers Ok and clears the whole map",
      );
    }
    map.setAll(pairs ?? []);
    return Status.Ok;
  }

  /** The map if the guest may change it now. Trailers come into being when they are written while the last part of the body passes. */
  #writableMap(type: number, name: ByteString): HeaderMap | null {
    if (type < 0 || type > 3) return null;
    const stream = this.httpStream;
    const isRequest = type === MapType.HttpRequestHeaders || type === MapType.HttpRequestTrailers;
    const direction = isRequest ? stream.request : stream.response;
    const map = this.phase === "log" ? null : this.readableMap(type);
    const left =
      type === MapType.HttpRequestHeaders || type === MapType.HttpResponseHeaders
        ? direction.headersLeft
        : direction.ended;
    if (map !== null && !left) return map;
    if (map === null && this.#endOfStream && this.phase === (isRequest ? "request" : "response")) {
      if (type === MapType.HttpRequestTrailers && this.requestBody !== null)
        return (this.requestTrailers = stream.addTrailers("request"));
      if (type === MapType.HttpResponseTrailers && this.responseBody !== null)
        return (this.responseTrailers = stream.addTrailers("response"));
    }
    if (left) {
      const what = ["request headers", "request trailers", "response headers", "response trailers"][type]!;
      this.plugin.services.misuse(
        "late-header-write",
        `stream ${this.id} changed its ${what} (${toText(name)}) after they had left; Envoy ${map === null ? "answers BadArgument" : "answers Ok"} and the change is lost. Change them before their callback returns Continue`,
      );
    }
    return map;
  }
}
