// The table of calls whose outcome has not come: by the host's number for the call, and by the context that made it.
import { newObject } from "./allocate";

/** Kinds of call. Numbers of HTTP calls and of gRPC calls may be the same. */
export enum CallKind {
  Http = 0,
  GrpcCall = 1,
  GrpcStream = 2,
}

/** What waits for the outcome of a call. */
export abstract class CallTarget {}

/** A call that the host has accepted and not ended. */
@final
export class PendingCall {
  /** @internal The next one in the same bucket by number. */
  nextById: PendingCall | null = null;
  /** @internal The next one in the same bucket by context. */
  nextByContext: PendingCall | null = null;

  constructor(
    readonly id: u32,
    readonly kind: CallKind,
    readonly contextId: u32,
    /** Null where the context's own callback waits. */
    readonly target: CallTarget | null,
  ) {}
}

/** A number of empty buckets. */
function emptyBuckets(length: i32): StaticArray<PendingCall | null> {
  const size = (<usize>length) << alignof<PendingCall>();
  const buckets = newObject(size, idof<StaticArray<PendingCall | null>>());
  memory.fill(buckets, 0, size);
  return changetype<StaticArray<PendingCall | null>>(buckets);
}

// @ts-ignore: decorator
@lazy
let byId = emptyBuckets(16);
// @ts-ignore: decorator
@lazy
let byContext = emptyBuckets(16);

let pending: u32 = 0;

// Envoy's numbers tell the kind of call by their two lowest bits.
function idSlot(id: u32): i32 {
  return (id ^ (id >> 2)) & (byId.length - 1);
}

function contextSlot(contextId: u32): i32 {
  return contextId & (byContext.length - 1);
}

function link(call: PendingCall): void {
  let slot = idSlot(call.id);
  call.nextById = unchecked(byId[slot]);
  unchecked((byId[slot] = call));
  slot = contextSlot(call.contextId);
  call.nextByContext = unchecked(byContext[slot]);
  unchecked((byContext[slot] = call));
}

function unlink(call: PendingCall): void {
  let slot = idSlot(call.id);
  let other = unchecked(byId[slot]);
  if (other === call) unchecked((byId[slot] = call.nextById));
  else {
    while (other != null && other.nextById !== call) other = other.nextById;
    if (other != null) other.nextById = call.nextById;
  }
  slot = contextSlot(call.contextId);
  other = unchecked(byContext[slot]);
  if (other === call) unchecked((byContext[slot] = call.nextByContext));
  else {
    while (other != null && other.nextByContext !== call) other = other.nextByContext;
    if (other != null) other.nextByContext = call.nextByContext;
  }
  pending--;
}

/** Adds a call; one of the same number that a host has forgotten to end makes room for it. */
export function addCall(id: u32, kind: CallKind, contextId: u32, target: CallTarget | null): void {
  takeCall(id, kind != CallKind.Http);
  if (pending >= <u32>byId.length * 4) {
    const old = byId;
    byId = emptyBuckets(old.length * 4);
    byContext = emptyBuckets(old.length * 4);
    for (let i = 0; i < old.length; i++) {
      let moved = unchecked(old[i]);
      while (moved != null) {
        const next = moved.nextById;
        link(moved);
        moved = next;
      }
    }
  }
  link(new PendingCall(id, kind, contextId, target));
  pending++;
}

export function findCall(id: u32, grpc: bool): PendingCall | null {
  let call = unchecked(byId[idSlot(id)]);
  while (call != null && (call.id != id || (call.kind != CallKind.Http) != grpc)) call = call.nextById;
  return call;
}

/** Takes a call out of the table: its outcome has come, or it is given up. */
export function takeCall(id: u32, grpc: bool): PendingCall | null {
  const call = findCall(id, grpc);
  if (call != null) unlink(call);
  return call;
}

/** Takes out any one call of a context; null when it has none. */
export function takeCallOf(contextId: u32): PendingCall | null {
  if (!pending) return null;
  let call = unchecked(byContext[contextSlot(contextId)]);
  while (call != null && call.contextId != contextId) call = call.nextByContext;
  if (call != null) unlink(call);
  return call;
}

/** How many calls there are. */
export function countCalls(): u32 {
  return pending;
}
