// What HTTP and gRPC callouts have in common: who may call, calls that fail while they are made, and their end.
import { Status } from "./abi/types";
import { effectiveId } from "./active-context";
import * as hostcalls from "./hostcalls";
import { refuse } from "./line";
import { addCall, CallKind, CallTarget, takeCallOf } from "./pending-calls";

/** Envoy reads a timeout as a signed number. */
export const MAX_TIMEOUT: u32 = i32.MAX_VALUE;

/** Whether a host function that makes a call is running. */
let making: bool = false;
/** The number of a call whose outcome came meanwhile, when nobody could know it yet; 0 for none. */
let outcomeBefore: u32 = 0;

/** Makes the host act for the context that calls; false, and a line in the log, where it cannot. */
export function beginCall(call: string, contextId: u32): bool {
  if (!effectiveId) {
    refuse(call, "code at the top level cannot call: no context is running");
    return false;
  }
  if (effectiveId != contextId && hostcalls.setEffectiveContext(contextId) != Status.Ok) {
    refuse(call, "the host no longer knows this context");
    return false;
  }
  making = true;
  outcomeBefore = 0;
  return true;
}

/**
 * Ends what {@link beginCall} began. A call that the host has accepted is noted, so that its outcome finds its way;
 * one that failed is not, and then nothing runs for it, whatever the host calls back.
 */
export function endCall(
  call: string,
  contextId: u32,
  status: Status,
  id: u32,
  kind: CallKind,
  target: CallTarget | null,
): Status {
  making = false;
  if (effectiveId != contextId) hostcalls.setEffectiveContext(effectiveId);
  if (status != Status.Ok) return status;
  if (id && outcomeBefore == id) {
    refuse(call, "the host ended the call while it was made");
    return Status.InternalFailure;
  }
  addCall(id, kind, contextId, target);
  return Status.Ok;
}

/** The host has told of the outcome of a call that is not known (or no longer). */
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
  for (let call = takeCallOf(contextId); call != null; call = takeCallOf(contextId)) {
    if (grpcUsed && call.kind != CallKind.Http) hostcalls.grpcCancel(call.id);
  }
}
