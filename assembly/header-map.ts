// HeaderMap: one class for all header and trailer maps of the host. A handle without state of its own.
import { MapType, Status } from "./abi/types";
import { viewOf } from "./allocate";
import { AnyCallback, mapIsReachable, OwnCallback } from "./availability";
import {
  add,
  addText,
  ask,
  askBytes,
  entriesOf,
  fit,
  putText,
  remove,
  set,
  setText,
  unavailable,
} from "./header-calls";
import { CALLOUTS } from "./features";
import { HeaderList } from "./header-list";
import { isHeaderName, refuseName } from "./header-rules";
import * as hostcalls from "./hostcalls";
import { refuse } from "./line";
import { encode, encodedLength, out, release, takeBuffer, takeText } from "./memory";

/** Envoy empties a map instead of replacing it when the pairs are more or larger than this. */
const MAX_PAIRS: i32 = 1024;
const MAX_PAIRS_BYTES: usize = 1 << 20;

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
    const status = isHeaderName(key, keyLength)
      ? putText<AnyCallback>("set", this.type, key, keyLength, value, true)
      : refuseName("set");
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
    const status = isHeaderName(key, keyLength)
      ? putText<AnyCallback>("add", this.type, key, keyLength, value, false)
      : refuseName("add");
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
    return askBytes<AnyCallback>(this.type, name, nameLength) == Status.Ok ? viewOf(takeBuffer()) : null;
  }

  /** @internal */
  __getBytesOwn(name: usize, nameLength: usize): Uint8Array | null {
    return askBytes<OwnCallback>(this.type, name, nameLength) == Status.Ok ? viewOf(takeBuffer()) : null;
  }

  /** @internal */
  __has(name: usize, nameLength: usize): bool {
    return ask<AnyCallback>(this.type, name, nameLength) == Status.Ok;
  }

  /** @internal */
  __hasOwn(name: usize, nameLength: usize): bool {
    return ask<OwnCallback>(this.type, name, nameLength) == Status.Ok;
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
  __addText(line: usize, nameLength: usize, value: string): Status {
    return addText<AnyCallback>(this.type, line, nameLength, value);
  }

  /** @internal */
  __addTextOwn(line: usize, nameLength: usize, value: string): Status {
    return addText<OwnCallback>(this.type, line, nameLength, value);
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
  __setText(line: usize, nameLength: usize, value: string): Status {
    return setText<AnyCallback>(this.type, line, nameLength, value);
  }

  /** @internal */
  __setTextOwn(line: usize, nameLength: usize, value: string): Status {
    return setText<OwnCallback>(this.type, line, nameLength, value);
  }

  /** @internal */
  __addNamed(name: usize, nameLength: usize, value: string): Status {
    return putText<AnyCallback>("add", this.type, name, nameLength, value, false);
  }

  /** @internal */
  __addNamedOwn(name: usize, nameLength: usize, value: string): Status {
    return putText<OwnCallback>("add", this.type, name, nameLength, value, false);
  }

  /** @internal */
  __setNamed(name: usize, nameLength: usize, value: string): Status {
    return putText<AnyCallback>("set", this.type, name, nameLength, value, true);
  }

  /** @internal */
  __setNamedOwn(name: usize, nameLength: usize, value: string): Status {
    return putText<OwnCallback>("set", this.type, name, nameLength, value, true);
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
