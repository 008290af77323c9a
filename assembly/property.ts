// Properties: what the proxy knows about a request, a connection, itself.
import { LogLevel, Status } from "./abi/types";
import { tryObject, viewOf } from "./allocate";
import { inCallback, TOO_LARGE } from "./call-rules";
import { HeaderList } from "./header-list";
import * as hostcalls from "./hostcalls";
import { appendMessage, appendNumber, beginLine, logLine, Message, refuse } from "./line";
import { encode, encodedLength, out, release, reserve, takeBuffer, takeText } from "./memory";
import { encodedBound, encodeUnits } from "./utf8";

let pathLength: usize = 0;

/** The bytes of a path, to be given back with `release`; 0 when memory is short. Its length is left in {@link pathLength}. */
function encodePath<T>(path: T): usize {
  if (isNullable<T>()) {
    ERROR("a path cannot be null: test it first, as in 'if (path != null) { ... }'");
  } else if (isString<T>()) {
    const start = encode(changetype<string>(path));
    pathLength = encodedLength;
    return start;
  } else if (isArray<T>()) {
    return joinPath(changetype<string[]>(path));
  } else {
    ERROR('a path is text, "request\\0path", or an array of its segments, ["request", "path"]');
  }
}

/** The segments of a path, joined by NUL. */
function joinPath(path: string[]): usize {
  let size: usize = 0;
  for (let i = 0; i < path.length; i++) size += encodedBound(changetype<usize>(path[i]), path[i].length) + 1;
  const start = reserve(size);
  if (!start) return 0;
  let at = start;
  for (let i = 0; i < path.length; i++) {
    if (i) store<u8>(at++, 0);
    at = encodeUnits(changetype<usize>(path[i]), path[i].length, at);
  }
  pathLength = at - start;
  return start;
}

/** Reads a property; on `Ok` it is to be taken as text, or as a buffer if so wanted. */
function read<T>(path: T, asBuffer: bool): Status {
  const start = encodePath<T>(path);
  const status = start ? ask(start, asBuffer) : Status.NotFound;
  release(start);
  return status;
}

function ask(path: usize, asBuffer: bool): Status {
  if (!inCallback("getProperty")) return Status.BadArgument;
  return asBuffer
    ? hostcalls.getPropertyBytes(path, pathLength)
    : hostcalls.getPropertyText(path, pathLength);
}

let reported: bool = false;

/** Says once that a reader does not fit a value, whose size alone tells it. */
function misfit(size: usize, expected: usize): void {
  if (reported) return;
  reported = true;
  beginLine("proxy-wasm-as: a property has ");
  appendNumber(<u32>size);
  appendMessage(" bytes and was read as a value of ");
  appendNumber(<u32>expected);
  appendMessage(": use the reader for its type");
  logLine(LogLevel.Warn);
}

/** The value that was read, if it has the expected size, else `absent`. */
function takeNumber(status: Status, expected: usize, absent: u64): u64 {
  if (status != Status.Ok) return absent;
  const at = load<usize>(out);
  const size = load<usize>(out, 4);
  let value = absent;
  if (size == expected) value = expected == 1 ? <u64>load<u8>(at) : load<u64>(at);
  if (size != expected) misfit(size, expected);
  return value;
}

/**
 * A property as text, or `null` when there is none in this callback. The path is given in segments, since keys may hold
 * dots: `getProperty(["metadata", "filter_metadata", "envoy.lua", "key"])`; or as one text with NUL between the segments,
 * `getProperty("request\0path")`, which allocates nothing for the path. Bytes that are not UTF-8 become U+FFFD.
 *
 * The proxy does not tell of what type a value is: each reader is for one. {@link properties} has the attributes of Envoy
 * with their types. Spec: `proxy_get_property`.
 */
export function getProperty<T>(path: T): string | null {
  return read<T>(path, false) == Status.Ok ? takeText() : null;
}

/**
 * The bytes of a property, or `null` when there is none in this callback: see {@link getProperty} for the path. Numbers,
 * times and durations are 8 bytes, little endian; a flag is one byte; maps and lists are in the form of header pairs;
 * messages are protobuf.
 */
export function getPropertyBytes<T>(path: T): Uint8Array | null {
  return read<T>(path, true) == Status.Ok ? viewOf(takeBuffer()) : null;
}

/** Whether there is such a property in this callback, be it empty. Allocates nothing for a path with NULs. */
export function hasProperty<T>(path: T): bool {
  return read<T>(path, false) == Status.Ok;
}

/** An integer, or `absent` where there is none; as {@link getProperty}, but allocates nothing. */
export function getPropertyI64<T>(path: T, absent: i64 = 0): i64 {
  return <i64>takeNumber(read<T>(path, false), 8, <u64>absent);
}

/** An integer without sign; as {@link getPropertyI64}. */
export function getPropertyU64<T>(path: T, absent: u64 = 0): u64 {
  return takeNumber(read<T>(path, false), 8, absent);
}

/** A number with a fraction; those in metadata all are such. As {@link getPropertyI64}. */
export function getPropertyF64<T>(path: T, absent: f64 = 0): f64 {
  return reinterpret<f64>(takeNumber(read<T>(path, false), 8, reinterpret<u64>(absent)));
}

/** A flag; as {@link getPropertyI64}. */
export function getPropertyBool<T>(path: T, absent: bool = false): bool {
  return takeNumber(read<T>(path, false), 1, <u64>absent) != 0;
}

/** A point in time, in nanoseconds since 1970; as {@link getPropertyI64}. */
export function getPropertyTime<T>(path: T, absent: u64 = 0): u64 {
  return takeNumber(read<T>(path, false), 8, absent);
}

/** A duration in nanoseconds; as {@link getPropertyI64}. */
export function getPropertyDuration<T>(path: T, absent: i64 = 0): i64 {
  return <i64>takeNumber(read<T>(path, false), 8, <u64>absent);
}

/**
 * A list of texts, or `null` when there is none in this callback; as {@link getProperty}. Items that are no text are
 * there in their bytes.
 */
export function getPropertyList<T>(path: T): string[] | null {
  if (read<T>(path, true) != Status.Ok) return null;
  const pairs = HeaderList.read(takeBuffer());
  const items: string[] = [];
  // An item of no bytes is an object, too. What is tried is garbage; the items then find the room.
  if (!tryObject(((<usize>pairs.length) << 5) + (pairs.byteLength << 1), idof<ArrayBuffer>())) {
    refuse("getPropertyList", TOO_LARGE);
    return null;
  }
  for (let i = 0; i < pairs.length; i++) items.push(pairs.name(i));
  return items;
}

/**
 * A map of texts, or `null` when there is none in this callback; as {@link getProperty}. Names are found without regard
 * to case. Values that are no text are there in their bytes: ask for one of them by a longer path.
 */
export function getPropertyMap<T>(path: T): HeaderList | null {
  return read<T>(path, true) == Status.Ok ? HeaderList.read(takeBuffer()) : null;
}

/**
 * Sets a property of the stream, readable under the same single segment by later filters and in `onLog`; Envoy
 * keeps it as filter state `wasm.<name>`, and shows it in access logs as `%FILTER_STATE(wasm.name:PLAIN)%`. A root has
 * none: {@link Status.NotFound}. Spec: `proxy_set_property`.
 */
export function setProperty(name: string, value: string): Status {
  const data = encode(value);
  const status = data ? write("setProperty", name, data, encodedLength) : refuse("setProperty", TOO_LARGE);
  release(data);
  return status;
}

/** Like {@link setProperty}, with bytes. */
export function setPropertyBytes(name: string, value: Uint8Array): Status {
  return write("setPropertyBytes", name, value.dataStart, value.byteLength);
}

function write(call: Message, name: string, value: usize, valueLength: usize): Status {
  if (!inCallback(call)) return Status.BadArgument;
  const key = encode(name);
  const status = key
    ? hostcalls.setProperty(key, encodedLength, value, valueLength)
    : refuse(call, "the name is larger than the memory of a module");
  release(key);
  return status;
}
