// Routes the host's callbacks to contexts: lifecycle and roots. An id that is not known here lets everything pass.
import { activeId, activeUsed, creatingId, phase, Phase, setActive, setCreatingId } from "./active-context";
import { enter, leave } from "./collector";
import { configurationUsed, fetchConfiguration } from "./configuration";
import { BaseContext, StreamContext } from "./context";
import { addContext, findContext, removeContext } from "./context-table";
import { HOLDS, ROOT_IDS, ROOTS, STREAM_OBJECTS, TCP } from "./features";
import { Flow, flowUsed } from "./flow";
import { lookAtHeld } from "./held-headers";
import { HttpContext } from "./http-context";
import { refuse } from "./line";
import { createRootContext, createStreamContext } from "./registration";
import { RootContext, rootFactory, sharedStream } from "./root-context";
import { TcpContext } from "./tcp-context";

/**
 * Begins a callback. What it returns goes to {@link end}: the callback that was running before, which there is
 * only when a host calls in during a host function.
 */
export function begin(id: u32, callback: Phase): u64 {
  enter();
  if (!activeUsed) return 0;
  const outer = ((<u64>activeId) << 32) | (<u64>phase);
  setActive(id, callback);
  return outer;
}

export function end(outer: u64): void {
  if (activeUsed) setActive(<u32>(outer >> 32), <Phase>(<u32>outer));
  leave();
}

// Unchecked casts behind `instanceof`: a checked one would carry its own abort message into every module.

export function root(id: u32): RootContext | null {
  const context = findContext(id);
  return (ROOTS || ROOT_IDS) && context instanceof RootContext ? changetype<RootContext>(context) : null;
}

export function http(id: u32): HttpContext | null {
  if (!STREAM_OBJECTS) return sharedStream;
  const context = findContext(id);
  if (!ROOTS && !ROOT_IDS && !TCP) return changetype<HttpContext | null>(context);
  return context instanceof HttpContext ? changetype<HttpContext>(context) : null;
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
    context = createRootContext();
  } else {
    context = createStream(contextId, parentContextId);
  }
  setCreatingId(outerCreatingId);
  // A host that called in from the constructor may have created it meanwhile.
  if (context != null && findContext(contextId) == null) addContext(context);
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
  if (!HOLDS && context == null) return;
  const outer = begin(rootContextId, Phase.Other);
  if (HOLDS) {
    const look = lookAtHeld;
    if (look != null) look();
  }
  if (context != null) context.onTick();
  end(outer);
}

export function onStatsUpdate(rootContextId: u32): void {
  const context = root(rootContextId);
  if (context == null) return;
  const outer = begin(rootContextId, Phase.StatsUpdate);
  context.onStatsUpdate();
  end(outer);
}

export function onQueueReady(rootContextId: u32, queueId: u32): void {
  const context = root(rootContextId);
  if (context == null) return;
  const outer = begin(rootContextId, Phase.Other);
  context.onQueueReady(queueId);
  end(outer);
}
