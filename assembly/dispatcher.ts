// Routes the host's callbacks to contexts. An id that is not known here lets everything pass.
import { FilterDataStatus, FilterHeadersStatus, PeerType, StreamType } from "./abi/types";
import {
  activeId,
  phase,
  Phase,
  setActive,
  setCreatingId,
  setHeadersEndStream,
  setHeldBodyGone,
} from "./active-context";
import { enter, leave } from "./collector";
import { configurationUsed, fetchConfiguration } from "./configuration";
import { BaseContext, StreamContext } from "./context";
import { addContext, findContext, removeContext } from "./context-table";
import { ROOT_IDS, ROOTS, TCP } from "./features";
import { Flow, flowUsed, REQUEST, RESPONSE } from "./flow";
import * as hostcalls from "./hostcalls";
import { collectBody, HELD_BODY, HttpContext } from "./http-context";
import { refuse } from "./line";
import { createRootContext, createStreamContext } from "./registration";
import { RootContext, rootFactory, tcpFactory } from "./root-context";
import { TcpContext } from "./tcp-context";

/**
 * Begins a callback. What it returns goes to {@link end}: the callback that was running before, which there is
 * only when a host calls in during a host function.
 */
function begin(id: u32, callback: Phase): u64 {
  enter();
  const outer = ((<u64>activeId) << 32) | (<u64>phase);
  setActive(id, callback);
  return outer;
}

function end(outer: u64): void {
  setActive(<u32>(outer >> 32), <Phase>(<u32>outer));
  leave();
}

// Unchecked casts behind `instanceof`: a checked one would carry its own abort message into every module.

function root(id: u32): RootContext | null {
  const context = findContext(id);
  return (ROOTS || ROOT_IDS) && context instanceof RootContext ? changetype<RootContext>(context) : null;
}

function http(id: u32): HttpContext | null {
  const context = findContext(id);
  if (!ROOTS && !ROOT_IDS && !TCP) return changetype<HttpContext | null>(context);
  return context instanceof HttpContext ? changetype<HttpContext>(context) : null;
}

function tcp(id: u32): TcpContext | null {
  const context = findContext(id);
  return TCP && context instanceof TcpContext ? changetype<TcpContext>(context) : null;
}

/** Notes what a stream's callback answered, and mends answers that the stream's own calls have overtaken. */
function settle(stream: StreamContext, status: i32, shift: u32): i32 {
  if (!flowUsed) return status;
  let flow = stream.__flow;
  if (flow & Flow.StopNow) {
    stream.__flow = flow & ~(Flow.StopNow | Flow.ResumeAsked | ((<u32>Flow.ResumeAsked) << RESPONSE));
    return 1; // StopIteration, in all three kinds of callback
  }
  if (flow & ((<u32>Flow.ResumeAsked) << shift)) status = 0;
  let noted = Flow.None;
  if (phase == Phase.RequestHeaders || phase == Phase.ResponseHeaders) {
    // Envoy takes ContinueAndEndStream of a headers callback as Continue.
    if (status != 0 && status != FilterHeadersStatus.ContinueAndEndStream) noted = Flow.Paused;
  } else if (status != 0) {
    noted = Flow.Paused;
    if (status != FilterDataStatus.StopIterationAndBuffer) noted |= Flow.BodyGone;
  }
  flow &= ~((<u32>(Flow.Paused | Flow.ResumeAsked | Flow.BodyGone)) << shift);
  stream.__flow = flow | ((<u32>noted) << shift);
  if (flow & ((<u32>Flow.ResumeAsked) << (RESPONSE - shift))) resumeOther(stream, RESPONSE - shift);
  return status;
}

/** Resumes the direction that is not the one being called, at the end of a callback that asked for it. */
function resumeOther(stream: StreamContext, shift: u32): void {
  stream.__flow &= ~((<u32>(Flow.Paused | Flow.ResumeAsked)) << shift);
  hostcalls.continueStream(shift == REQUEST ? StreamType.HttpRequest : StreamType.HttpResponse);
}

// Lifecycle

function createStream(contextId: u32, parentContextId: u32): StreamContext | null {
  if (!ROOTS && !ROOT_IDS) return createStreamContext();
  const parent = root(parentContextId);
  if (parent == null) return rootFactory == null ? createStreamContext() : null;
  let stream: StreamContext | null = parent.createHttpContext(contextId);
  if (stream == null) stream = parent.createTcpContext(contextId);
  if (stream == null || !isNew(stream, contextId)) return null;
  stream.__rootId = parentContextId;
  return stream;
}

/** An object that serves another stream already cannot serve this one. */
function isNew(stream: StreamContext, contextId: u32): bool {
  if (stream.contextId == contextId) return true;
  refuse("createHttpContext", " or createTcpContext", "it must return a new object for each stream");
  return false;
}

export function onContextCreate(contextId: u32, parentContextId: u32): void {
  if (findContext(contextId) != null) return;
  const outer = begin(contextId, Phase.None);
  setCreatingId(contextId);
  let context: BaseContext | null = null;
  if (parentContextId == 0) {
    context = createRootContext();
  } else {
    context = createStream(contextId, parentContextId);
  }
  setCreatingId(0);
  if (context != null) addContext(context);
  end(outer);
}

export function onDone(contextId: u32): bool {
  const context = findContext(contextId);
  if (context == null) return true;
  const outer = begin(contextId, Phase.Done);
  markEnded(context);
  const done = context.onDone();
  end(outer);
  return done;
}

export function onLog(contextId: u32): void {
  const context = findContext(contextId);
  if (context == null) return;
  const outer = begin(contextId, Phase.Log);
  markEnded(context);
  context.onLog();
  end(outer);
}

export function onDelete(contextId: u32): void {
  const context = findContext(contextId);
  if (context == null) return;
  const outer = begin(contextId, Phase.Delete);
  markEnded(context);
  context.onDelete();
  removeContext(contextId);
  end(outer);
}

/** From here on Envoy crashes if the stream is answered, resumed or closed. */
function markEnded(context: BaseContext): void {
  if (flowUsed && context instanceof StreamContext) changetype<StreamContext>(context).__flow |= Flow.Ended;
}

// Root

export function onVmStart(rootContextId: u32, vmConfigurationSize: u32): bool {
  const context = root(rootContextId);
  if (context == null) return true;
  const outer = begin(rootContextId, Phase.Other);
  const accepted = context.onVmStart(vmConfigurationSize);
  end(outer);
  return accepted;
}

export function onConfigure(rootContextId: u32, pluginConfigurationSize: u32): bool {
  const context = root(rootContextId);
  if (context == null) return true;
  const outer = begin(rootContextId, Phase.Other);
  if (configurationUsed) context.__configuration = fetchConfiguration();
  const accepted = context.onConfigure(pluginConfigurationSize);
  end(outer);
  return accepted;
}

export function onTick(rootContextId: u32): void {
  const context = root(rootContextId);
  if (context == null) return;
  const outer = begin(rootContextId, Phase.Other);
  context.onTick();
  end(outer);
}

export function onQueueReady(rootContextId: u32, queueId: u32): void {
  const context = root(rootContextId);
  if (context == null) return;
  const outer = begin(rootContextId, Phase.Other);
  context.onQueueReady(queueId);
  end(outer);
}

// HTTP streams

export function onRequestHeaders(contextId: u32, numHeaders: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.RequestHeaders);
  setHeadersEndStream(endOfStream);
  const status = settle(stream, stream.onRequestHeaders(numHeaders, endOfStream), REQUEST);
  end(outer);
  return status;
}

export function onRequestBody(contextId: u32, bodySize: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.RequestBody);
  const collect = collectBody;
  const status =
    collect != null && collects(stream, REQUEST)
      ? collect(stream, REQUEST, bodySize, endOfStream)
      : stream.onRequestBody(bodySize, endOfStream);
  const answer = settle(stream, status, REQUEST);
  end(outer);
  return answer;
}

export function onRequestTrailers(contextId: u32, numTrailers: u32): i32 {
  const stream = http(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.RequestTrailers);
  if (flowUsed) setHeldBodyGone((stream.__flow & ((<u32>Flow.BodyGone) << REQUEST)) != 0);
  const collect = collectBody;
  let held = 0;
  if (collect != null && collects(stream, REQUEST)) held = collect(stream, REQUEST, HELD_BODY, true);
  const status = settle(stream, stream.onRequestTrailers(numTrailers) | held, REQUEST);
  end(outer);
  return status;
}

export function onResponseHeaders(contextId: u32, numHeaders: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.ResponseHeaders);
  setHeadersEndStream(endOfStream);
  const status = settle(stream, stream.onResponseHeaders(numHeaders, endOfStream), RESPONSE);
  end(outer);
  return status;
}

export function onResponseBody(contextId: u32, bodySize: u32, endOfStream: bool): i32 {
  const stream = http(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.ResponseBody);
  const collect = collectBody;
  const status =
    collect != null && collects(stream, RESPONSE)
      ? collect(stream, RESPONSE, bodySize, endOfStream)
      : stream.onResponseBody(bodySize, endOfStream);
  const answer = settle(stream, status, RESPONSE);
  end(outer);
  return answer;
}

export function onResponseTrailers(contextId: u32, numTrailers: u32): i32 {
  const stream = http(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.ResponseTrailers);
  if (flowUsed) setHeldBodyGone((stream.__flow & ((<u32>Flow.BodyGone) << RESPONSE)) != 0);
  const collect = collectBody;
  let held = 0;
  if (collect != null && collects(stream, RESPONSE)) held = collect(stream, RESPONSE, HELD_BODY, true);
  const status = settle(stream, stream.onResponseTrailers(numTrailers) | held, RESPONSE);
  end(outer);
  return status;
}

function collects(stream: HttpContext, shift: u32): bool {
  return (stream.__flow & ((<u32>Flow.Collecting) << shift)) != 0;
}

// TCP streams

export function onNewConnection(contextId: u32): i32 {
  const known = findContext(contextId);
  // A root that makes both kinds was asked for an HTTP stream first; only now it is known to be TCP.
  if (TCP && known instanceof HttpContext) {
    const parent = root(changetype<HttpContext>(known).__rootId);
    setCreatingId(contextId);
    const createTcp = tcpFactory;
    let made: TcpContext | null = null;
    if (parent != null) made = parent.createTcpContext(contextId);
    else if (createTcp != null) made = createTcp();
    setCreatingId(0);
    if (made != null && isNew(made, contextId)) {
      removeContext(contextId);
      addContext(made);
    }
  }
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.Other);
  const status = stream.onNewConnection();
  end(outer);
  return status;
}

export function onDownstreamData(contextId: u32, dataSize: u32, endOfStream: bool): i32 {
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.Other);
  const status = stream.onDownstreamData(dataSize, endOfStream);
  end(outer);
  return status;
}

export function onUpstreamData(contextId: u32, dataSize: u32, endOfStream: bool): i32 {
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.Other);
  const status = stream.onUpstreamData(dataSize, endOfStream);
  end(outer);
  return status;
}

export function onDownstreamConnectionClose(contextId: u32, peer: PeerType): void {
  const stream = tcp(contextId);
  if (stream == null) return;
  const outer = begin(contextId, Phase.Other);
  stream.onDownstreamConnectionClose(peer);
  end(outer);
}

export function onUpstreamConnectionClose(contextId: u32, peer: PeerType): void {
  const stream = tcp(contextId);
  if (stream == null) return;
  const outer = begin(contextId, Phase.Other);
  stream.onUpstreamConnectionClose(peer);
  end(outer);
}
