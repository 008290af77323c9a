// One TCP connection through the network filters of a worker.
import { ByteBuffer } from "./byte-buffer.ts";
import { PeerType } from "./statuses.ts";
import { StreamInfo } from "./stream-info.ts";
import { TcpContext } from "./tcp-context.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Plugin } from "./plugin.ts";
import type { PropertyValue } from "./property-values.ts";
import type { Services } from "./services.ts";

/** The two ends of a connection: what leaves it is handed over here. */
export interface ConnectionEnds {
  /** The proxy connects to the upstream. */
  connectUpstream(): void;
  upstreamData(data: Buffer, endStream: boolean): void;
  downstreamData(data: Buffer, endStream: boolean): void;
  /** The proxy closed the connection. */
  closed(): void;
}

/** A connection from its first to its last callback. */
export class TcpConnection extends StreamInfo {
  /** The last callbacks have run, or are running. */
  finished = false;
  readonly #ends: ConnectionEnds;
  readonly #filters: readonly TcpContext[];
  readonly #accessLogs: readonly Plugin[];
  /** Filters that have been told of the connection. */
  #told = 0;
  #connected = false;
  /** Data from the client that filter `#heldAt` holds. */
  #downstream = new ByteBuffer();
  #downstreamEnded = false;
  #heldAt = -1;
  /** It does so since on_new_connection: Envoy then reads no data. */
  #heldFromStart = false;
  /** Data from the upstream that a filter holds. */
  #upstream = new ByteBuffer();
  #upstreamHeld = false;
  /** The end of the client's data has reached the upstream, and the other way round. */
  readonly #ended = { upstream: false, client: false };

  constructor(
    services: Services,
    filters: readonly Plugin[],
    accessLogs: readonly Plugin[],
    ends: ConnectionEnds,
    properties: Readonly<Record<string, PropertyValue>>,
  ) {
    super(services, properties);
    this.#ends = ends;
    this.#filters = filters.map((plugin) => new TcpContext(plugin, this));
    this.#accessLogs = accessLogs;
  }

  /** Contexts of the connection, in filter order. */
  get contexts(): readonly TcpContext[] {
    return this.#filters;
  }

  /** A filter holds data of the client, or of the upstream. */
  get paused(): { readonly downstream: boolean; readonly upstream: boolean } {
    return {
      downstream: !this.finished && this.#heldAt >= 0,
      upstream: !this.finished && this.#upstreamHeld,
    };
  }

  /** The client has connected. */
  begin(): void {
    this.#read(0);
  }

  /** Data of the client arrives. */
  receive(data: Buffer, endStream: boolean): void {
    this.#downstream.append(data);
    this.#downstreamEnded ||= endStream;
    if (!this.#heldFromStart) this.#read(0);
  }

  /** Data of the upstream arrives. Filters see it in reverse order, together with what they held. */
  respond(data: Buffer, endStream: boolean): void {
    this.#upstream.append(data);
    for (const filter of this.#filters.toReversed()) {
      this.#upstreamHeld = !filter.onUpstreamData(this.#upstream, endStream);
      if (this.finished || this.#upstreamHeld) return;
    }
    const { bytes } = this.#upstream;
    this.#upstream.clear();
    this.#ends.downstreamData(bytes, endStream);
    this.#ended.client ||= endStream;
    if (endStream && this.#ended.upstream) this.close();
  }

  /** A filter lets go of the client's data: the next filters get all of it. */
  resume(filter: TcpContext): void {
    const index = this.#filters.indexOf(filter);
    if (this.finished || index !== this.#heldAt) return;
    const from = this.#heldFromStart ? index : index + 1;
    this.#heldFromStart = false;
    this.#read(from);
  }

  /** The proxy closes the connection. */
  close(): void {
    if (this.finished) return;
    this.#ends.closed();
    this.#finish(PeerType.Local);
  }

  /** The client has closed the connection. */
  disconnect(): void {
    if (!this.finished) this.#finish(PeerType.Remote);
  }

  override loggedMap(): HeaderMap | null {
    return null;
  }

  /** Envoy's read loop: each filter first hears of the connection, then gets all data that is there. */
  #read(from: number): void {
    const data = this.#downstream;
    this.#heldAt = -1;
    for (let index = from; index < this.#filters.length; index++) {
      const filter = this.#filters[index]!;
      if (index >= this.#told) {
        this.#told = index + 1;
        if (!filter.onNewConnection()) {
          this.#heldAt = index;
          this.#heldFromStart = true;
          return;
        }
        if (this.finished) return;
      }
      if (data.length === 0 && !this.#downstreamEnded) continue;
      const go = filter.onDownstreamData(data, this.#downstreamEnded);
      if (this.finished) return;
      if (!go) {
        this.#heldAt = index;
        return;
      }
    }
    if (!this.#connected) {
      this.#connected = true;
      this.#ends.connectUpstream();
    }
    if (data.length === 0 && !this.#downstreamEnded) return;
    const { bytes } = data;
    data.clear();
    this.#ends.upstreamData(bytes, this.#downstreamEnded);
    this.#ended.upstream ||= this.#downstreamEnded;
    if (this.#ended.upstream && this.#ended.client) this.#finish(PeerType.Remote);
  }

  /** Unlike HTTP, done comes before log. */
  #finish(peer: number): void {
    this.finished = true;
    for (const filter of this.#filters) filter.onDownstreamConnectionClose(peer);
    for (const filter of this.#filters) filter.onDone();
    for (const filter of this.#filters) filter.onLog();
    for (const plugin of this.#accessLogs) plugin.root.onLog(this);
    for (const filter of this.#filters) filter.onDelete();
  }
}
