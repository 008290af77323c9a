// One TCP connection, driven step by step.
import { asBuffer } from "../host/byte-string.ts";
import { HostError } from "../host/errors.ts";
import type { ConnectionEnds, TcpConnection } from "../host/tcp-connection.ts";
import type { LogEntry } from "../host/log-book.ts";
import type { PropertyTree } from "../host/property-tree.ts";
import type { PropertyValue } from "../host/property-values.ts";
import type { StreamHost } from "./stream.ts";

/** What a connection can be given. */
export interface ConnectionInput {
  /** Worker that serves it, from 0. Default: 0. */
  readonly worker?: number;
  /** Properties of this connection, over those of the host. */
  readonly properties?: Readonly<Record<string, PropertyValue>>;
}

/** What one step on a connection brought about. */
export interface TcpStep {
  /** Bytes that passed the filters in this step: to the upstream for the client's data, to the client for the upstream's. */
  readonly forwarded: Buffer;
  /** The end of the data passed too. */
  readonly endStream: boolean;
  /** A filter holds this direction. */
  readonly paused: boolean;
  /** The connection is over: done, log and delete have run. */
  readonly finished: boolean;
  readonly logs: readonly LogEntry[];
}

/** The two ends of a connection as arrays. */
export class ConnectionRecorder implements ConnectionEnds {
  connected = false;
  closedByProxy = false;
  readonly toUpstream = { chunks: [] as Buffer[], ended: false };
  readonly toClient = { chunks: [] as Buffer[], ended: false };

  connectUpstream(): void {
    this.connected = true;
  }
  upstreamData(data: Buffer, endStream: boolean): void {
    this.toUpstream.chunks.push(data);
    this.toUpstream.ended ||= endStream;
  }
  downstreamData(data: Buffer, endStream: boolean): void {
    this.toClient.chunks.push(data);
    this.toClient.ended ||= endStream;
  }
  closed(): void {
    this.closedByProxy = true;
  }
}

/** A connection whose events are the test's to send. */
export class TestConnection {
  readonly #host: StreamHost;
  readonly #connection: TcpConnection;
  readonly #recorder: ConnectionRecorder;

  /** @internal */
  constructor(host: StreamHost, connection: TcpConnection, recorder: ConnectionRecorder) {
    this.#host = host;
    this.#connection = connection;
    this.#recorder = recorder;
  }

  /** Ids of the connection's contexts, one a plugin. */
  get contextIds(): readonly number[] {
    return this.#connection.contexts.map((context) => context.id);
  }

  /** Properties of this connection, over those of the host. */
  get properties(): PropertyTree {
    return this.#connection.properties;
  }

  /** The filters let the proxy connect to the upstream. */
  get connected(): boolean {
    return this.#recorder.connected;
  }

  /** A filter closed the connection, or its VM died. */
  get closedByProxy(): boolean {
    return this.#recorder.closedByProxy;
  }

  /** The connection is over. */
  get finished(): boolean {
    return this.#connection.finished;
  }

  /** All that the upstream has received. */
  get upstream(): Buffer {
    return Buffer.concat(this.#recorder.toUpstream.chunks);
  }

  /** All that the client has received. */
  get client(): Buffer {
    return Buffer.concat(this.#recorder.toClient.chunks);
  }

  /** The client sends data; `endStream` half-closes. */
  downstreamData(data: string | Uint8Array, options: { endStream?: boolean } = {}): Promise<TcpStep> {
    return this.#step("downstream", () =>
      this.#connection.receive(Buffer.from(asBuffer(data)), options.endStream ?? false),
    );
  }

  /** The upstream sends data; with `endStream` it closes its side, which the guest also hears as on_upstream_connection_close. */
  upstreamData(data: string | Uint8Array, options: { endStream?: boolean } = {}): Promise<TcpStep> {
    if (!this.connected)
      throw new HostError(
        "wrong-phase",
        "upstreamData cannot happen now: a filter holds the connection, so there is no upstream",
      );
    return this.#step("upstream", () =>
      this.#connection.respond(Buffer.from(asBuffer(data)), options.endStream ?? false),
    );
  }

  /** The connection is closed: by the client (the default), or by the proxy. */
  close(by: "client" | "proxy" = "client"): Promise<TcpStep> {
    return this.#step("downstream", () =>
      by === "client" ? this.#connection.disconnect() : this.#connection.close(),
    );
  }

  async #step(which: "downstream" | "upstream", run: () => void): Promise<TcpStep> {
    const record = which === "downstream" ? this.#recorder.toUpstream : this.#recorder.toClient;
    const had = { chunks: record.chunks.length, ended: record.ended };
    const logged = this.#host.logEntries.length;
    if (this.finished) throw new HostError("wrong-phase", "the connection is over");
    this.#host.run(run);
    await this.#host.settle();
    return {
      forwarded: Buffer.concat(record.chunks.slice(had.chunks)),
      endStream: record.ended && !had.ended,
      paused: this.#connection.paused[which],
      finished: this.finished,
      logs: this.#host.logEntries.slice(logged),
    };
  }
}
