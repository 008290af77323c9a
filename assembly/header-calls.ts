// What header maps do, name by name: with the question whether the map can be used, or without.
import { LogLevel, MapType, Status } from "./abi/types";
import { mapIsReachable } from "./availability";
import { CALLOUTS } from "./features";
import { HeaderList } from "./header-list";
import { hasLineBreak, isHeaderName, refuseName, refuseValue } from "./header-rules";
import * as hostcalls from "./hostcalls";
import { appendMessage, beginLine, logLine, Message } from "./line";
import { encodedLength, encodeLast, takeBuffer } from "./memory";
import { resetLineBreak, sawLineBreak } from "./utf8";

/** Maps about which a filter has been told that they cannot be used in that callback. */
let reported: u32 = 0;

/** Says once per map that it cannot be used at this point; the status goes on to the caller. */
export function unavailable(type: MapType, status: Status): Status {
  if (status > Status.NotFound && !(reported & (1 << type))) {
    reported |= 1 << type;
    beginLine("proxy-wasm-as: ");
    if (CALLOUTS && type > MapType.HttpResponseTrailers) {
      appendMessage("the headers, trailers or metadata that a call was answered with");
    } else {
      // requestHeaders, requestTrailers, responseHeaders, responseTrailers
      appendMessage(type & 2 ? "response" : "request");
      appendMessage(type & 1 ? "Trailers" : "Headers");
    }
    appendMessage(" cannot be used in this callback");
    logLine(LogLevel.Warn);
  }
  return status;
}

/** Envoy calls the trailers that a call was not answered with a bad argument. */
function mended(type: MapType, status: Status): Status {
  return CALLOUTS && type > MapType.HttpResponseTrailers && status != Status.Ok ? Status.NotFound : status;
}

/** Asks for a value; on `Ok` it is to be taken as text. */
export function ask<C>(type: MapType, name: usize, nameLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.getHeaderMapValue(type, name, nameLength);
  const status = mapIsReachable(type, false)
    ? mended(type, hostcalls.getHeaderMapValue(type, name, nameLength))
    : Status.BadArgument;
  return unavailable(type, status);
}

/** Asks for a value; on `Ok` it is to be taken as a buffer. */
export function askBytes<C>(type: MapType, name: usize, nameLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.getHeaderMapValueBytes(type, name, nameLength);
  const status = mapIsReachable(type, false)
    ? mended(type, hostcalls.getHeaderMapValueBytes(type, name, nameLength))
    : Status.BadArgument;
  return unavailable(type, status);
}

export function entriesOf<C>(type: MapType): HeaderList {
  if (!isBoolean<C>()) {
    if (!mapIsReachable(type, false)) {
      unavailable(type, Status.BadArgument);
      return new HeaderList();
    }
  }
  hostcalls.getHeaderMapPairs(type);
  return HeaderList.read(takeBuffer());
}

/** Adds a value that is sound. */
export function add<C>(
  type: MapType,
  name: usize,
  nameLength: usize,
  value: usize,
  valueLength: usize,
): Status {
  if (isBoolean<C>()) return hostcalls.addHeaderMapValue(type, name, nameLength, value, valueLength);
  const status = mapIsReachable(type, true)
    ? hostcalls.addHeaderMapValue(type, name, nameLength, value, valueLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

/** Replaces all values by one that is sound. */
export function set<C>(
  type: MapType,
  name: usize,
  nameLength: usize,
  value: usize,
  valueLength: usize,
): Status {
  if (isBoolean<C>()) return hostcalls.replaceHeaderMapValue(type, name, nameLength, value, valueLength);
  const status = mapIsReachable(type, true)
    ? hostcalls.replaceHeaderMapValue(type, name, nameLength, value, valueLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

// A literal name stands inside the line that refuses its value: "proxy-wasm-as: add NAME refused: CR, LF or NUL in the
// value". The preset's transform writes it, so that the module needs nothing that puts such a line together.

/** Bytes of the line before the name, and after it. */
const BEFORE_NAME: usize = 19;
const AFTER_NAME: usize = 36;

function refuseWhole(line: usize, nameLength: usize): Status {
  hostcalls.log(LogLevel.Warn, line, BEFORE_NAME + nameLength + AFTER_NAME);
  return Status.BadArgument;
}

export function addText<C>(type: MapType, line: usize, nameLength: usize, value: string): Status {
  const data = encodeValue(value);
  return data
    ? add<C>(type, line + BEFORE_NAME, nameLength, data, encodedLength)
    : refuseWhole(line, nameLength);
}

export function setText<C>(type: MapType, line: usize, nameLength: usize, value: string): Status {
  const data = encodeValue(value);
  return data
    ? set<C>(type, line + BEFORE_NAME, nameLength, data, encodedLength)
    : refuseWhole(line, nameLength);
}

/** A value in UTF-8, as {@link encodeLast} gives it; 0 when it holds a line break or does not fit into memory. */
export function encodeValue(value: string): usize {
  resetLineBreak();
  const data = encodeLast(value);
  return sawLineBreak ? 0 : data;
}

export function remove<C>(type: MapType, name: usize, nameLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.removeHeaderMapValue(type, name, nameLength);
  const status = mapIsReachable(type, true)
    ? hostcalls.removeHeaderMapValue(type, name, nameLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

/** Adds or sets a value that is no literal, or refuses it. */
export function putText<C>(
  call: Message,
  type: MapType,
  name: usize,
  nameLength: usize,
  value: string,
  replace: bool,
): Status {
  const data = encodeValue(value);
  if (!data) return refuseValue(call, name, nameLength);
  return replace
    ? set<C>(type, name, nameLength, data, encodedLength)
    : add<C>(type, name, nameLength, data, encodedLength);
}

/** Whether a name and a value may go to the host; if not, the log says why. */
export function fit(call: Message, name: usize, nameLength: usize, value: Uint8Array): bool {
  if (!isHeaderName(name, nameLength)) refuseName(call);
  else if (hasLineBreak(value.dataStart, value.byteLength)) refuseValue(call, name, nameLength);
  else return true;
  return false;
}
