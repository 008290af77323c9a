// What HTTP and gRPC callouts have in common: who may call, calls that fail while they are made, and their end.
import { Status } from "./abi/types";
import { callbackNumber, effectiveId, nesting, queuedIn } from "./active-context";
import { HeaderList } from "./header-list";
import * as hostcalls from "./hostcalls";
import { Message, refuse } from "./line";
import { addCall, CallKind, CallTarget, takeCallOf } from "./pending-calls";

/** Envoy reads a timeout as a signed number. */
export const MAX_TIMEOUT: u32 = i32.MAX_VALUE;
/** Envoy takes more or larger headers for none. */
const MAX_PAIRS: i32 = 1024;
const MAX_PAIRS_BYTES: usize = 1 << 20;

/** How many host functions that make calls are running: more than one only when a host calls in during one. */
let making: u32 = 0;
/** The number of a call whose outcome came meanwhile, when nobody could know it yet; 0 for none. */
let outcomeBefore: u32 = 0;
/** A context that ended meanwhile; 0 for none. */
let goneMeanwhile: u32 = 0;

/** Whether hosts can read a timeout; if not, the log says so. */
export function isTimeout(call: Message, milliseconds: u32): bool {
  if (milliseconds <= MAX_TIMEOUT) return true;
  refuse(call, "timeoutMilliseconds is larger than 2,147,483,647");
  return false;
}

/** Whether hosts can read so many headers; if not, the log says so. */
export function isSendable(call: Message, list: HeaderList): bool {
  if (list.length <= MAX_PAIRS && list.byteLength <= MAX_PAIRS_BYTES) return true;
  refuse(call, "more than 1,024 headers or 1 MiB");
  return false;
}

/** Whether a list is without pseudo-headers, which trailers and metadata cannot have; if not, the log says so. */
export function isPlain(call: Message, list: HeaderList): bool {
  for (let i = 0; i < list.length; i++) {
    if (!list.isPseudo(i)) continue;
    refuse(call, "a name that begins with a colon is for the request's headers alone");
    return false;
  }
  return isSendable(call, list);
}

/** Makes the host act for a context; false, and a line in the log, where it cannot. */
export function reachContext(call: Message, contextId: u32): bool {
  if (!effectiveId) {
    refuse(call, "code at the top level cannot call: no context is running");
    return false;
  }
  if (!contextId || (effectiveId != contextId && hostcalls.setEffectiveContext(contextId) != Status.Ok)) {
    refuse(call, "the host no longer knows this context");
    return false;
  }
  return true;
}

/** Ends what {@link reachContext} began. */
export function restoreContext(contextId: u32): void {
  if (effectiveId != contextId) hostcalls.setEffectiveContext(effectiveId);
}

// Where a gRPC stream cannot be opened, Envoy calls its metadata callbacks within the host function. At their end it works
// off what waits for the end of a callback: among it the outcomes of calls that have failed at once, which see a callback
// running and line up again, for ever. So no stream may be opened while such an outcome waits, or anything else does.

/** Whether this module has tried to open a gRPC stream: only then callbacks run within each other in Envoy. */
let streamsOpened: bool = false;
/** Whether the host may still have to work off the outcome of a call that has failed at once. */
let failuresWait: bool = false;

/** The host has begun a callback by itself: it has worked off all that waited. */
export function settleFailures(): void {
  if (nesting == 1) failuresWait = false;
}

/** Whether a gRPC stream can be opened now; if not, the log says so. */
export function mayOpenStream(call: Message): bool {
  streamsOpened = true;
  if (failuresWait)
    refuse(call, "a call has just failed: Envoy might hang; open the stream in a later callback");
  else if (queuedIn == callbackNumber) {
    refuse(call, "something was resumed, answered or closed in this callback: open the stream before");
  } else return true;
  return false;
}

/** As {@link reachContext}, before a host function that makes a call. */
export function beginCall(call: Message, contextId: u32): bool {
  if (streamsOpened && nesting > 1) {
    refuse(call, "another callback is running: Envoy might hang");
    return false;
  }
  if (!reachContext(call, contextId)) return false;
  if (!making++) {
    outcomeBefore = 0;
    goneMeanwhile = 0;
  }
  return true;
}

/**
 * Ends what {@link beginCall} began. A call that the host has accepted is noted, so that its outcome finds its way;
 * one that failed is not, and then nothing runs for it, whatever the host calls back.
 */
export function endCall(
  call: Message,
  contextId: u32,
  status: Status,
  id: u32,
  kind: CallKind,
  target: CallTarget | null,
): Status {
  making--;
  restoreContext(contextId);
  if (status != Status.Ok) {
    failuresWait = true;
    return status;
  }
  if (id && outcomeBefore == id) {
    refuse(call, "the host ended the call while it was made");
    return Status.InternalFailure;
  }
  if (goneMeanwhile == contextId) {
    refuse(call, "the context ended while the call was made");
    if (grpcUsed && kind != CallKind.Http) hostcalls.grpcCancel(id);
    return Status.InternalFailure;
  }
  addCall(id, kind, contextId, target);
  return Status.Ok;
}

/** The host has told of the outcome of a call that is not known, or no longer. */
export function strayOutcome(id: u32): void {
  if (making) outcomeBefore = id;
}

/** Whether this module makes gRPC calls; if not, what follows from that is left out. */
let grpcUsed: bool = false;

export function useGrpc(): void {
  grpcUsed = true;
}

/** A context is gone: nothing waits for its calls any more, and those of gRPC are given up. */
export function dropCalls(contextId: u32): void {
  if (making) goneMeanwhile = contextId;
  for (let call = takeCallOf(contextId); call != null; call = takeCallOf(contextId)) {
    if (grpcUsed && call.kind != CallKind.Http) hostcalls.grpcCancel(call.id);
  }
}
