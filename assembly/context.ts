// BaseContext and StreamContext: what every context has, and what HTTP and TCP streams share.
import { BufferType, MapType, Status, StreamType } from "./abi/types";
import { activeId, callbackNumber, creatingId, effectiveId, phase, Phase } from "./active-context";
import { Buffer } from "./buffer";
import { Flow, REQUEST, trackFlow } from "./flow";
import { HeaderMap } from "./header-map";
import * as hostcalls from "./hostcalls";
import {
  HttpCallFunction,
  HttpCallFunctionFor,
  HttpCallHandler,
  HttpCallRequest,
  HttpCallResponse,
  sendHttpCall,
} from "./http-call";
import { refuse } from "./line";
import { encode, encodedLength, release, takeText } from "./memory";

/** What root contexts and streams have in common. */
export abstract class BaseContext {
  /**
   * The id by which the host calls this context, unique within its VM. It is there in the constructor's body;
   * a field initializer still reads 0, since AssemblyScript runs those of a subclass first.
   */
  readonly contextId: u32 = creatingId;

  /** @internal The next context in the same bucket of the context table. */
  __next: BaseContext | null = null;

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
    return sendHttpCall(this.contextId, request, callback == null ? null : new HttpCallFunction(callback));
  }

  /** Like {@link httpCall}, with an object whose `onResponse` gets the response. */
  httpCallWith(request: HttpCallRequest, handler: HttpCallHandler): Status {
    return sendHttpCall(this.contextId, request, handler);
  }

  /** Like {@link httpCall}, with a function that captures nothing and gets `self`, what it works on. */
  httpCallFor<T>(
    request: HttpCallRequest,
    self: T,
    callback: (self: T, response: HttpCallResponse) => void,
  ): Status {
    return sendHttpCall(this.contextId, request, new HttpCallFunctionFor<T>(self, callback));
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
}

/**
 * Whether the response that has begun is the proxy's own, after a timeout for example: Envoy crashes if the request
 * then goes on. Before a response the property is absent.
 */
function answeredByProxy(): bool {
  const path = encode("response\0code_details");
  const status = hostcalls.getPropertyText(path, encodedLength);
  release(path);
  if (status != Status.Ok) return false;
  const details = takeText();
  return details != null && details.length != 0 && details != "via_upstream";
}

/** What HTTP and TCP streams have in common. */
export abstract class StreamContext extends BaseContext {
  /** @internal Bits of {@link Flow}. */
  __flow: u32 = 0;

  /** @internal The number of the callback in which the host was told to resume it. */
  __resumedIn: u32 = 0;

  /** @internal The root that made this stream. */
  __rootId: u32 = 0;

  /** @internal Makes host functions act on this stream; false when the host no longer knows it. */
  protected reach(call: string): bool {
    if (this.__flow & Flow.Ended || (trackFlow && activeId == this.contextId && phase >= Phase.Log)) {
      refuse(call, "the stream is over");
      return false;
    }
    if (effectiveId == this.contextId) return true;
    if (hostcalls.setEffectiveContext(this.contextId) != Status.Ok) {
      refuse(call, "the host no longer knows this stream");
      return false;
    }
    return true;
  }

  /** @internal Makes host functions act on the context that they acted on before {@link reach}. */
  protected restore(): void {
    if (effectiveId != this.contextId) hostcalls.setEffectiveContext(effectiveId);
  }

  /** @internal Whether one of this stream's own callbacks from `first` to `last` is running. */
  protected inside(first: Phase, last: Phase): bool {
    return activeId == this.contextId && phase >= first && phase <= last;
  }

  /** @internal Whether the host resumes the stream when this callback ends: it may then be over before what follows. */
  protected justResumed(call: string): bool {
    if (this.__resumedIn != callbackNumber) return false;
    refuse(call, "the stream was resumed in this callback");
    return true;
  }

  /** @internal Closes a stream, after which nothing more may be done to it: Envoy crashes on it. */
  protected close(call: string, type: StreamType): Status {
    if (this.__flow & Flow.Replied) return refuse(call, "a local response was sent");
    if (this.inside(Phase.None, Phase.None)) return refuse(call, "the stream has not begun");
    if (this.justResumed(call) || !this.reach(call)) return Status.BadArgument;
    const status = hostcalls.closeStream(type);
    this.restore();
    if (status == Status.Ok) {
      this.__flow |= Flow.Ended;
      if (this.inside(Phase.RequestHeaders, Phase.ResponseTrailers)) this.__flow |= Flow.StopNow;
    }
    return status;
  }

  /**
   * @internal Resumes one direction, whose bits stand `shift` places up. From inside a callback of this stream the
   * host must not be called: the callback's answer would send the same data again, and a local response in the same
   * callback would find the stream running. The dispatcher does it at the callback's end. A direction that is not
   * held is left alone: Envoy crashes on it.
   */
  protected resume(call: string, type: StreamType, shift: u32, first: Phase, last: Phase): Status {
    if (!this.reach(call)) return Status.BadArgument;
    let status: Status = Status.Ok;
    if (this.__flow & Flow.Replied) {
      status = refuse(call, "a local response was sent");
    } else if (this.__flow & ((<u32>Flow.Collecting) << shift)) {
      status = refuse(call, "its body is still being collected");
    } else if (!this.inside(first, last) && !(this.__flow & ((<u32>Flow.Paused) << shift))) {
      status = refuse(call, "nothing is held: no callback of that direction has stopped it");
    } else if (shift == REQUEST && !this.inside(first, last) && answeredByProxy()) {
      status = refuse(call, "the proxy has answered the request itself");
    } else if (this.inside(Phase.RequestHeaders, Phase.ResponseTrailers)) {
      this.__flow |= (<u32>Flow.ResumeAsked) << shift;
    } else {
      status = hostcalls.continueStream(type);
      this.__resumedIn = callbackNumber;
      if (status == Status.Ok) this.__flow &= ~((<u32>Flow.Paused) << shift);
    }
    this.restore();
    return status;
  }
}
