// What a build can ask of the transform, by `"use": ["NAME=1"]` in its asconfig.
import type { Program } from "assemblyscript";

/** Keeps every export of a callback, for hosts that need them all. */
export const KEEP_CALLBACKS = "PROXY_WASM_AS_KEEP_CALLBACKS";

/** Whether a build asks for something by `"use": ["NAME=1"]`. */
export function isRequested(program: Program, name: string): boolean {
  const value = program.options.globalAliases?.get(name);
  return value !== undefined && value !== "" && value !== "0";
}
