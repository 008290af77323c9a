// HeaderMap: one class for all header and trailer maps of the host. A handle without state of its own.
import { LogLevel, MapType, Status } from "./abi/types";
import { HeaderList } from "./header-list";
import { hasLineBreak, isHeaderName, refuseName, refuseValue } from "./header-rules";
import { mapIsReachable } from "./availability";
import { CALLOUTS } from "./features";
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
    if (CALLOUTS && type > MapType.HttpResponseTrailers) {
      appendText("the headers, trailers or metadata that a call was answered with");
    } else {
      // requestHeaders, requestTrailers, responseHeaders, responseTrailers
      appendText(type & 2 ? "response" : "request");
      appendText(type & 1 ? "Trailers" : "Headers");
    }
    appendText(" cannot be used in this callback");
    logLine(LogLevel.Warn);
  }
  return status;
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
    return this.read(name, false) == Status.Ok ? takeText() : null;
  }

  /** The first value of a header as it is on the wire, or `null` when there is none. */
  getBytes(name: string): Uint8Array | null {
    return this.read(name, true) == Status.Ok ? Uint8Array.wrap(takeBuffer()) : null;
  }

  /** Every value of a header, in order: none, one or several. */
  getAll(name: string): string[] {
    return this.entries().getAll(name);
  }

  /** Whether the header is there, be it empty. Allocates nothing. */
  has(name: string): bool {
    if (this.read(name, false) != Status.Ok) return false;
    dropResult();
    return true;
  }

  /**
   * Sets a header to one value: creates it, or replaces all its values.
   * A name that is no header name, or CR, LF or NUL in the value, is refused with {@link Status.BadArgument}.
   */
  set(name: string, value: string): Status {
    return this.write("set", name, value, true);
  }

  /** Like {@link set}, with the value's bytes as they shall be on the wire. */
  setBytes(name: string, value: Uint8Array): Status {
    return this.writeBytes("setBytes", name, value, true);
  }

  /**
   * Adds a value beside those that a header has. Envoy joins the values of headers that can occur only once
   * (`:path`, `user-agent`, `content-type` and such) with a comma. Refuses what {@link set} refuses.
   */
  add(name: string, value: string): Status {
    return this.write("add", name, value, false);
  }

  /** Like {@link add}, with the value's bytes as they shall be on the wire. */
  addBytes(name: string, value: Uint8Array): Status {
    return this.writeBytes("addBytes", name, value, false);
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
    const status = mapIsReachable(this.type, false)
      ? hostcalls.getHeaderMapPairs(this.type)
      : unavailable(this.type, Status.BadArgument);
    return status == Status.Ok ? HeaderList.read(takeBuffer()) : new HeaderList();
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
    if (CALLOUTS && this.type > MapType.HttpResponseTrailers) {
      // Envoy does not tell it. In the byte form a pair takes 10 bytes more than its name and value.
      const list = this.entries();
      return <u32>list.byteLength - 4 - 10 * list.length;
    }
    const status = mapIsReachable(this.type, false)
      ? hostcalls.getHeaderMapSize(this.type)
      : Status.BadArgument;
    return unavailable(this.type, status) == Status.Ok ? load<u32>(out) : 0;
  }

  // What the preset's transform makes of calls with literals: names and values are UTF-8, and checked, in the module.

  /** @internal */
  __get(name: usize, nameLength: usize): string | null {
    return this.ask(name, nameLength, false) == Status.Ok ? takeText() : null;
  }

  /** @internal */
  __getBytes(name: usize, nameLength: usize): Uint8Array | null {
    return this.ask(name, nameLength, true) == Status.Ok ? Uint8Array.wrap(takeBuffer()) : null;
  }

  /** @internal */
  __has(name: usize, nameLength: usize): bool {
    if (this.ask(name, nameLength, false) != Status.Ok) return false;
    dropResult();
    return true;
  }

  /** @internal */
  __add(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    return this.put(name, nameLength, value, valueLength, false);
  }

  /** @internal */
  __addText(name: usize, nameLength: usize, value: string): Status {
    return this.putText("add", name, nameLength, value, false);
  }

  /** @internal */
  __set(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    return this.put(name, nameLength, value, valueLength, true);
  }

  /** @internal */
  __setText(name: usize, nameLength: usize, value: string): Status {
    return this.putText("set", name, nameLength, value, true);
  }

  /** @internal */
  __remove(name: usize, nameLength: usize): Status {
    const status = mapIsReachable(this.type, true)
      ? hostcalls.removeHeaderMapValue(this.type, name, nameLength)
      : Status.BadArgument;
    return unavailable(this.type, status);
  }

  /** Asks for a value; on `Ok` it is to be taken as text, or as a buffer if so wanted. */
  private ask(name: usize, nameLength: usize, asBuffer: bool): Status {
    let status: Status = Status.BadArgument;
    if (mapIsReachable(this.type, false)) {
      status = asBuffer
        ? hostcalls.getHeaderMapValueBytes(this.type, name, nameLength)
        : hostcalls.getHeaderMapValue(this.type, name, nameLength);
      // Envoy calls the trailers that a call was not answered with a bad argument.
      if (CALLOUTS && this.type > MapType.HttpResponseTrailers && status != Status.Ok) return Status.NotFound;
    }
    return unavailable(this.type, status);
  }

  private read(name: string, asBuffer: bool): Status {
    const key = encode(name);
    const status = this.ask(key, encodedLength, asBuffer);
    release(key);
    return status;
  }

  private write(call: string, name: string, value: string, replace: bool): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = isHeaderName(key, keyLength)
      ? this.putText(call, key, keyLength, value, replace)
      : refuseName(call);
    release(key);
    return status;
  }

  private writeBytes(call: string, name: string, value: Uint8Array, replace: bool): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = !isHeaderName(key, keyLength)
      ? refuseName(call)
      : hasLineBreak(value.dataStart, value.byteLength)
        ? refuseValue(call, key, keyLength)
        : this.put(key, keyLength, value.dataStart, value.byteLength, replace);
    release(key);
    return status;
  }

  private putText(call: string, name: usize, nameLength: usize, value: string, replace: bool): Status {
    resetLineBreak();
    const data = encode(value);
    const status =
      !data || sawLineBreak
        ? refuseValue(call, name, nameLength)
        : this.put(name, nameLength, data, encodedLength, replace);
    release(data);
    return status;
  }

  private put(name: usize, nameLength: usize, value: usize, valueLength: usize, replace: bool): Status {
    let status: Status = Status.BadArgument;
    if (mapIsReachable(this.type, true)) {
      status = replace
        ? hostcalls.replaceHeaderMapValue(this.type, name, nameLength, value, valueLength)
        : hostcalls.addHeaderMapValue(this.type, name, nameLength, value, valueLength);
    }
    return unavailable(this.type, status);
  }
}
