// Buffer: one class for all buffers of the host: bodies, TCP data, configuration. A handle without state.
import { BufferType, LogLevel, Status } from "./abi/types";
import { bufferIsReachable } from "./availability";
import { CALLOUTS, TCP } from "./features";
import * as hostcalls from "./hostcalls";
import { appendText, beginLine, logLine, refuse } from "./line";
import { encode, encodedLength, out, release, takeBuffer, takeText } from "./memory";

/** Beyond the end of any buffer: hosts take it as "to the end" and "after the end". */
const END: u32 = u32.MAX_VALUE;

/** Buffers about which a filter has been told that they cannot be used in that callback. */
let reported: u32 = 0;

function bufferName(type: BufferType): string {
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
    appendText(bufferName(type));
    appendText(" cannot be used in this callback");
    logLine(LogLevel.Warn);
  }
  return status;
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
    const status = bufferIsReachable(this.type) ? hostcalls.getBufferStatus(this.type) : Status.BadArgument;
    return unavailable(this.type, status) == Status.Ok ? load<u32>(out) : 0;
  }

  /** A copy of the bytes from `start` up to, not including, `end`, both cut off at the buffer's end. */
  bytes(start: u32 = 0, end: u32 = END): Uint8Array {
    if (start >= end) return new Uint8Array(0);
    const status = bufferIsReachable(this.type)
      ? hostcalls.getBufferBytes(this.type, start, end - start)
      : Status.BadArgument;
    return unavailable(this.type, status) == Status.Ok ? Uint8Array.wrap(takeBuffer()) : new Uint8Array(0);
  }

  /** The whole buffer as text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    const status = bufferIsReachable(this.type)
      ? hostcalls.getBufferText(this.type, 0, END)
      : Status.BadArgument;
    if (unavailable(this.type, status) != Status.Ok) return "";
    const text = takeText();
    if (text != null) return text;
    refuse("text", "the text is larger than the memory of a module; read bytes() in parts");
    return "";
  }

  /**
   * Replaces the whole buffer. The host does not mend a declared `content-length`: remove that header in the
   * headers callback, or let {@link HttpContext.bufferRequestBody} and its twin take care of it.
   */
  replace(text: string): Status {
    return this.write("replace", 0, END, text);
  }

  /** Like {@link replace}, with bytes. */
  replaceBytes(bytes: Uint8Array): Status {
    return this.put(0, END, bytes.dataStart, bytes.byteLength);
  }

  /** Puts text behind what is there. See {@link replace} for `content-length`. */
  append(text: string): Status {
    return this.write("append", END, 0, text);
  }

  /** Like {@link append}, with bytes. */
  appendBytes(bytes: Uint8Array): Status {
    return this.put(END, 0, bytes.dataStart, bytes.byteLength);
  }

  /** Puts text in front of what is there. See {@link replace} for `content-length`. */
  prepend(text: string): Status {
    return this.write("prepend", 0, 0, text);
  }

  /** Like {@link prepend}, with bytes. */
  prependBytes(bytes: Uint8Array): Status {
    return this.put(0, 0, bytes.dataStart, bytes.byteLength);
  }

  private write(call: string, offset: u32, size: u32, text: string): Status {
    const data = encode(text);
    if (!data) return refuse(call, "the text is larger than the memory of a module");
    const status = this.put(offset, size, data, encodedLength);
    release(data);
    return status;
  }

  private put(offset: u32, size: u32, data: usize, dataLength: usize): Status {
    const status = bufferIsReachable(this.type)
      ? hostcalls.setBufferBytes(this.type, offset, size, data, dataLength)
      : Status.BadArgument;
    return unavailable(this.type, status);
  }
}
