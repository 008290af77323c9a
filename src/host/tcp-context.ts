// One filter of one TCP connection.
import { BufferType, Status } from "./statuses.ts";
import { Context } from "./context.ts";
import { dataOutsideCallback } from "./misuse.ts";
import type { ByteBuffer } from "./byte-buffer.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Plugin } from "./plugin.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** The context of a connection in one plugin. */
export class TcpContext extends Context {
  readonly #connection: TcpConnection;
  #downstreamData: ByteBuffer | null = null;
  #upstreamData: ByteBuffer | null = null;
  /** `on_upstream_data` is running. */
  #inUpstreamData = false;

  constructor(plugin: Plugin, connection: TcpConnection) {
    super(plugin);
    this.#connection = connection;
  }

  override get streamInfo(): TcpConnection {
    return this.#connection;
  }

  override create(): void {
    this.created = true;
    this.plugin.envoyVm.vm.contexts.set(this.id, this);
    this.call("proxy_on_context_create", 0, this.plugin.root.id);
  }

  /** True to go on. */
  onNewConnection(): boolean {
    if (!this.#dead) this.create();
    return this.#go(this.call("proxy_on_new_connection", 0));
  }

  /** True to go on. */
  onDownstreamData(data: ByteBuffer, endStream: boolean): boolean {
    this.#downstreamData = data;
    const go = this.#go(this.call("proxy_on_downstream_data", 0, data.length, endStream ? 1 : 0));
    if (go) this.#downstreamData = null;
    return go;
  }

  /** True to go on. The end of the upstream's data is also reported as the close of its connection. */
  onUpstreamData(data: ByteBuffer, endStream: boolean): boolean {
    this.#upstreamData = data;
    this.#inUpstreamData = true;
    const go = this.#go(this.call("proxy_on_upstream_data", 0, data.length, endStream ? 1 : 0));
    this.#inUpstreamData = false;
    if (go) this.#upstreamData = null;
    if (endStream) this.call("proxy_on_upstream_connection_close", 0, 0);
    return go;
  }

  onDownstreamConnectionClose(peer: number): void {
    if (this.created) this.call("proxy_on_downstream_connection_close", 0, peer);
  }

  onDone(): void {
    if (this.created) this.call("proxy_on_done", 1);
  }

  onLog(): void {
    if (this.created) this.call("proxy_on_log", 0);
  }

  onDelete(): void {
    if (this.created) this.call("proxy_on_delete", 0);
    this.plugin.envoyVm.vm.contexts.delete(this.id);
  }

  get #dead(): boolean {
    return this.plugin.envoyVm.vm.trap !== null;
  }

  /** Everything but Continue stops. A dead VM closes the connection. */
  #go(status: number): boolean {
    if (!this.#dead) return status === 0;
    if (this.plugin.config.failurePolicy !== "FAIL_OPEN_LEGACY") this.#connection.close();
    return true;
  }

  override continueStream(type: number): number {
    if (type === 3) return Status.Unimplemented;
    if (type > 3) return Status.BadArgument;
    if (type === 2) this.plugin.envoyVm.vm.afterCall(() => this.#connection.resume(this));
    return Status.Ok;
  }

  override closeStream(type: number): number {
    if (type > 3) return Status.BadArgument;
    if (type >= 2) this.plugin.envoyVm.vm.afterCall(() => this.#connection.close());
    return Status.Ok;
  }

  override sendLocalResponse(): number {
    this.plugin.services.misuse(
      "no-stream",
      `proxy_send_local_response was called on TCP context ${this.id}; Envoy answers Ok and does nothing. Close the connection with proxy_close_stream(2) instead`,
    );
    return Status.Ok;
  }

  protected override buffer(type: number): ByteBuffer | null {
    if (type === BufferType.DownstreamData) return this.#downstreamData;
    if (type !== BufferType.UpstreamData || this.#upstreamData === null) return null;
    if (!this.#inUpstreamData) throw dataOutsideCallback(this.id);
    return this.#upstreamData;
  }

  protected override readableMap(): HeaderMap | null {
    return null;
  }

  protected override writableMap(): null {
    return null;
  }

  protected override missingMap(): number {
    return Status.BadArgument;
  }
}
