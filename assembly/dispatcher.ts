// Routes the host's callbacks to contexts: lifecycle and roots. An id that was not announced lets everything pass.
import {
  activeId,
  activeUsed,
  creatingId,
  nesting,
  phase,
  Phase,
  setActive,
  setCreatingId,
  setNesting,
} from "./active-context";
import { dropCalls, settleFailures } from "./callout";
import { enter, leave, rest } from "./collector";
import { configurationUsed, fetchConfiguration } from "./configuration";
import { BaseContext, StreamContext } from "./context";
import { addContext, contextAt, findContext, linkTo, removeContext } from "./context-table";
import {
  CALLOUTS,
  DELETES,
  EAGER_STREAMS,
  HOLDS,
  ROOT_IDS,
  ROOTS,
  STREAM_OBJECTS,
  TCP,
  TIMERS,
} from "./features";
import { Flow, flowUsed } from "./flow";
import { lookAtHeld } from "./held-headers";
import { HttpContext } from "./http-context";
import { refuse } from "./line";
import { createEmptyStream, createRootContext, createStreamContext } from "./registration";
import { RootContext, rootFactory, sharedStream } from "./root-context";
import { TcpContext } from "./tcp-context";
import { dropTimers, timersOf } from "./timer";

/** Whether anything in this module asks which callback is running. */
// @ts-ignore: decorator
@inline
function isTracked(): bool {
  return CALLOUTS || TIMERS || activeUsed;
}

/**
 * Begins a callback. What it returns goes to {@link end}: the callback that was running before, which there is
 * only when a host calls in during a host function.
 */
export function begin(id: u32, callback: Phase): u64 {
  enter();
  if (!isTracked()) return 0;
  const outer = ((<u64>activeId) << 32) | (<u64>phase);
  setActive(id, callback);
  if (CALLOUTS) {
    setNesting(nesting + 1);
    // Hosts begin these themselves; others may follow from what a callback has asked for.
    if (callback == Phase.None || callback == Phase.RequestHeaders || callback == Phase.Callout)
      settleFailures();
  }
  return outer;
}

export function end(outer: u64): void {
  if (CALLOUTS) setNesting(nesting - 1);
  if (isTracked()) setActive(<u32>(outer >> 32), <Phase>(<u32>outer));
  leave();
}

// Unchecked casts behind `instanceof`: a checked one would carry its own abort message into every module.

export function root(id: u32): RootContext | null {
  const context = findContext(id);
  return (ROOTS || ROOT_IDS) && context instanceof RootContext ? changetype<RootContext>(context) : null;
}

/** The stream of a callback; {@link isMissing} tells whether there is one. */
export function http(id: u32): HttpContext {
  if (!STREAM_OBJECTS) return changetype<HttpContext>(sharedStream);
  if (!EAGER_STREAMS) return obtainStream(id);
  const context = findContext(id);
  const isHttp = (!ROOTS && !ROOT_IDS && !TCP) || context instanceof HttpContext;
  return changetype<HttpContext>(isHttp ? context : null);
}

// @ts-ignore: decorator
@inline
export function isMissing(stream: HttpContext): bool {
  return (EAGER_STREAMS || !STREAM_OBJECTS) && !changetype<usize>(stream);
}

/** The stream of this id, which begins if there is none. */
function obtainStream(id: u32): HttpContext {
  const link = linkTo(id);
  let stream = changetype<HttpContext | null>(contextAt(link));
  if (stream == null) {
    stream = createEmptyStream(id);
    addContext(link, stream);
  }
  return stream;
}

export function tcp(id: u32): TcpContext | null {
  const context = findContext(id);
  return TCP && context instanceof TcpContext ? changetype<TcpContext>(context) : null;
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
export function isNew(stream: StreamContext, contextId: u32): bool {
  if (stream.contextId == contextId) return true;
  refuse("createHttpContext or createTcpContext", "it must return a new object for each stream");
  return false;
}

export function onContextCreate(contextId: u32, parentContextId: u32): void {
  if (findContext(contextId) != null) return;
  const outer = begin(contextId, Phase.None);
  const outerCreatingId = creatingId;
  setCreatingId(contextId);
  let context: BaseContext | null = null;
  if (parentContextId == 0) {
    // One of this id that is gone may have set some behind its end.
    if (TIMERS) dropTimers(contextId);
    context = createRootContext();
  } else {
    context = createStream(contextId, parentContextId);
  }
  setCreatingId(outerCreatingId);
  // A host that called in from the constructor may have created it meanwhile.
  if (context != null && findContext(contextId) == null) addContext(linkTo(contextId), context);
  else if (CALLOUTS && findContext(contextId) == null) dropCalls(contextId);
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
  if (!DELETES && !CALLOUTS && !TIMERS) {
    const gone = removeContext(contextId);
    if (gone != null) markEnded(gone);
    rest();
    return;
  }
  const context = findContext(contextId);
  if (context == null) return;
  const outer = begin(contextId, Phase.Delete);
  markEnded(context);
  context.onDelete();
  if (CALLOUTS) dropCalls(contextId);
  removeContext(contextId);
  if (TIMERS) dropTimers(contextId);
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
  if (!HOLDS && context == null) return;
  const outer = begin(rootContextId, Phase.Other);
  if (CALLOUTS) settleFailures();
  if (HOLDS) {
    const look = lookAtHeld;
    if (look != null) look();
  }
  if (context != null) {
    if (TIMERS) timersOf(rootContextId).run();
    else context.onTick();
  }
  end(outer);
}

export function onStatsUpdate(rootContextId: u32): void {
  const context = root(rootContextId);
  if (context == null) return;
  const outer = begin(rootContextId, Phase.StatsUpdate);
  if (CALLOUTS) settleFailures();
  context.onStatsUpdate();
  end(outer);
}

export function onQueueReady(rootContextId: u32, queueId: u32): void {
  const context = root(rootContextId);
  if (context == null) return;
  const outer = begin(rootContextId, Phase.Other);
  if (CALLOUTS) settleFailures();
  context.onQueueReady(queueId);
  end(outer);
}
