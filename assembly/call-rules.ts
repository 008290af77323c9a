// When and with what host functions may be called at all: what the nouns of shared state refuse alike.
import { callbackNumber, trackActive } from "./active-context";
import { tryObject } from "./allocate";
import { Message, refuse } from "./line";
import { decodeInto } from "./utf8";

/** What a value that could not be encoded is refused with. */
// @ts-ignore: decorator
@lazy
export const TOO_LARGE: Message = "the text is larger than the memory of a module";

/**
 * Whether a host function may be called now. Proxies offer hardly any while top-level code runs: Envoy ends the VM, and
 * refuses the configuration. Says so in the log.
 */
export function inCallback(call: Message): bool {
  if (trackActive && callbackNumber) return true;
  refuse(call, "top-level code cannot call the proxy; do it in a callback, such as onConfigure");
  return false;
}

/** The text of bytes that are kept; `""`, with a line in the log, when memory is too short for it. */
export function textOf(bytes: usize, length: i32): string {
  const object = tryObject((<usize>length) << 1, idof<string>());
  if (object) return decodeInto(object, bytes, length);
  refuse("text", TOO_LARGE);
  return "";
}
