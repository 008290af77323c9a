// HeaderMap: one class for all header and trailer maps of the host. A handle without state of its own.
import { LogLevel, MapType, Status } from "./abi/types";
import { HeaderList } from "./header-list";
import { hasLineBreak, isHeaderName, refuseName, refuseValue } from "./header-rules";
import { AnyCallback, mapIsReachable, OwnCallback } from "./availability";
import * as hostcalls from "./hostcalls";
import { appendText, beginLine, logLine, refuse } from "./line";
import { dropResult, encode, encodedLength, out, release, takeBuffer, takeText } from "./memory";
import { resetLineBreak, sawLineBreak } from "./utf8";

/** Envoy empties a map instead of replacing it when the pairs are more or larger than this. */
const MAX_PAIRS: i32 = 1024;
const MAX_PAIRS_BYTES: usize = 1 << 20;

/** Maps about which a filter has been told that they cannot be used in that callback. */
let reported: u32 = 0;

/** Says once per map that it cannot be used at this point; the status goes on to the caller. */
function unavailable(type: MapType, status: Status): Status {
  if (status > Status.NotFound && !(reported & (1 << type))) {
    reported |= 1 << type;
    beginLine("proxy-wasm-as: ");
    // requestHeaders, requestTrailers, responseHeaders, responseTrailers
    appendText(type & 2 ? "response" : "request");
    appendText(type & 1 ? "Trailers" : "Headers");
    appendText(" cannot be used in this callback");
    logLine(LogLevel.Warn);
  }
  return status;
}

/** Asks for a value; on `Ok` it is to be taken as text. */
function ask<C>(type: MapType, name: usize, nameLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.getHeaderMapValue(type, name, nameLength);
  const status = mapIsReachable(type, false)
    ? hostcalls.getHeaderMapValue(type, name, nameLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

/** Asks for a value; on `Ok` it is to be taken as a buffer. */
function askBytes<C>(type: MapType, name: usize, nameLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.getHeaderMapValueBytes(type, name, nameLength);
  const status = mapIsReachable(type, false)
    ? hostcalls.getHeaderMapValueBytes(type, name, nameLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

/** Whether a value that was asked for is there; ends the read. */
function found(status: Status): bool {
  if (status != Status.Ok) return false;
  dropResult();
  return true;
}

function entriesOf<C>(type: MapType): HeaderList {
  let status: Status = Status.BadArgument;
  if (isBoolean<C>()) status = hostcalls.getHeaderMapPairs(type);
  else status = unavailable(type, mapIsReachable(type, false) ? hostcalls.getHeaderMapPairs(type) : status);
  return status == Status.Ok ? HeaderList.read(takeBuffer()) : new HeaderList();
}

function add<C>(type: MapType, name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.addHeaderMapValue(type, name, nameLength, value, valueLength);
  const status = mapIsReachable(type, true)
    ? hostcalls.addHeaderMapValue(type, name, nameLength, value, valueLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

function set<C>(type: MapType, name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.replaceHeaderMapValue(type, name, nameLength, value, valueLength);
  const status = mapIsReachable(type, true)
    ? hostcalls.replaceHeaderMapValue(type, name, nameLength, value, valueLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

function addText<C>(type: MapType, name: usize, nameLength: usize, value: string): Status {
  const data = encodeValue(value);
  const status = data
    ? add<C>(type, name, nameLength, data, encodedLength)
    : refuseValue("add", name, nameLength);
  release(data);
  return status;
}

function setText<C>(type: MapType, name: usize, nameLength: usize, value: string): Status {
  const data = encodeValue(value);
  const status = data
    ? set<C>(type, name, nameLength, data, encodedLength)
    : refuseValue("set", name, nameLength);
  release(data);
  return status;
}

/** A value in UTF-8, to be released; 0 when it holds a line break or does not fit into memory. */
function encodeValue(value: string): usize {
  resetLineBreak();
  const data = encode(value);
  if (!sawLineBreak) return data;
  release(data);
  return 0;
}

function remove<C>(type: MapType, name: usize, nameLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.removeHeaderMapValue(type, name, nameLength);
  const status = mapIsReachable(type, true)
    ? hostcalls.removeHeaderMapValue(type, name, nameLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

/** Whether a name and a value may go to the host; if not, the log says why. */
function fit(call: string, name: usize, nameLength: usize, value: Uint8Array): bool {
  if (!isHeaderName(name, nameLength)) refuseName(call);
  else if (hasLineBreak(value.dataStart, value.byteLength)) refuseValue(call, name, nameLength);
  else return true;
  return false;
}

/**
 * The headers or trailers of a request or response, as the host holds them: `this.requestHeaders`,
 * `this.requestTrailers`, `this.responseHeaders`, `this.responseTrailers`.
 *
 * Names are compared without case. Values are bytes on the wire: text is encoded as UTF-8, and bytes that are
 * not UTF-8 are read as U+FFFD; the `Bytes` methods keep them as they are. A header that is absent reads as
 * `null`, one that is empty as `""`.
 *
 * Each map can be used in its own headers or trailers callback, for as long as that callback has not returned
 * `Continue`; all but the request trailers can be read in `onLog`. Elsewhere reads answer `null`, writes answer
 * {@link Status.BadArgument}, and the log says so once.
 *
 * Spec: Proxy-Wasm v0.2.1, HTTP fields.
 * @hideconstructor
 */
@unmanaged
export class HeaderMap {
  /** @internal The map's number plus 8: no map is a null pointer, and no object is needed. */
  private get type(): MapType {
    return <MapType>(changetype<usize>(this) - 8);
  }

  /** @internal */
  static of(type: MapType): HeaderMap {
    return changetype<HeaderMap>(<usize>type + 8);
  }

  /** The first value of a header as text, or `null` when there is none. Use {@link getAll} for repeated headers. */
  get(name: string): string | null {
    const key = encode(name);
    const value = this.__get(key, encodedLength);
    release(key);
    return value;
  }

  /** The first value of a header as it is on the wire, or `null` when there is none. */
  getBytes(name: string): Uint8Array | null {
    const key = encode(name);
    const value = this.__getBytes(key, encodedLength);
    release(key);
    return value;
  }

  /** Every value of a header, in order: none, one or several. */
  getAll(name: string): string[] {
    return this.entries().getAll(name);
  }

  /** Whether the header is there, be it empty. Allocates nothing. */
  has(name: string): bool {
    const key = encode(name);
    const has = this.__has(key, encodedLength);
    release(key);
    return has;
  }

  /**
   * Sets a header to one value: creates it, or replaces all its values.
   * A name that is no header name, or CR, LF or NUL in the value, is refused with {@link Status.BadArgument}.
   */
  set(name: string, value: string): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = isHeaderName(key, keyLength) ? this.__setText(key, keyLength, value) : refuseName("set");
    release(key);
    return status;
  }

  /** Like {@link set}, with the value's bytes as they shall be on the wire. */
  setBytes(name: string, value: Uint8Array): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = fit("setBytes", key, keyLength, value)
      ? this.__set(key, keyLength, value.dataStart, value.byteLength)
      : Status.BadArgument;
    release(key);
    return status;
  }

  /**
   * Adds a value beside those that a header has. Envoy joins the values of headers that can occur only once
   * (`:path`, `user-agent`, `content-type` and such) with a comma. Refuses what {@link set} refuses.
   */
  add(name: string, value: string): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = isHeaderName(key, keyLength) ? this.__addText(key, keyLength, value) : refuseName("add");
    release(key);
    return status;
  }

  /** Like {@link add}, with the value's bytes as they shall be on the wire. */
  addBytes(name: string, value: Uint8Array): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = fit("addBytes", key, keyLength, value)
      ? this.__add(key, keyLength, value.dataStart, value.byteLength)
      : Status.BadArgument;
    release(key);
    return status;
  }

  /** Removes every value of a header. Removing what is not there is `Ok`. */
  remove(name: string): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = isHeaderName(key, keyLength) ? this.__remove(key, keyLength) : refuseName("remove");
    release(key);
    return status;
  }

  /** All headers in the host's order: a copy that stays as it is. Empty when the map is empty or unavailable. */
  entries(): HeaderList {
    return entriesOf<AnyCallback>(this.type);
  }

  /**
   * Replaces all headers by those of the list. Pseudo-headers (`:path`, `:status`, ...) and `x-forwarded-proto`,
   * which a proxy needs for routing, keep their value unless the list names them. More than 1,024 headers or
   * 1 MiB are refused with {@link Status.BadArgument}, since Envoy would then drop all headers.
   */
  setAll(list: HeaderList): Status {
    if (!mapIsReachable(this.type, true)) return unavailable(this.type, Status.BadArgument);
    const whole = new HeaderList();
    const present = this.entries();
    for (let i = 0; i < present.length; i++) {
      if (present.isVital(i) && !list.hasNameOf(present, i)) whole.copyFrom(present, i);
    }
    for (let i = 0; i < list.length; i++) whole.copyFrom(list, i);
    if (whole.length > MAX_PAIRS || whole.byteLength > MAX_PAIRS_BYTES) {
      return refuse("setAll", "more than 1,024 headers or 1 MiB, at which Envoy drops every header");
    }
    const pairs = whole.serialize();
    return unavailable(
      this.type,
      hostcalls.setHeaderMapPairs(this.type, changetype<usize>(pairs), <usize>pairs.byteLength),
    );
  }

  /** What all names and values take, in bytes; 0 when the map is unavailable. Count headers with `entries().length`. */
  get byteSize(): u32 {
    const status = mapIsReachable(this.type, false)
      ? hostcalls.getHeaderMapSize(this.type)
      : Status.BadArgument;
    return unavailable(this.type, status) == Status.Ok ? load<u32>(out) : 0;
  }

  // What the preset's transform makes of calls with literals: names and values are UTF-8, and checked, in the module.
  // The ones whose names end in Own stand in the callback that the map belongs to.

  /** @internal */
  __get(name: usize, nameLength: usize): string | null {
    return ask<AnyCallback>(this.type, name, nameLength) == Status.Ok ? takeText() : null;
  }

  /** @internal */
  __getOwn(name: usize, nameLength: usize): string | null {
    return ask<OwnCallback>(this.type, name, nameLength) == Status.Ok ? takeText() : null;
  }

  /** @internal */
  __getBytes(name: usize, nameLength: usize): Uint8Array | null {
    return askBytes<AnyCallback>(this.type, name, nameLength) == Status.Ok
      ? Uint8Array.wrap(takeBuffer())
      : null;
  }

  /** @internal */
  __getBytesOwn(name: usize, nameLength: usize): Uint8Array | null {
    return askBytes<OwnCallback>(this.type, name, nameLength) == Status.Ok
      ? Uint8Array.wrap(takeBuffer())
      : null;
  }

  /** @internal */
  __has(name: usize, nameLength: usize): bool {
    return found(ask<AnyCallback>(this.type, name, nameLength));
  }

  /** @internal */
  __hasOwn(name: usize, nameLength: usize): bool {
    return found(ask<OwnCallback>(this.type, name, nameLength));
  }

  /** @internal */
  __add(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    return add<AnyCallback>(this.type, name, nameLength, value, valueLength);
  }

  /** @internal */
  __addOwn(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    return add<OwnCallback>(this.type, name, nameLength, value, valueLength);
  }

  /** @internal */
  __addText(name: usize, nameLength: usize, value: string): Status {
    return addText<AnyCallback>(this.type, name, nameLength, value);
  }

  /** @internal */
  __addTextOwn(name: usize, nameLength: usize, value: string): Status {
    return addText<OwnCallback>(this.type, name, nameLength, value);
  }

  /** @internal */
  __set(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    return set<AnyCallback>(this.type, name, nameLength, value, valueLength);
  }

  /** @internal */
  __setOwn(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    return set<OwnCallback>(this.type, name, nameLength, value, valueLength);
  }

  /** @internal */
  __setText(name: usize, nameLength: usize, value: string): Status {
    return setText<AnyCallback>(this.type, name, nameLength, value);
  }

  /** @internal */
  __setTextOwn(name: usize, nameLength: usize, value: string): Status {
    return setText<OwnCallback>(this.type, name, nameLength, value);
  }

  /** @internal */
  __remove(name: usize, nameLength: usize): Status {
    return remove<AnyCallback>(this.type, name, nameLength);
  }

  /** @internal */
  __removeOwn(name: usize, nameLength: usize): Status {
    return remove<OwnCallback>(this.type, name, nameLength);
  }

  /** @internal */
  __entriesOwn(): HeaderList {
    return entriesOf<OwnCallback>(this.type);
  }
}
