// BaseContext and StreamContext: what every context has, and what HTTP and TCP streams share.
import { Status, StreamType } from "./abi/types";
import {
  activeId,
  callbackNumber,
  creatingId,
  effectiveId,
  phase,
  Phase,
  trackActive,
} from "./active-context";
import { Flow, REQUEST, trackFlow } from "./flow";
import * as hostcalls from "./hostcalls";
import { Message, refuse } from "./line";
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
  protected reach(call: Message): bool {
    if (this.__flow & Flow.Ended || (trackFlow && activeId == this.contextId && phase >= Phase.Log)) {
      refuse(call, "the stream is over");
      return false;
    }
    if (trackActive && effectiveId == this.contextId) return true;
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
    return trackActive && activeId == this.contextId && phase >= first && phase <= last;
  }

  /** @internal Whether the host resumes the stream when this callback ends: it may then be over before what follows. */
  protected justResumed(call: Message): bool {
    if (this.__resumedIn != callbackNumber) return false;
    refuse(call, "the stream was resumed in this callback");
    return true;
  }

  /** @internal Closes a stream, after which nothing more may be done to it: Envoy crashes on it. */
  protected close(call: Message, type: StreamType): Status {
    if (this.__flow & Flow.Replied) return refuse(call, "a local response was sent");
    if (this.inside(Phase.None, Phase.None)) return refuse(call, "the stream has not begun");
    if (this.justResumed(call) || !this.reach(call)) return Status.BadArgument;
    const status = hostcalls.closeStream(type);
    this.restore();
    if (status == Status.Ok) {
      this.__flow |= Flow.Ended;
      if (this.inside(Phase.RequestHeaders, Phase.UpstreamData)) this.__flow |= Flow.StopNow;
    }
    return status;
  }

  /**
   * @internal Resumes one direction, whose bits stand `shift` places up. From inside a callback of this stream the
   * host must not be called: the callback's answer would send the same data again, and a local response in the same
   * callback would find the stream running. The dispatcher does it at the callback's end. A direction that is not
   * held is left alone: Envoy crashes on it.
   */
  protected resume(call: Message, type: StreamType, shift: u32, first: Phase, last: Phase): Status {
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
