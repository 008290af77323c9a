// The root context of a plugin: start, ticks, queues, callouts and the end.
import { BufferType, MapType, Status } from "./statuses.ts";
import { Context } from "./context.ts";
import { GrpcCallouts } from "./grpc-callouts.ts";
import { HeaderMap } from "./header-map.ts";
import { HttpCallout } from "./http-callout.ts";
import { HostError } from "./errors.ts";
import { toText } from "./byte-string.ts";
import type { Answer, HttpCallArguments, LocalResponseArguments } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { CalloutResponse } from "./http-callout.ts";
import type { HttpStream } from "./http-stream.ts";
import type { Plugin } from "./plugin.ts";
import type { StreamInfo } from "./stream-info.ts";
import type { Timer } from "./clock.ts";

/** The stats buffer announces this many bytes in Envoy, whatever it holds (C12). */
export const BOGUS_STATS_SIZE = 415_097_824;
/** Nobody needs more of it at once. */
const MAX_STATS_SLICE = 16 * 1024 * 1024;

/** One plugin's root context. Answers of callouts always come here, also for calls that a stream made. */
export class RootContext extends Context {
  readonly grpc = new GrpcCallouts(this);
  /** Last status of a callout: code and message. */
  status: { code: number; message: ByteString } = { code: 0, message: "" };
  /** The plugin configuration can be read. */
  configuring = false;
  /** Answer of the HTTP callout that is being delivered. */
  calloutResponse: CalloutResponse | null = null;
  /** Message of the gRPC callout that is being delivered. */
  grpcMessage: Buffer | null = null;
  grpcInitialMetadata: HeaderMap | null = null;
  grpcTrailingMetadata: HeaderMap | null = null;
  /** Content of the stats buffer during `envoy_on_stats_update`. */
  callData: Buffer | null = null;
  /** The stream that an access logger is told about. */
  #logged: StreamInfo | null = null;
  #tickPeriod = 0;
  #timer: Timer | null = null;
  /** on_done returned 0, so proxy_done is awaited. */
  #pendingDone = false;

  constructor(plugin: Plugin) {
    super(plugin);
    plugin.envoyVm.vm.contexts.set(this.id, this);
  }

  override get streamInfo(): StreamInfo | null {
    return this.#logged;
  }

  override get httpStream(): HttpStream | null {
    return this.#logged?.httpStream ?? null;
  }

  override create(): void {
    this.created = true;
    this.#configured(() => this.call("proxy_on_context_create", 0, 0));
  }

  /** False if the guest refused or trapped. */
  onVmStart(): boolean {
    const answer = this.call("proxy_on_vm_start", 1, this.plugin.config.vmConfiguration.length);
    return answer !== 0 && this.plugin.envoyVm.vm.trap === null;
  }

  /** False if the guest refused or trapped. */
  onConfigure(): boolean {
    const answer = this.#configured(() =>
      this.call("proxy_on_configure", 1, this.plugin.config.configuration.length),
    );
    return answer !== 0 && this.plugin.envoyVm.vm.trap === null;
  }

  onQueueReady(token: number): void {
    this.call("proxy_on_queue_ready", 0, token);
  }

  /** Starts, changes or (with 0) stops the one timer of this root. */
  arm(milliseconds: number): void {
    const { clock } = this.plugin.services;
    this.#tickPeriod = milliseconds;
    clock.cancel(this.#timer);
    this.#timer = milliseconds === 0 ? null : clock.schedule(milliseconds, () => this.#tick());
  }

  /** A tick is due some time. */
  get armed(): boolean {
    return this.#timer !== null && this.plugin.envoyVm.vm.trap === null;
  }

  #tick(): void {
    this.#timer = null;
    if (this.plugin.envoyVm.vm.trap !== null) return;
    this.call("proxy_on_tick", 0);
    if (this.#tickPeriod > 0 && this.#timer === null) this.arm(this.#tickPeriod);
  }

  dispatchHttpCall(call: HttpCallArguments): Answer<{ token: number }> {
    const { services, envoyVm } = this.plugin;
    const token = envoyVm.takeToken("http");
    if (call.headers === null || call.trailers === null) {
      services.misuse(
        "header-pairs",
        `the headers or trailers of a callout to ${toText(call.cluster)} do not parse, or are more than 1 MiB or 1024 pairs; Envoy takes them for none`,
      );
    }
    const state = services.options.clusterState(call.cluster);
    const headers = new HeaderMap("request-headers", call.headers ?? []);
    const complete = [":method", ":path", ":authority"].every((name) => headers.get(name) !== null);
    if (state === "unknown")
      services.log.add(
        1,
        `unknown cluster ${toText(call.cluster)} in a callout`,
        "host",
        0,
        "",
        this.plugin.worker,
      );
    if (state === "unknown" || !complete || call.timeoutMilliseconds >= 2 ** 31) return Status.BadArgument;
    if (state === "no-hosts") return Status.InternalFailure;
    if (headers.get(":scheme") === null) headers.set(":scheme", "http");
    if (call.body.length > 0) headers.set("content-length", String(call.body.length));
    headers.set("x-envoy-internal", "true");
    if (call.timeoutMilliseconds > 0)
      headers.set("x-envoy-expected-rq-timeout-ms", String(call.timeoutMilliseconds));
    const body = Buffer.from(call.body);
    const callout = new HttpCallout(
      this,
      token,
      call.cluster,
      headers.entries,
      body,
      call.trailers ?? [],
      call.timeoutMilliseconds,
    );
    services.httpCallouts.add(callout);
    services.post(() => services.options.onHttpCallout(callout));
    return { token };
  }

  /** Delivers the answer of a callout, or null for none. Status and maps are valid only meanwhile. */
  onHttpCallResponse(token: number, response: CalloutResponse | null): void {
    this.calloutResponse = response;
    this.status = response === null ? { code: Status.BrokenConnection, message: "reset" } : this.status;
    this.call(
      "proxy_on_http_call_response",
      0,
      token,
      response?.headers.length ?? 0,
      response?.body.length ?? 0,
      response?.trailers.length ?? 0,
    );
    this.calloutResponse = null;
    this.status = { code: this.status.code, message: "" };
  }

  /** An event of a gRPC callout: size, number of entries, or status. */
  deliverGrpc(callback: string, token: number, value: number): void {
    this.call(callback, 0, token, value);
  }

  /** Maps of callouts; null while there is none. */
  calloutMap(type: number): HeaderMap | null {
    switch (type) {
      case MapType.GrpcReceiveInitialMetadata:
        return this.grpcInitialMetadata;
      case MapType.GrpcReceiveTrailingMetadata:
        return this.grpcTrailingMetadata;
      case MapType.HttpCallResponseHeaders:
        return this.calloutResponse?.headers ?? null;
      case MapType.HttpCallResponseTrailers:
        return this.calloutResponse?.trailers.length === 0 ? null : (this.calloutResponse?.trailers ?? null);
      default:
        return null;
    }
  }

  /** Tells an access logger about a finished stream. */
  onLog(stream: StreamInfo): void {
    this.#logged = stream;
    this.call("proxy_on_log", 0);
    this.#logged = null;
  }

  /** Delivers stats; see {@link BOGUS_STATS_SIZE}. */
  onStatsUpdate(data: Buffer): void {
    this.callData = data;
    this.call("envoy_on_stats_update", 0, BOGUS_STATS_SIZE);
    this.callData = null;
  }

  /** Ends the root as on SIGTERM: done, and delete unless the guest wants to finish first. */
  shutDown(): void {
    this.arm(0);
    if (this.call("proxy_on_done", 1) === 0) this.#pendingDone = true;
    else this.call("proxy_on_delete", 0);
  }

  /** `proxy_done`: Ok only while the root is asked to end. */
  finishPending(): number {
    if (!this.#pendingDone) return Status.NotFound;
    this.#pendingDone = false;
    this.plugin.envoyVm.vm.afterCall(() => this.call("proxy_on_delete", 0));
    return Status.Ok;
  }

  override getBufferBytes(type: number, start: number, length: number): Answer<Uint8Array> {
    if (type === BufferType.CallData && length > MAX_STATS_SLICE) {
      this.plugin.services.misuse(
        "stats-buffer",
        `the guest asked for ${length} bytes of the stats buffer at once (C12); Envoy announces hundreds of MB whatever the buffer holds, and the guest would allocate them. Read it in bounded slices`,
      );
    }
    return super.getBufferBytes(type, start, length);
  }

  override setProperty(): number {
    return Status.NotFound;
  }

  override continueStream(type: number): number {
    this.#noStream("proxy_continue_stream");
    return type === 3 ? Status.Unimplemented : type > 3 ? Status.BadArgument : Status.Ok;
  }

  override closeStream(type: number): number {
    this.#noStream("proxy_close_stream");
    return type > 3 ? Status.BadArgument : Status.Ok;
  }

  override sendLocalResponse(_response: LocalResponseArguments): number {
    this.#noStream("proxy_send_local_response");
    return Status.Ok;
  }

  override resolveDns(): Answer<{ token: number }> {
    throw new HostError(
      "unsupported",
      "the guest called envoy_resolve_dns, which this host does not emulate",
    );
  }

  #noStream(hostFunction: string): void {
    this.plugin.services.misuse(
      "no-stream",
      `${hostFunction} was called on root context ${this.id}; Envoy answers Ok and does nothing, and a stream that waits for it hangs. ` +
        "Call proxy_set_effective_context with the id of the stream first; if that is refused, the stream is gone",
    );
  }

  #configured<T>(call: () => T): T {
    this.configuring = true;
    try {
      return call();
    } finally {
      this.configuring = false;
    }
  }

  protected override buffer(): null {
    return null;
  }

  protected override readableMap(type: number): HeaderMap | null {
    return this.#logged?.loggedMap(type) ?? null;
  }

  protected override missingMap(type: number): number {
    return this.#logged !== null && type <= 3 ? Status.NotFound : Status.BadArgument;
  }
}
