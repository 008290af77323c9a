// TcpContext: one TCP connection through the proxy, as a network filter sees it.
// @ts-nocheck: callbacks to override have parameters that nothing here reads, which a strict project would be told.
import { BufferType, FilterStatus, PeerType, Status, StreamType } from "./abi/types";
import { callbackNumber, Phase } from "./active-context";
import { Buffer } from "./buffer";
import { StreamContext } from "./context";
import { Flow, REQUEST, RESPONSE } from "./flow";
import * as hostcalls from "./hostcalls";
import { Message, refuse } from "./line";

/**
 * One TCP connection. Subclass it, override the callbacks you need, and register the class with
 * {@link registerTcpContext}. Order in Envoy: new connection, data both ways, upstream close, downstream close,
 * `onDone`, `onLog`, `onDelete`. After `onNewConnection` and the first data nothing is sure to come but the last three.
 * Spec: Proxy-Wasm v0.2.1, TCP streams.
 */
export abstract class TcpContext extends StreamContext {
  /** What the client has sent, in `onDownstreamData` and only there. What is put into it goes to the upstream. */
  get downstreamData(): Buffer {
    return Buffer.of(BufferType.DownstreamData);
  }

  /** What the upstream has sent, in `onUpstreamData` and only there. What is put into it goes to the client. */
  get upstreamData(): Buffer {
    return Buffer.of(BufferType.UpstreamData);
  }

  /**
   * A client has connected. With {@link FilterStatus.StopIteration} the proxy neither reads from the client nor
   * connects to the upstream until {@link resumeDownstream}. Spec: `proxy_on_new_connection`.
   */
  onNewConnection(): FilterStatus {
    return FilterStatus.Continue;
  }

  /**
   * Bytes have come from the client: as many as the network gave, plus what was held before. With `endOfStream` the
   * client sends no more; that may come with `dataSize` 0. {@link FilterStatus.StopIteration} holds all of it: until
   * more comes, which is then shown together with it, or until {@link resumeDownstream}.
   * Spec: `proxy_on_downstream_data`.
   */
  onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    return FilterStatus.Continue;
  }

  /**
   * Bytes have come from the upstream; as {@link onDownstreamData}. Envoy cannot be told to let go what is held here:
   * it goes on when more has come and this answers `Continue`. Spec: `proxy_on_upstream_data`.
   */
  onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    return FilterStatus.Continue;
  }

  /** The client's side was closed, by `peer`. Spec: `proxy_on_downstream_connection_close`. */
  onDownstreamConnectionClose(peer: PeerType): void {}

  /** The upstream's side was closed; Envoy does not tell by whom. Spec: `proxy_on_upstream_connection_close`. */
  onUpstreamConnectionClose(peer: PeerType): void {}

  /**
   * Lets held data of the client go on, or a connection that was held when it was new, from any callback of this
   * module. In `onNewConnection` and `onDownstreamData` of this connection that callback's answer becomes Continue.
   * Refused when nothing is held. Spec: `proxy_continue_stream`.
   */
  resumeDownstream(): Status {
    return this.letGo(
      "resumeDownstream",
      StreamType.Downstream,
      REQUEST,
      this.inside(Phase.NewConnection, Phase.DownstreamData),
    );
  }

  /**
   * Lets held data of the upstream go on; as {@link resumeDownstream}. Envoy can do so only in `onUpstreamData`
   * itself: from elsewhere it answers {@link Status.Unimplemented}, and the log says so.
   */
  resumeUpstream(): Status {
    return this.letGo(
      "resumeUpstream",
      StreamType.Upstream,
      RESPONSE,
      this.inside(Phase.UpstreamData, Phase.UpstreamData),
    );
  }

  /**
   * Closes the client's connection, and with it the upstream's; data that was let go is delivered first. In a callback of
   * this connection that callback's answer becomes StopIteration. Refused from `onDone` on.
   * Spec: `proxy_close_stream`.
   */
  closeDownstream(): Status {
    return this.close("closeDownstream", StreamType.Downstream);
  }

  /** Closes the upstream's connection; in Envoy that is the same as {@link closeDownstream}. */
  closeUpstream(): Status {
    return this.close("closeUpstream", StreamType.Upstream);
  }

  /** As `resume` of other streams, for a direction of TCP; `inside` says whether its own callback is running. */
  private letGo(call: Message, type: StreamType, shift: u32, inside: bool): Status {
    if (!this.reach(call)) return Status.BadArgument;
    const paused = (<u32>Flow.Paused) << shift;
    let status: Status = Status.Ok;
    if (inside) {
      this.__flow |= (<u32>Flow.ResumeAsked) << shift;
    } else if (!(this.__flow & paused)) {
      status = refuse(call, "nothing is held: no callback of that direction has stopped it");
    } else {
      status = hostcalls.continueStream(type);
      if (status == Status.Ok) {
        this.__flow &= ~paused;
        this.__resumedIn = callbackNumber;
      } else {
        refuse(call, "the proxy has no way to resume this direction");
      }
    }
    this.restore();
    return status;
  }
}
