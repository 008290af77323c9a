// TcpContext: one TCP connection through the proxy, as a network filter sees it.
// @ts-nocheck: callbacks to override have parameters that nothing here reads, which a strict project would be told.
import { BufferType, FilterStatus, PeerType, Status, StreamType } from "./abi/types";
import { Buffer } from "./buffer";
import { StreamContext } from "./context";
import * as hostcalls from "./hostcalls";

/**
 * One TCP connection. Subclass it, override the callbacks you need, and register the class with
 * {@link registerTcpContext}. Order in Envoy: new connection, data both ways, upstream close, downstream close,
 * `onDone`, `onLog`, `onDelete`. Spec: Proxy-Wasm v0.2.1, TCP streams.
 */
export abstract class TcpContext extends StreamContext {
  /** What the client has sent, in `onDownstreamData`. */
  get downstreamData(): Buffer {
    return Buffer.of(BufferType.DownstreamData);
  }

  /** What the upstream has sent, in `onUpstreamData`. */
  get upstreamData(): Buffer {
    return Buffer.of(BufferType.UpstreamData);
  }

  /** A client has connected. Spec: `proxy_on_new_connection`. */
  onNewConnection(): FilterStatus {
    return FilterStatus.Continue;
  }

  /**
   * Bytes have come from the client: as many as the network gave, plus what was held before.
   * Spec: `proxy_on_downstream_data`.
   */
  onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    return FilterStatus.Continue;
  }

  /** Bytes have come from the upstream; as {@link onDownstreamData}. Spec: `proxy_on_upstream_data`. */
  onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    return FilterStatus.Continue;
  }

  /** The client's side was closed, by `peer`. Spec: `proxy_on_downstream_connection_close`. */
  onDownstreamConnectionClose(peer: PeerType): void {}

  /** The upstream's side was closed; Envoy does not tell by whom. Spec: `proxy_on_upstream_connection_close`. */
  onUpstreamConnectionClose(peer: PeerType): void {}

  /** Lets held data of the client go on. From inside one of its callbacks, return `Continue` instead. */
  resumeDownstream(): Status {
    if (!this.reach("resumeDownstream")) return Status.BadArgument;
    const status = hostcalls.continueStream(StreamType.Downstream);
    this.restore();
    return status;
  }

  /** Closes the client's connection. Refused from `onDone` on. Spec: `proxy_close_stream`. */
  closeDownstream(): Status {
    return this.close("closeDownstream", StreamType.Downstream);
  }

  /** Closes the upstream connection. Refused from `onDone` on. Spec: `proxy_close_stream`. */
  closeUpstream(): Status {
    return this.close("closeUpstream", StreamType.Upstream);
  }
}
