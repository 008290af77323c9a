// BaseContext: what every context has, roots and streams: an id, an end, and calls to clusters of the proxy.
// @ts-nocheck: callbacks to override have parameters that nothing here reads, which a strict project would be told.
import { BufferType, GrpcStatus, MapType, Status } from "./abi/types";
import { creatingId } from "./active-context";
import { Buffer } from "./buffer";
import {
  GrpcCallFunction,
  GrpcCallFunctionFor,
  GrpcCallHandler,
  GrpcCallRequest,
  GrpcCallResponse,
  grpcStatusText,
  sendGrpcCall,
} from "./grpc-call";
import { GrpcRequest } from "./grpc-request";
import { GrpcStream, GrpcStreamHandler } from "./grpc-stream";
import { HeaderMap } from "./header-map";
import {
  HttpCallFunction,
  HttpCallFunctionFor,
  HttpCallHandler,
  HttpCallRequest,
  HttpCallResponse,
  sendHttpCall,
} from "./http-call";

/** Whether a context is among those that the host has created and not deleted. */
// @ts-ignore: decorator
@lazy
let isLive: ((context: BaseContext) => bool) | null = null;

/** Set by the table of contexts, which is above this file. */
export function setIsLive(test: (context: BaseContext) => bool): void {
  isLive = test;
}

/** The id under which a context calls; 0 when it is over: the host may have given its id to another. */
function callerId(context: BaseContext): u32 {
  const id = context.contextId;
  const test = isLive;
  return id == creatingId || (test != null && test(context)) ? id : 0;
}

/** What root contexts and streams have in common. */
export abstract class BaseContext {
  /**
   * The id by which the host calls this context, unique within its VM. It is there in the constructor's body;
   * a field initializer still reads 0, since AssemblyScript runs those of a subclass first.
   */
  readonly contextId: u32 = creatingId;

  /** @internal The next context in the same bucket of the context table, which sees to it that both stay. */
  __next: usize = 0;

  /**
   * The host is done with this context. A root that answers `false` stays until it calls
   * {@link RootContext.done}; for a stream the answer is ignored. Spec: `proxy_on_done`.
   */
  onDone(): bool {
    return true;
  }

  /**
   * The time to log. For an HTTP stream, headers of both directions and response trailers can be read; any may
   * be missing, also all of them: a malformed request is logged without a headers callback. For a root it is
   * one call per request where the module is configured as an access logger. Spec: `proxy_on_log`.
   */
  onLog(): void {}

  /** The context is about to be forgotten; nothing is called on it any more. Spec: `proxy_on_delete`. */
  onDelete(): void {}

  /**
   * Sends an HTTP request to a cluster of the proxy's configuration, and calls `callback` with the response, once.
   * Usable in every callback; a filter that needs the response first holds the request or response meanwhile:
   *
   * ```ts
   * const request = new HttpCallRequest("auth", "/check");
   * const status = this.httpCall(request, (response) => {
   *   if (response.status == 200) this.resumeRequest();
   *   else this.sendLocalResponse(403, "no");
   * });
   * if (status != Status.Ok) return this.sendLocalResponse(503, "no authorization");
   * return FilterHeadersStatus.StopIteration;
   * ```
   *
   * Any other status than `Ok` says that the call was not made, and the callback never runs:
   * {@link Status.BadArgument} for a request that is not complete, or a cluster that the proxy does not know (the
   * log says which); {@link Status.InternalFailure} where the cluster has no host. When this context ends before
   * the response comes, the callback is dropped.
   *
   * The callback may use `this` and local variables, which the preset's transform copies into it. Without a
   * callback the response comes to {@link onHttpCallResponse}. Spec: `proxy_http_call`.
   */
  httpCall(request: HttpCallRequest, callback: ((response: HttpCallResponse) => void) | null = null): Status {
    return sendHttpCall(callerId(this), request, callback == null ? null : new HttpCallFunction(callback));
  }

  /** Like {@link httpCall}, with an object whose `onResponse` gets the response. */
  httpCallWith(request: HttpCallRequest, handler: HttpCallHandler): Status {
    return sendHttpCall(callerId(this), request, handler);
  }

  /** Like {@link httpCall}, with a function that captures nothing and gets `self`, what it works on. */
  httpCallFor<T>(
    request: HttpCallRequest,
    self: T,
    callback: (self: T, response: HttpCallResponse) => void,
  ): Status {
    return sendHttpCall(callerId(this), request, new HttpCallFunctionFor<T>(self, callback));
  }

  /** The headers of the response, in {@link onHttpCallResponse}. */
  get httpCallResponseHeaders(): HeaderMap {
    return HeaderMap.of(MapType.HttpCallResponseHeaders);
  }

  /** The body of the response, in {@link onHttpCallResponse}. */
  get httpCallResponseBody(): Buffer {
    return Buffer.of(BufferType.HttpCallResponseBody);
  }

  /** The trailers of the response, in {@link onHttpCallResponse}. */
  get httpCallResponseTrailers(): HeaderMap {
    return HeaderMap.of(MapType.HttpCallResponseTrailers);
  }

  /**
   * The response of an {@link httpCall} without a callback; `callId` is that of its request. With `numHeaders` 0
   * the call was reset. Spec: `proxy_on_http_call_response`.
   */
  onHttpCallResponse(callId: u32, numHeaders: u32, bodySize: u32, numTrailers: u32): void {}

  /**
   * Calls a gRPC method of a cluster, one message each way, and calls `callback` with the outcome, once: the message,
   * or the status that says why there is none. As {@link httpCall}, also in what another status than `Ok` means;
   * Envoy has {@link Status.InternalFailure} for a cluster it does not know, too. When this context ends before the
   * outcome is known, the call is cancelled. Without a callback the outcome comes to {@link onGrpcReceive} or
   * {@link onGrpcClose}. Spec: `proxy_grpc_call`.
   */
  grpcCall(request: GrpcCallRequest, callback: ((response: GrpcCallResponse) => void) | null = null): Status {
    return sendGrpcCall(callerId(this), request, callback == null ? null : new GrpcCallFunction(callback));
  }

  /** Like {@link grpcCall}, with an object whose `onResponse` gets the outcome. */
  grpcCallWith(request: GrpcCallRequest, handler: GrpcCallHandler): Status {
    return sendGrpcCall(callerId(this), request, handler);
  }

  /** Like {@link grpcCall}, with a function that captures nothing and gets `self`, what it works on. */
  grpcCallFor<T>(
    request: GrpcCallRequest,
    self: T,
    callback: (self: T, response: GrpcCallResponse) => void,
  ): Status {
    return sendGrpcCall(callerId(this), request, new GrpcCallFunctionFor<T>(self, callback));
  }

  /**
   * Opens a gRPC stream to a cluster; `handler` gets what comes on it. Look at {@link GrpcStream.status}: where it is
   * not `Ok`, the stream could not be opened and nothing comes. When this context ends, the stream is cancelled.
   * Without a handler its events come to the `onGrpc` callbacks of this context. Spec: `proxy_grpc_stream`.
   */
  grpcStream(request: GrpcRequest, handler: GrpcStreamHandler | null = null): GrpcStream {
    return new GrpcStream(callerId(this), request, handler);
  }

  /** What a gRPC stream was answered with first, in {@link onGrpcReceiveInitialMetadata}. */
  get grpcInitialMetadata(): HeaderMap {
    return HeaderMap.of(MapType.GrpcReceiveInitialMetadata);
  }

  /** The message, in {@link onGrpcReceive}. */
  get grpcMessage(): Buffer {
    return Buffer.of(BufferType.GrpcReceiveBuffer);
  }

  /** What a gRPC stream was answered with last, in {@link onGrpcReceiveTrailingMetadata}. */
  get grpcTrailingMetadata(): HeaderMap {
    return HeaderMap.of(MapType.GrpcReceiveTrailingMetadata);
  }

  /** The text of the status, in {@link onGrpcClose}; see {@link GrpcCallResponse.statusMessage}. */
  get grpcStatusMessage(): string {
    return grpcStatusText();
  }

  /**
   * Initial metadata of a {@link grpcStream} without a handler. Spec: `proxy_on_grpc_receive_initial_metadata`.
   */
  onGrpcReceiveInitialMetadata(callId: u32, numElements: u32): void {}

  /**
   * A message: the outcome of a {@link grpcCall} without a callback, or one of a {@link grpcStream} without a
   * handler. `callId` is that of the request or stream. Spec: `proxy_on_grpc_receive`.
   */
  onGrpcReceive(callId: u32, messageSize: u32): void {}

  /**
   * Trailing metadata of a {@link grpcStream} without a handler. Spec: `proxy_on_grpc_receive_trailing_metadata`.
   */
  onGrpcReceiveTrailingMetadata(callId: u32, numElements: u32): void {}

  /**
   * The end of a {@link grpcStream} without a handler, or the outcome of a {@link grpcCall} without a callback that
   * failed. Spec: `proxy_on_grpc_close`.
   */
  onGrpcClose(callId: u32, status: GrpcStatus): void {}
}
