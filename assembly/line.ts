// One log line of the library's own, put together in the static argument area: allocates nothing.
import { LogLevel, Status } from "./abi/types";
import * as hostcalls from "./hostcalls";
import { scratchEnd, scratchRoom } from "./memory";
import { encodeUnits } from "./utf8";

/** A text of the library's own. The preset's transform makes it the address of UTF-8 that ends with NUL. */
export type Message = string;

let start: usize = 0;
let end: usize = 0;
let limit: usize = 0;

/** Starts a line. Everything up to {@link logLine} must happen in one go. */
export function beginLine(text: Message): void {
  start = end = scratchEnd();
  limit = start + scratchRoom();
  appendMessage(text);
}

/** Appends a text of the library's own, cut off where the area ends. */
export function appendMessage(text: Message): void {
  if (isString<Message>()) {
    appendText(changetype<string>(text));
  } else {
    for (let at = changetype<usize>(text); load<u8>(at) && end < limit; at++) store<u8>(end++, load<u8>(at));
  }
}

/** Appends text, cut off where the area ends. */
export function appendText(text: string): void {
  const room = (limit - end) / 3;
  const units = <usize>text.length;
  end = encodeUnits(changetype<usize>(text), units < room ? units : room, end);
}

export function appendColonAnd(value: u32): void {
  if (end < limit) store<u8>(end++, 58);
  appendNumber(value);
}

export function appendNumber(value: u32): void {
  if (value > 9) appendNumber(value / 10);
  if (end < limit) store<u8>(end++, 48 + (value % 10));
}

/** Writes the line, whatever the host's log level. */
export function logLine(level: LogLevel): void {
  hostcalls.log(level, start, end - start);
}

/** Appends UTF-8, cut off where the area ends. */
export function appendBytes(bytes: usize, length: usize): void {
  const room = limit - end;
  if (length > room) length = room;
  memory.copy(end, bytes, length);
  end += length;
}

/** Says why a call was not passed to the host, and answers the status for it. */
export function refuse(call: Message, reason: Message): Status {
  return refuseNamed(call, 0, 0, reason);
}

/** As {@link refuse}, for a call about something that has a name, in UTF-8. */
export function refuseNamed(call: Message, name: usize, nameLength: usize, reason: Message): Status {
  beginLine("proxy-wasm-as: ");
  appendMessage(call);
  if (nameLength) appendMessage(" ");
  appendBytes(name, nameLength);
  appendMessage(" refused: ");
  appendMessage(reason);
  logLine(LogLevel.Warn);
  return Status.BadArgument;
}
