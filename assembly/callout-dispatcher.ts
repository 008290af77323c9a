// Routes the outcomes of calls to the contexts that made them: a host tells them all to a root context.
import { Status } from "./abi/types";
import { Phase } from "./active-context";
import { strayOutcome } from "./callout";
import { BaseContext } from "./context";
import { findContext } from "./context-table";
import { begin, end } from "./dispatcher";
import * as hostcalls from "./hostcalls";
import { HttpCallHandler, HttpCallResponse, setCurrentHttpCall } from "./http-call";
import { takeCall } from "./pending-calls";

/** Makes the host act for the context that made a call; false when it does not know it any more. */
function reaches(context: BaseContext, contextId: u32): bool {
  return context.contextId == contextId || hostcalls.setEffectiveContext(context.contextId) == Status.Ok;
}

export function onHttpCallResponse(
  contextId: u32,
  callId: u32,
  numHeaders: u32,
  bodySize: u32,
  numTrailers: u32,
): void {
  const call = takeCall(callId, false);
  if (call == null) return strayOutcome(callId);
  const context = findContext(call.contextId);
  if (context == null) return;
  const outer = begin(context.contextId, Phase.Callout);
  if (reaches(context, contextId)) {
    const target = call.target;
    if (target == null) context.onHttpCallResponse(callId, numHeaders, bodySize, numTrailers);
    else {
      const outerCall = setCurrentHttpCall(callId);
      const response = new HttpCallResponse(callId, numHeaders, bodySize, numTrailers);
      changetype<HttpCallHandler>(target).onResponse(response);
      setCurrentHttpCall(outerCall);
    }
  }
  end(outer);
}
