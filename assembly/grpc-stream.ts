// GrpcStream: a gRPC stream that is open, and the object that its events go to.
// @ts-nocheck: callbacks to override have parameters that nothing here reads, which a strict project would be told.
import { GrpcStatus, Status } from "./abi/types";
import { Buffer } from "./buffer";
import { reachContext, restoreContext } from "./callout";
import { GrpcRequest, madeCallId, makeCall } from "./grpc-request";
import { HeaderMap } from "./header-map";
import * as hostcalls from "./hostcalls";
import { Message, refuse } from "./line";
import { CallKind, CallTarget, findCall, takeCall } from "./pending-calls";

/**
 * Gets what comes on a gRPC stream; override what you need. In Envoy the order is: initial metadata, messages,
 * trailing metadata, close. A stream that was opened is closed exactly once, unless it was given up before
 * ({@link GrpcStream.cancel}, or the end of the context that opened it).
 */
export abstract class GrpcStreamHandler {
  /** Initial metadata has come, to read while this runs; none where no connection could be made. */
  onInitialMetadata(stream: GrpcStream, metadata: HeaderMap): void {}

  /** A message has come, to read while this runs: a serialized protobuf. */
  onMessage(stream: GrpcStream, message: Buffer): void {}

  /** Trailing metadata has come, to read while this runs. */
  onTrailingMetadata(stream: GrpcStream, metadata: HeaderMap): void {}

  /**
   * The stream has ended; nothing can be sent and nothing more comes. See {@link GrpcCallResponse.statusMessage} for
   * what `message` is.
   */
  onClose(stream: GrpcStream, status: GrpcStatus, message: string): void {}
}

/** A gRPC stream, with messages both ways. {@link BaseContext.grpcStream} opens one. */
@final
export class GrpcStream extends CallTarget {
  /** The host's number for the stream; 0 when it could not be opened. */
  streamId: u32 = 0;

  /** `Ok`, or why the stream could not be opened: then no event comes, and nothing can be sent. */
  status: Status = Status.Ok;

  private halfClosed: bool = false;

  /** @internal */
  constructor(
    private contextId: u32,
    request: GrpcRequest,
    /** @internal */
    readonly __handler: GrpcStreamHandler | null,
  ) {
    super();
    this.status = makeCall("grpcStream", contextId, request, CallKind.GrpcStream, this, 0, 0, 0);
    this.streamId = madeCallId;
  }

  /** Whether events may still come. Where {@link close} was called, nothing can be sent all the same. */
  get isOpen(): bool {
    if (!this.streamId) return false;
    const call = findCall(this.streamId, true);
    return call != null && call.target === this;
  }

  /**
   * Sends a message: a serialized protobuf, without gRPC's prefix. `endOfStream` says that it is the last.
   * Refused, with a line in the log, once the stream is closed on this side or has ended.
   */
  send(message: Uint8Array, endOfStream: bool = false): Status {
    if (!this.begin("GrpcStream.send")) return Status.BadArgument;
    const status = hostcalls.grpcSend(this.streamId, message.dataStart, message.byteLength, endOfStream);
    if (endOfStream && status == Status.Ok) this.halfClosed = true;
    restoreContext(this.contextId);
    return status;
  }

  /** Says that this side will send no more. What the other side sends still comes, up to its close. */
  close(): Status {
    if (!this.begin("GrpcStream.close")) return Status.BadArgument;
    const status = hostcalls.grpcClose(this.streamId);
    if (status == Status.Ok) this.halfClosed = true;
    restoreContext(this.contextId);
    return status;
  }

  /** Gives the stream up: nothing comes on it any more, not even its close. */
  cancel(): Status {
    if (!this.isOpen) return refuse("GrpcStream.cancel", "the stream is not open");
    if (!reachContext("GrpcStream.cancel", this.contextId)) return Status.BadArgument;
    takeCall(this.streamId, true);
    const status = hostcalls.grpcCancel(this.streamId);
    restoreContext(this.contextId);
    return status;
  }

  /** @internal After the other side's end: Envoy keeps a stream until both sides have closed it. */
  __end(): void {
    if (!this.halfClosed) hostcalls.grpcClose(this.streamId);
  }

  private begin(call: Message): bool {
    if (this.isOpen && !this.halfClosed) return reachContext(call, this.contextId);
    refuse(call, this.halfClosed ? "this side has closed the stream" : "the stream is not open");
    return false;
  }
}
