// A filter in a memory that is too small for what its host has: it counts what it could not read or write.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  HttpContext,
  registerHttpContext,
  Status,
} from "proxy-wasm-as";

let read: u32 = 0;
let notRead: u32 = 0;
let written: u32 = 0;
let notWritten: u32 = 0;

function count(status: Status): void {
  if (status == Status.Ok) written++;
  else notWritten++;
}

class Tight extends HttpContext {
  kept: string | null = null;

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const value = this.requestHeaders.get("x-value");
    if (value == null) {
      notRead++;
      return FilterHeadersStatus.Continue;
    }
    read++;
    if (value.length < 300) this.kept = value;
    count(this.requestHeaders.set("x-copy", value));
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    const bytes = this.requestBody.bytes();
    if (bytes.length == bodySize) read++;
    else notRead++;
    const text = this.requestBody.text();
    if (text.length == bodySize) count(this.requestBody.replace(text));
    else notRead++;
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<Tight>();

export function reads(): u32 {
  return read;
}
export function failedReads(): u32 {
  return notRead;
}
export function writes(): u32 {
  return written;
}
export function failedWrites(): u32 {
  return notWritten;
}
/** Allocates as a filter does; a trap where that cannot be. */
export function make(size: i32): i32 {
  return new Uint8Array(size).length;
}
/** As {@link make}, of a size for which asc has no message of its own. */
export function makeBlock(size: usize): usize {
  return heap.alloc(size);
}
