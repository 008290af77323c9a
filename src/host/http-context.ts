// One filter of one HTTP stream: what the guest may read and write in each of its callbacks.
import { Context } from "./context.ts";
import { MapType, Status } from "./statuses.ts";
import { HttpActions } from "./http-actions.ts";
import { HttpParts } from "./http-parts.ts";
import { Iteration } from "./http-direction.ts";
import { dataStatus, headersIteration } from "./filter-status.ts";
import * as misuse from "./misuse.ts";
import { toText } from "./byte-string.ts";
import type { LocalResponseArguments } from "./hostcalls.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { ByteString } from "./byte-string.ts";
import type { EndPhase } from "./http-actions.ts";
import type { HeaderMap } from "./header-map.ts";
import type { HttpStream } from "./http-stream.ts";
import type { Plugin } from "./plugin.ts";

type Phase = "idle" | "create" | "request" | "response" | "log" | "done" | "delete";

/** The context of an HTTP stream in one plugin. */
export class HttpContext extends Context {
  readonly #stream: HttpStream;
  readonly #parts = new HttpParts();
  readonly #actions = new HttpActions(this);
  #phase: Phase = "idle";
  #endOfStream = false;
  /** A filter of the cluster. */
  readonly #upstream: boolean;

  constructor(plugin: Plugin, stream: HttpStream, upstream: boolean) {
    super(plugin);
    this.#stream = stream;
    this.#upstream = upstream;
  }

  override get httpStream(): HttpStream {
    return this.#stream;
  }

  override get streamInfo(): HttpStream {
    return this.#stream;
  }

  override create(): void {
    this.created = true;
    this.#phase = "create";
    this.plugin.envoyVm.vm.contexts.set(this.id, this);
    this.call("proxy_on_context_create", 0, this.plugin.root.id);
    this.#phase = "idle";
  }

  onRequestHeaders(headers: HeaderMap, endStream: boolean): Iteration {
    if (this.#dead) return this.#fail();
    this.create();
    this.#parts.request.headers = headers;
    const iteration = this.#headersResult("request", "proxy_on_request_headers", headers.length, endStream);
    if (iteration === Iteration.Run) this.#parts.request.headers = null;
    return iteration;
  }

  onRequestBody(data: ByteBuffer, endStream: boolean): number {
    this.#parts.request.showBody(data);
    const status = this.#bodyResult("request", "proxy_on_request_body", data, endStream);
    this.#parts.request.leaveBody(status);
    return status;
  }

  onRequestTrailers(trailers: HeaderMap): boolean {
    this.#parts.request.trailers = trailers;
    const go = this.#trailersResult("request", "proxy_on_request_trailers", trailers.length);
    if (go) this.#parts.request.trailers = null;
    return go;
  }

  onResponseHeaders(headers: HeaderMap, endStream: boolean): Iteration {
    if (this.#isPassedBy) return Iteration.Run;
    this.#parts.response.headers = headers;
    const iteration = this.#headersResult("response", "proxy_on_response_headers", headers.length, endStream);
    if (iteration === Iteration.Run) this.#parts.response.headers = null;
    return iteration;
  }

  onResponseBody(data: ByteBuffer, endStream: boolean): number {
    if (this.#isPassedBy) return 0;
    this.#parts.response.showBody(data);
    const status = this.#bodyResult("response", "proxy_on_response_body", data, endStream);
    this.#parts.response.leaveBody(status);
    return status;
  }

  onResponseTrailers(trailers: HeaderMap): boolean {
    if (this.#isPassedBy) return true;
    this.#parts.response.trailers = trailers;
    const go = this.#trailersResult("response", "proxy_on_response_trailers", trailers.length);
    if (go) this.#parts.response.trailers = null;
    return go;
  }

  /** The stream is over. A stream whose headers never came gets its context only now. */
  onLog(): void {
    if (this.#dead || this.#upstream) return;
    if (!this.created) this.create();
    this.#phase = "log";
    this.call("proxy_on_log", 0);
    this.#phase = "idle";
  }

  /** The last callbacks. */
  onDestroy(): void {
    const { vm } = this.plugin.envoyVm;
    if (this.created && !this.#dead) {
      this.#phase = "done";
      this.call("proxy_on_done", 1);
      this.#phase = "delete";
      this.call("proxy_on_delete", 0);
    }
    vm.contexts.delete(this.id);
  }

  /** The response is none of its: the request has not come here, or it is the proxy's own and this is a cluster's filter. */
  get #isPassedBy(): boolean {
    if (this.#upstream && this.#stream.locallyReplied) return true;
    return !this.created && !this.#dead;
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
    const replies = this.#actions.takeEarlyReply() ? 0 : this.#actions.localReplies;
    const result = this.#run(phase, callback, count, endStream);
    if (this.#dead) return this.#fail();
    if (this.#actions.localReplies !== replies) return Iteration.StopAllWatermark;
    return headersIteration(result, this.plugin.config.allowOnHeadersStopIteration);
  }

  #bodyResult(phase: "request" | "response", callback: string, data: ByteBuffer, endStream: boolean): number {
    const result = this.#run(phase, callback, data.length, endStream);
    if (this.#dead) return this.#fail();
    return dataStatus(result);
  }

  #trailersResult(phase: "request" | "response", callback: string, count: number): boolean {
    const result = this.#run(phase, callback, count, false);
    return this.#dead ? this.#fail() === Iteration.Run : result === 0;
  }

  #run(phase: "request" | "response", callback: string, size: number, endStream: boolean): number {
    if (this.#dead) return 0;
    this.#phase = phase;
    this.#endOfStream = endStream;
    const result = this.call(callback, 0, size, endStream ? 1 : 0);
    this.#phase = "idle";
    return result;
  }

  #fail(): 0 {
    this.#actions.fail();
    return Iteration.Run;
  }

  override continueStream(type: number): number {
    if (type === 2) return Status.Ok;
    if (type === 3) return Status.Unimplemented;
    if (type > 3) return Status.BadArgument;
    const status = this.#actions.resume(type === 0 ? "request" : "response");
    this.#parts.dropRequest();
    return status;
  }

  override closeStream(type: number): number {
    if (type > 3) return Status.BadArgument;
    return type > 1 ? Status.Ok : this.#actions.close(type, this.#ending);
  }

  override sendLocalResponse(response: LocalResponseArguments): number {
    return this.#actions.reply(response, this.#phase === "create" ? "create" : this.#ending);
  }

  get #ending(): EndPhase | null {
    const phase = this.#phase;
    return phase === "log" || phase === "done" || phase === "delete" ? phase : null;
  }

  protected override buffer(type: number): ByteBuffer | null {
    const message = type === 0 ? "request" : "response";
    if (type < 2 && this.#parts[message].bodyDangles) throw misuse.bodyOutsideCallback(this.id, message);
    return this.#parts.body(type);
  }

  protected override readableMap(type: number): HeaderMap | null {
    return this.#phase === "log" ? this.httpStream.loggedMap(type) : this.#parts.map(type);
  }

  protected override missingMap(type: number): number {
    return this.#phase === "log" && type >= 0 && type <= 3 ? Status.NotFound : Status.BadArgument;
  }

  /** Trailers come into being when they are written while the last part of the body passes. */
  protected override writableMap(type: number, name: ByteString): HeaderMap | null {
    if (type < 0 || type > 3) return null;
    const message = type < MapType.HttpResponseHeaders ? "request" : "response";
    const isHeaders = type === MapType.HttpRequestHeaders || type === MapType.HttpResponseHeaders;
    if (this.#ending !== null && this.#parts.map(type) !== null)
      throw misuse.headersAfterEnd(this.id, this.#ending, `${message} ${isHeaders ? "headers" : "trailers"}`);
    const direction = this.httpStream[message];
    const map = this.#phase === "log" ? null : this.readableMap(type);
    if (type === MapType.HttpRequestHeaders && map !== null && this.#phase === "response")
      this.plugin.services.misuse(
        "request-header-in-response",
        misuse.requestHeaderInResponse(this.id, toText(name)),
      );
    const left = isHeaders ? direction.headersLeft : direction.ended;
    if (map !== null && !left) return map;
    const parts = this.#parts[message];
    if (map === null && !isHeaders && parts.body !== null && this.#endOfStream && this.#phase === message) {
      return (parts.trailers = this.httpStream.addTrailers(message));
    }
    if (left) {
      const what = `${message} ${isHeaders ? "headers" : "trailers"}`;
      const answer = map === null ? "BadArgument" : "Ok";
      this.plugin.services.misuse(
        "late-header-write",
        misuse.writtenLate(this.id, what, toText(name), answer),
      );
    }
    return map;
  }
}
