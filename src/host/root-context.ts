// The root context of a plugin: start, ticks, queues, callouts and the end.
import { BufferType, MapType, Status } from "./statuses.ts";
import { Context } from "./context.ts";
import { GrpcCallouts } from "./grpc-callouts.ts";
import { HttpCallouts } from "./http-callouts.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";
import type { HeaderMap } from "./header-map.ts";
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
  readonly http = new HttpCallouts(this);
  readonly grpc = new GrpcCallouts(this);
  /** Last status of a callout: code and message. */
  status: { code: number; message: ByteString } = { code: 0, message: "" };
  /** The plugin configuration can be read. */
  configuring = false;
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

  /** Calls a callback about a callout, with the root as its context. */
  deliver(callback: string, token: number, a: number, b = 0, c = 0): void {
    this.call(callback, 0, token, a, b, c);
  }

  /** Maps of callouts; null while there is none. */
  calloutMap(type: number): HeaderMap | null {
    switch (type) {
      case MapType.GrpcReceiveInitialMetadata:
        return this.grpcInitialMetadata;
      case MapType.GrpcReceiveTrailingMetadata:
        return this.grpcTrailingMetadata;
      case MapType.HttpCallResponseHeaders:
        return this.http.response?.headers ?? null;
      case MapType.HttpCallResponseTrailers:
        return this.http.response?.trailers.length === 0 ? null : (this.http.response?.trailers ?? null);
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

  override sendLocalResponse(): number {
    this.#noStream("proxy_send_local_response");
    return Status.Ok;
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

  protected override writableMap(): null {
    return null;
  }

  protected override missingMap(type: number): number {
    return this.#logged !== null && type <= 3 ? Status.NotFound : Status.BadArgument;
  }
}
