// What `throw`, a failed `assert` and runtime checks end in: message and place to the log, then a trap.
import { LogLevel } from "./abi/types";
import { appendColonAnd, appendMessage, appendText, beginLine, logLine } from "./line";

/** Replaces AssemblyScript's `abort`. Allocates nothing: the heap may be the reason for it. */
export function sdk_abort(
  message: string | null = null,
  fileName: string | null = null,
  lineNumber: u32 = 0,
  columnNumber: u32 = 0,
): void {
  beginLine("abort: ");
  if (message) appendText(message);
  if (fileName) {
    appendMessage(" at ");
    appendText(fileName);
    appendColonAnd(lineNumber);
    appendColonAnd(columnNumber);
  }
  logLine(LogLevel.Critical);
  unreachable();
}
