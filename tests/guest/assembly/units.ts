// Parts of the guest library under a module of their own, for tests to call: pointers and lengths in and out.
import { HeaderList } from "proxy-wasm-as/assembly/header-list";
import { hasLineBreak, isHeaderName } from "proxy-wasm-as/assembly/header-rules";
import * as memory_ from "proxy-wasm-as/assembly/memory";
import * as utf8 from "proxy-wasm-as/assembly/utf8";

let kept: ArrayBuffer = new ArrayBuffer(0);
let text: string = "";
let list: HeaderList = new HeaderList();

/** A block of just `size` bytes. What follows it is poisoned, so that a read beyond the end shows. */
export function block(size: usize): usize {
  kept = new ArrayBuffer(<i32>(size + 16));
  memory.fill(changetype<usize>(kept), 0xbf, size + 16);
  return changetype<usize>(kept);
}

/** Decodes bytes; the pointer of the text's units, whose number is {@link textLength}. */
export function decode(source: usize, length: usize): usize {
  text = utf8.decode(source, length);
  return changetype<usize>(text);
}

export function textLength(): i32 {
  return text.length;
}

/** Encodes UTF-16 units; the pointer of the bytes, whose number is {@link encodedLength}. */
export function encode(source: usize, units: usize): usize {
  text = changetype<string>(__new(units << 1, idof<string>()));
  memory.copy(changetype<usize>(text), source, units << 1);
  return memory_.encode(text);
}

export function encodedLength(): usize {
  return memory_.encodedLength;
}

export function encodedBound(source: usize, units: usize): usize {
  return utf8.encodedBound(source, units);
}

export function release(area: usize): void {
  memory_.release(area);
}

export function sawLineBreak(): bool {
  const saw = utf8.sawLineBreak;
  utf8.resetLineBreak();
  return saw;
}

export function headerName(source: usize, length: usize): bool {
  return isHeaderName(source, length);
}

export function lineBreak(source: usize, length: usize): bool {
  return hasLineBreak(source, length);
}

/** Reads serialized pairs; the number of sound ones. */
export function readPairs(source: usize, length: usize): i32 {
  const buffer = new ArrayBuffer(<i32>length);
  memory.copy(changetype<usize>(buffer), source, length);
  list = HeaderList.read(buffer);
  return list.length;
}

export function pairName(index: i32): usize {
  text = list.name(index);
  return changetype<usize>(text);
}

export function pairValue(index: i32): usize {
  text = list.value(index);
  return changetype<usize>(text);
}

export function pairValueBytes(index: i32): usize {
  const bytes = list.valueBytes(index);
  kept = bytes.buffer;
  return bytes.dataStart;
}

export function pairValueLength(index: i32): i32 {
  return list.valueLength(index);
}

/** The serialized form of what was read, with `extra` more pairs `x: <number>`. */
export function writePairs(extra: i32): usize {
  for (let i = 0; i < extra; i++) list.add("x", i.toString());
  kept = list.serialize();
  return changetype<usize>(kept);
}

export function writtenLength(): i32 {
  return kept.byteLength;
}
