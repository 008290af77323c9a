// How a guest fails, in the words of Envoy's log.

/** Why a VM is dead. */
export interface Trap {
  /** The function that the host had called, `malloc` included. */
  callback: string;
  /** V8's reason, e.g. `unreachable`. */
  message: string;
  /** Frames of the guest, innermost first; empty if the module has no name section. */
  backtrace: string[];
  /** The whole log entry as Envoy writes it. */
  text: string;
  /** The error that V8 threw. */
  cause: unknown;
}

/** The guest called a host function that is not allowed where it did. */
export class RestrictedCallback extends Error {
  override readonly name = "Error";
  /** The host function that was called. */
  readonly hostFunction: string;

  constructor(hostFunction: string) {
    super("restricted_callback");
    this.hostFunction = hostFunction;
  }
}

/** Envoy logs no more frames than this. */
const MAX_FRAMES = 20;
// V8 writes "at name (wasm://wasm/hash:wasm-function[3]:0x2639)", without the name and the brackets if it has none.
const FRAME = /^\s*at (?:(.*) \()?wasm:\/\/[^\s]*wasm-function\[(\d+)\]:(0x[0-9a-f]+)\)?$/;

/** Puts what V8 threw into Envoy's words. */
export function describeTrap(callback: string, error: unknown, hasNames: boolean): Trap {
  const { name, message, stack } =
    error instanceof Error ? error : { name: "Error", message: String(error), stack: "" };
  const backtrace: string[] = [];
  for (const line of hasNames ? (stack ?? "").split("\n") : []) {
    const frame = FRAME.exec(line);
    if (frame === null || backtrace.length === MAX_FRAMES) continue;
    backtrace.push(`${frame[3]} - ${frame[1] ?? `unknown(function index:${frame[2]})`}`);
  }
  let text = `Function: ${callback} failed: Uncaught ${name}: ${message}`;
  if (error instanceof RestrictedCallback) text += ` (${error.hostFunction} may not be called here)`;
  if (backtrace.length > 0) {
    text += "\nProxy-Wasm plugin in-VM backtrace:";
    for (const [index, frame] of backtrace.entries()) text += `\n${String(index).padStart(3)}:  ${frame}`;
  }
  return { callback, message, backtrace, text, cause: error };
}
