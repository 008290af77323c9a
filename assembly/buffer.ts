// Buffer: one class for all buffers of the host: bodies, TCP data, configuration. A handle without state.
import { BufferType, LogLevel, Status } from "./abi/types";
import { noBytes, viewOf } from "./allocate";
import { AnyCallback, bufferIsReachable, OwnCallback } from "./availability";
import { CALLOUTS, TCP } from "./features";
import * as hostcalls from "./hostcalls";
import { appendMessage, beginLine, logLine, Message, refuse } from "./line";
import { encodedLength, encodeLast, out, takeBuffer, takeText } from "./memory";

/** Beyond the end of any buffer: hosts take it as "to the end" and "after the end". */
const END: u32 = u32.MAX_VALUE;

/** Buffers about which a filter has been told that they cannot be used in that callback. */
let reported: u32 = 0;

function bufferName(type: BufferType): Message {
  switch (type) {
    case BufferType.HttpRequestBody:
      return "requestBody";
    case BufferType.HttpResponseBody:
      return "responseBody";
    case BufferType.PluginConfiguration:
      return "configuration";
  }
  if (TCP && type == BufferType.DownstreamData) return "downstreamData";
  if (TCP && type == BufferType.UpstreamData) return "upstreamData";
  if (CALLOUTS && type > BufferType.UpstreamData) return "the body or message that a call was answered with";
  return "this buffer";
}

/** Says once per buffer that it cannot be used at this point; the status goes on to the caller. */
function unavailable(type: BufferType, status: Status): Status {
  if (status != Status.Ok && !(reported & (1 << type))) {
    reported |= 1 << type;
    beginLine("proxy-wasm-as: ");
    appendMessage(bufferName(type));
    appendMessage(" cannot be used in this callback");
    logLine(LogLevel.Warn);
  }
  return status;
}

function lengthOf<C>(type: BufferType): u32 {
  let status: Status = Status.BadArgument;
  if (isBoolean<C>()) status = hostcalls.getBufferStatus(type);
  else status = unavailable(type, bufferIsReachable(type) ? hostcalls.getBufferStatus(type) : status);
  return status == Status.Ok ? load<u32>(out) : 0;
}

function bytesOf<C>(type: BufferType, start: u32, end: u32): Uint8Array {
  if (start >= end) return noBytes();
  const size = end - start;
  if (isBoolean<C>()) {
    hostcalls.getBufferBytes(type, start, size);
  } else {
    // Not taken after a failure: a host may call back in when that is logged.
    const status = bufferIsReachable(type) ? hostcalls.getBufferBytes(type, start, size) : Status.BadArgument;
    if (unavailable(type, status) != Status.Ok) return noBytes();
  }
  return viewOf(takeBuffer());
}

function textOf<C>(type: BufferType): string {
  if (isBoolean<C>()) {
    hostcalls.getBufferText(type, 0, END);
  } else {
    const status = bufferIsReachable(type) ? hostcalls.getBufferText(type, 0, END) : Status.BadArgument;
    if (unavailable(type, status) != Status.Ok) return "";
  }
  const text = takeText();
  if (text != null) return text;
  refuse("text", "the text is larger than the memory of a module; read bytes() in parts");
  return "";
}

function write<C>(call: Message, type: BufferType, offset: u32, size: u32, text: string): Status {
  const data = encodeLast(text);
  if (!data) return refuse(call, "the text is larger than the memory of a module");
  return put<C>(type, offset, size, data, encodedLength);
}

function put<C>(type: BufferType, offset: u32, size: u32, data: usize, dataLength: usize): Status {
  if (isBoolean<C>()) return hostcalls.setBufferBytes(type, offset, size, data, dataLength);
  const status = bufferIsReachable(type)
    ? hostcalls.setBufferBytes(type, offset, size, data, dataLength)
    : Status.BadArgument;
  return unavailable(type, status);
}

/**
 * A buffer of the host: `this.requestBody`, `this.responseBody`, `this.downstreamData`, `this.upstreamData`,
 * `this.configuration`, `this.vmConfiguration`.
 *
 * A body callback sees the part that has just arrived, or the whole body so far after
 * {@link FilterDataStatus.StopIterationAndBuffer}. What can be read can also be replaced, but for configuration.
 * Outside its callback a buffer reads as empty, writes answer {@link Status.BadArgument}, and the log says so
 * once. A message that has no body cannot be given one.
 *
 * Spec: Proxy-Wasm v0.2.1, Buffers.
 * @hideconstructor
 */
@unmanaged
export class Buffer {
  /** @internal The buffer's number plus 8: no buffer is a null pointer, and no object is needed. */
  private get type(): BufferType {
    return <BufferType>(changetype<usize>(this) - 8);
  }

  /** @internal */
  static of(type: BufferType): Buffer {
    return changetype<Buffer>(<usize>type + 8);
  }

  /** Bytes that can be read now. */
  get length(): u32 {
    return lengthOf<AnyCallback>(this.type);
  }

  /** A copy of the bytes from `start` up to, not including, `end`, both cut off at the buffer's end. */
  bytes(start: u32 = 0, end: u32 = END): Uint8Array {
    return bytesOf<AnyCallback>(this.type, start, end);
  }

  /** The whole buffer as text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    return textOf<AnyCallback>(this.type);
  }

  /**
   * Replaces the whole buffer. The host does not mend a declared `content-length`: remove that header in the
   * headers callback, or let {@link HttpContext.bufferRequestBody} and its twin take care of it.
   */
  replace(text: string): Status {
    return write<AnyCallback>("replace", this.type, 0, END, text);
  }

  /** Like {@link replace}, with bytes. */
  replaceBytes(bytes: Uint8Array): Status {
    return put<AnyCallback>(this.type, 0, END, bytes.dataStart, bytes.byteLength);
  }

  /** Appends text behind what is there. See {@link replace} for `content-length`. */
  append(text: string): Status {
    return write<AnyCallback>("append", this.type, END, 0, text);
  }

  /** Like {@link append}, with bytes. */
  appendBytes(bytes: Uint8Array): Status {
    return put<AnyCallback>(this.type, END, 0, bytes.dataStart, bytes.byteLength);
  }

  /** Puts text in front of what is there. See {@link replace} for `content-length`. */
  prepend(text: string): Status {
    return write<AnyCallback>("prepend", this.type, 0, 0, text);
  }

  /** Like {@link prepend}, with bytes. */
  prependBytes(bytes: Uint8Array): Status {
    return put<AnyCallback>(this.type, 0, 0, bytes.dataStart, bytes.byteLength);
  }

  // What the preset's transform makes of these in the callback that the buffer belongs to.

  /** @internal */
  get __lengthOwn(): u32 {
    return lengthOf<OwnCallback>(this.type);
  }

  /** @internal */
  __bytesOwn(start: u32 = 0, end: u32 = END): Uint8Array {
    return bytesOf<OwnCallback>(this.type, start, end);
  }

  /** @internal */
  __textOwn(): string {
    return textOf<OwnCallback>(this.type);
  }

  /** @internal */
  __replaceOwn(text: string): Status {
    return write<OwnCallback>("replace", this.type, 0, END, text);
  }

  /** @internal */
  __replaceBytesOwn(bytes: Uint8Array): Status {
    return put<OwnCallback>(this.type, 0, END, bytes.dataStart, bytes.byteLength);
  }

  /** @internal */
  __appendOwn(text: string): Status {
    return write<OwnCallback>("append", this.type, END, 0, text);
  }

  /** @internal */
  __appendBytesOwn(bytes: Uint8Array): Status {
    return put<OwnCallback>(this.type, END, 0, bytes.dataStart, bytes.byteLength);
  }

  /** @internal */
  __prependOwn(text: string): Status {
    return write<OwnCallback>("prepend", this.type, 0, 0, text);
  }

  /** @internal */
  __prependBytesOwn(bytes: Uint8Array): Status {
    return put<OwnCallback>(this.type, 0, 0, bytes.dataStart, bytes.byteLength);
  }
}
