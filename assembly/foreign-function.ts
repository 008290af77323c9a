// Foreign functions: what a proxy offers beyond the ABI, by name.
import { Status } from "./abi/types";
import { viewOf } from "./allocate";
import { inCallback } from "./call-rules";
import { encode, encodedLength, release, takeBuffer } from "./memory";
import * as hostcalls from "./state-hostcalls";

let lastStatus: Status = Status.Ok;

/**
 * Calls a function of the proxy by its name, and returns the bytes it answers: empty where it answers nothing, `null`
 * when it failed, and then {@link getForeignFunctionStatus} says why. `proxy-wasm-as/envoy` has those of Envoy with
 * their types. Spec: `proxy_call_foreign_function`.
 */
export function callForeignFunction(name: string, argument: Uint8Array): Uint8Array | null {
  return callForeign(name, argument.dataStart, argument.byteLength);
}

/**
 * How the last foreign function ended: {@link Status.NotFound} for a name that the proxy does not know; what else there
 * is depends on the function.
 */
export function getForeignFunctionStatus(): Status {
  return lastStatus;
}

/** @internal As {@link callForeignFunction}, with an argument that stands somewhere. */
export function callForeign(name: string, argument: usize, argumentLength: usize): Uint8Array | null {
  lastStatus = Status.BadArgument;
  if (!inCallback("callForeignFunction")) return null;
  const key = encode(name);
  if (key) lastStatus = hostcalls.callForeignFunction(key, encodedLength, argument, argumentLength);
  release(key);
  return lastStatus == Status.Ok ? viewOf(takeBuffer()) : null;
}
