// Routes the outcomes of calls to the contexts that made them: a host tells them all to a root context.
import { BufferType, GrpcStatus, MapType, Status } from "./abi/types";
import { activeId, phase, Phase } from "./active-context";
import { BaseContext } from "./base-context";
import { Buffer } from "./buffer";
import { strayOutcome } from "./callout";
import { StreamContext } from "./context";
import { findContext } from "./context-table";
import { begin, end } from "./dispatcher";
import { setCalloutFlow } from "./flow";
import {
  GrpcCallHandler,
  GrpcCallResponse,
  grpcStatus,
  grpcStatusText,
  setCurrentGrpcCall,
} from "./grpc-call";
import { GrpcStream } from "./grpc-stream";
import { HeaderMap } from "./header-map";
import * as hostcalls from "./hostcalls";
import { HttpCallHandler, HttpCallResponse, setCurrentHttpCall } from "./http-call";
import { CallKind, findCall, PendingCall, takeCall } from "./pending-calls";

/** What tells whether the maps and buffers of a stream can be used while its call is handled. */
function noteFlow(context: BaseContext | null): void {
  setCalloutFlow(context instanceof StreamContext ? changetype<StreamContext>(context).__flow : 0);
}

/** Makes the host act for the context that made a call; false when it does not know it any more. */
function reaches(context: BaseContext, contextId: u32): bool {
  noteFlow(context);
  return context.contextId == contextId || hostcalls.setEffectiveContext(context.contextId) == Status.Ok;
}

function leave(outer: u64): void {
  end(outer);
  // Where a host called in from another outcome's handler.
  if (phase == Phase.Callout) noteFlow(findContext(activeId));
}

// What waits for a call is of the class that its kind says: the casts are unchecked, as in dispatcher.ts.

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
    const outerCall = setCurrentHttpCall(callId);
    const target = call.target;
    if (target == null) context.onHttpCallResponse(callId, numHeaders, bodySize, numTrailers);
    else {
      const response = new HttpCallResponse(callId, numHeaders, bodySize, numTrailers);
      changetype<HttpCallHandler>(target).onResponse(response);
    }
    setCurrentHttpCall(outerCall);
  }
  leave(outer);
}

function respond(call: PendingCall, status: GrpcStatus, text: string): void {
  const outerCall = setCurrentGrpcCall(call.id);
  changetype<GrpcCallHandler>(call.target).onResponse(new GrpcCallResponse(call.id, status, text));
  setCurrentGrpcCall(outerCall);
}

export function onGrpcReceiveInitialMetadata(contextId: u32, callId: u32, numElements: u32): void {
  const call = findCall(callId, true);
  if (call == null || call.kind != CallKind.GrpcStream) return;
  const context = findContext(call.contextId);
  if (context == null) return;
  const outer = begin(context.contextId, Phase.Callout);
  if (reaches(context, contextId)) {
    const stream = changetype<GrpcStream>(call.target);
    const handler = stream.__handler;
    if (handler == null) context.onGrpcReceiveInitialMetadata(callId, numElements);
    else handler.onInitialMetadata(stream, HeaderMap.of(MapType.GrpcReceiveInitialMetadata));
  }
  leave(outer);
}

export function onGrpcReceive(contextId: u32, callId: u32, messageSize: u32): void {
  const call = findCall(callId, true);
  if (call == null) return strayOutcome(callId);
  if (call.kind == CallKind.GrpcCall) takeCall(callId, true);
  const context = findContext(call.contextId);
  if (context == null) return;
  const outer = begin(context.contextId, Phase.Callout);
  if (reaches(context, contextId)) {
    if (call.kind == CallKind.GrpcStream) {
      const stream = changetype<GrpcStream>(call.target);
      const handler = stream.__handler;
      if (handler == null) context.onGrpcReceive(callId, messageSize);
      else handler.onMessage(stream, Buffer.of(BufferType.GrpcReceiveBuffer));
    } else if (call.target == null) context.onGrpcReceive(callId, messageSize);
    else respond(call, GrpcStatus.Ok, "");
  }
  leave(outer);
}

export function onGrpcReceiveTrailingMetadata(contextId: u32, callId: u32, numElements: u32): void {
  const call = findCall(callId, true);
  if (call == null || call.kind != CallKind.GrpcStream) return;
  const context = findContext(call.contextId);
  if (context == null) return;
  const outer = begin(context.contextId, Phase.Callout);
  if (reaches(context, contextId)) {
    const stream = changetype<GrpcStream>(call.target);
    const handler = stream.__handler;
    if (handler == null) context.onGrpcReceiveTrailingMetadata(callId, numElements);
    else handler.onTrailingMetadata(stream, HeaderMap.of(MapType.GrpcReceiveTrailingMetadata));
  }
  leave(outer);
}

export function onGrpcClose(contextId: u32, callId: u32, code: i32): void {
  const call = takeCall(callId, true);
  if (call == null) return strayOutcome(callId);
  const context = findContext(call.contextId);
  if (context == null) return;
  const outer = begin(context.contextId, Phase.Callout);
  if (reaches(context, contextId)) {
    const status = grpcStatus(code);
    if (call.kind == CallKind.GrpcStream) {
      const stream = changetype<GrpcStream>(call.target);
      const handler = stream.__handler;
      if (handler == null) context.onGrpcClose(callId, status);
      else handler.onClose(stream, status, grpcStatusText());
      stream.__end();
    } else if (call.target == null) context.onGrpcClose(callId, status);
    else respond(call, status, grpcStatusText());
  }
  leave(outer);
}
