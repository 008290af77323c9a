// Unary gRPC calls: the request, the response, and what waits for it.
import { BufferType, GrpcStatus, Status } from "./abi/types";
import { NO_BUFFER } from "./availability";
import { Buffer } from "./buffer";
import { isTimeout, MAX_TIMEOUT } from "./callout";
import { GrpcRequest, madeCallId, makeCall } from "./grpc-request";
import * as hostcalls from "./hostcalls";
import { takeText } from "./memory";
import { CallKind, CallTarget } from "./pending-calls";

/** Longer texts of a status are cut off: they come from the other side. */
const MAX_STATUS_TEXT: i32 = 1024;

/**
 * The request of a gRPC call with one message each way: set {@link message}, and pass it to
 * {@link BaseContext.grpcCall}. It can be sent several times.
 */
export class GrpcCallRequest extends GrpcRequest {
  /** The message: a serialized protobuf, without gRPC's prefix. */
  message: Uint8Array = new Uint8Array(0);
  /** How long the host waits for the response; 0 is for ever. In Envoy time that is up gives `Unavailable`. */
  timeoutMilliseconds: u32 = 5000;
  /** The host's number for the call that was last made with this request; 0 before, and after a failure. */
  callId: u32 = 0;
}

/** The number of the call whose response is being handled. */
let current: u32 = 0;

/** Sets the number of the call whose response is being handled, and returns the one before. */
export function setCurrentGrpcCall(callId: u32): u32 {
  const outer = current;
  current = callId;
  return outer;
}

/** The outcome of a gRPC call. The message can be read while its handler runs, not later. */
@final
export class GrpcCallResponse {
  /** @internal */
  constructor(
    /** The host's number for the call: {@link GrpcCallRequest.callId}. */
    readonly callId: u32,
    /** `Ok` when a message came; else why none did. A number that gRPC does not have counts as `Unknown`. */
    readonly status: GrpcStatus,
    /**
     * The text that came with a status other than `Ok`; `""` when there is none. Envoy appends in braces where the
     * status came from, as in `not yours{via_upstream}`. Longer texts than 1,024 characters are cut off.
     */
    readonly statusMessage: string,
  ) {}

  /** The message, to read: a serialized protobuf. Empty unless {@link status} is `Ok`. */
  get message(): Buffer {
    return Buffer.of(
      this.status == GrpcStatus.Ok && this.callId == current ? BufferType.GrpcReceiveBuffer : NO_BUFFER,
    );
  }
}

/** Waits for the outcome of a gRPC call. What it needs later are its fields; see {@link BaseContext.grpcCallWith}. */
export abstract class GrpcCallHandler extends CallTarget {
  /** The one outcome of the call: a message, or a status that says why there is none. */
  abstract onResponse(response: GrpcCallResponse): void;
}

/** @internal A handler that is a function. */
@final
export class GrpcCallFunction extends GrpcCallHandler {
  constructor(private callback: (response: GrpcCallResponse) => void) {
    super();
  }

  onResponse(response: GrpcCallResponse): void {
    this.callback(response);
  }
}

/** @internal A handler that is a function with what it works on. */
@final
export class GrpcCallFunctionFor<T> extends GrpcCallHandler {
  constructor(
    private self: T,
    private callback: (self: T, response: GrpcCallResponse) => void,
  ) {
    super();
  }

  onResponse(response: GrpcCallResponse): void {
    this.callback(this.self, response);
  }
}

/** A status of gRPC; `Unknown` for a number that is none. */
export function grpcStatus(code: i32): GrpcStatus {
  return code < GrpcStatus.Ok || code > GrpcStatus.Unauthenticated ? GrpcStatus.Unknown : code;
}

/** The text that came with the last status. */
export function grpcStatusText(): string {
  if (hostcalls.getStatusText() != Status.Ok) return "";
  const text = takeText();
  return text == null ? "" : text.length > MAX_STATUS_TEXT ? text.substring(0, MAX_STATUS_TEXT) : text;
}

/** @internal Makes a call for a context. */
export function sendGrpcCall(
  contextId: u32,
  request: GrpcCallRequest,
  handler: GrpcCallHandler | null,
): Status {
  request.callId = 0;
  const timeout = request.timeoutMilliseconds;
  if (!isTimeout("grpcCall", timeout)) return Status.BadArgument;
  const message = request.message;
  const status = makeCall(
    "grpcCall",
    contextId,
    request,
    CallKind.GrpcCall,
    handler,
    message.dataStart,
    message.byteLength,
    // Envoy sends a timeout of 0 on, and the server then gives up at once.
    timeout ? timeout : MAX_TIMEOUT,
  );
  request.callId = madeCallId;
  return status;
}
