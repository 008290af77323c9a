// Strings whose chars are bytes, their way into memory, and what host functions hand back.
import { log } from "./env";

/** A byte string in memory. */
export class Bytes {
  readonly at: usize;
  readonly size: usize;

  constructor(text: string) {
    const size = text.length;
    const at = heap.alloc(size + 1);
    for (let i = 0; i < size; i++) store<u8>(at + i, <u8>text.charCodeAt(i));
    this.at = at;
    this.size = size;
  }
}

/** Four words for results: pointer, size, and two more. */
export const OUT: usize = memory.data(32);

/** Marks the results as untouched. */
export function clearOut(): void {
  store<u32>(OUT, 0xabababab);
  store<u32>(OUT, 0xcdcdcdcd, 4);
}

export function textAt(at: usize, size: usize): string {
  let text = "";
  for (let i: usize = 0; i < size; i++) text += String.fromCharCode(load<u8>(at + i));
  return text;
}

/** What {@link OUT} points to; says so if it was left alone. */
export function outText(): string {
  if (load<u32>(OUT) == 0xabababab && load<u32>(OUT, 4) == 0xcdcdcdcd) return "(untouched)";
  return textAt(load<u32>(OUT), load<u32>(OUT, 4));
}

function hex(byte: u32): string {
  const digits = "0123456789abcdef";
  return digits.charAt(byte >> 4) + digits.charAt(byte & 15);
}

/** Printable form: other bytes as \xNN. */
export function shown(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    if (byte < 0x20 || byte > 0x7e || byte == 0x5c) out += "\\x" + hex(byte);
    else out += text.charAt(i);
  }
  return out;
}

/** The value of a property by its kind: s text, u integer, i signed integer, d double, b bool, p pairs, m pairs in no order, n only its size. */
export function decoded(value: string, kind: string): string {
  const bytes = new Bytes(value);
  if (kind == "u" && bytes.size == 8) return load<u64>(bytes.at).toString();
  if (kind == "i" && bytes.size == 8) return load<i64>(bytes.at).toString();
  if (kind == "d" && bytes.size == 8) return load<f64>(bytes.at).toString();
  if (kind == "b" && bytes.size == 1) return load<u8>(bytes.at) ? "true" : "false";
  if (kind == "p") return pairsText(value);
  if (kind == "m") return pairsText(value).split("&").sort().join("&");
  if (kind == "n") return "(" + bytes.size.toString() + " bytes)";
  return shown(value);
}

/** `name=value` of serialized pairs, joined by `&`. */
export function pairsText(value: string): string {
  const bytes = new Bytes(value);
  if (value == "(untouched)") return value;
  if (bytes.size < 4) return "(" + bytes.size.toString() + " bytes)";
  const count = load<u32>(bytes.at);
  let at = bytes.at + 4 + count * 8;
  let text = "";
  for (let i: u32 = 0; i < count; i++) {
    const nameSize = load<u32>(bytes.at + 4 + i * 8);
    const valueSize = load<u32>(bytes.at + 8 + i * 8);
    if (i > 0) text += "&";
    text += shown(textAt(at, nameSize)) + "=" + shown(textAt(at + nameSize + 1, valueSize));
    at += nameSize + valueSize + 2;
  }
  return text;
}

/** Serialized pairs of `name=value` texts. */
export function pairsOf(entries: string[]): string {
  let head = word(entries.length);
  let body = "";
  for (let i = 0; i < entries.length; i++) {
    const split = entries[i].indexOf("=", 1);
    const name = entries[i].substring(0, split);
    const value = entries[i].substring(split + 1);
    head += word(name.length) + word(value.length);
    body += name + "\0" + value + "\0";
  }
  return head + body;
}

function word(value: u32): string {
  return String.fromCharCodes([value & 255, (value >> 8) & 255, (value >> 16) & 255, value >> 24]);
}

export function write(text: string, level: u32 = 2): u32 {
  const bytes = new Bytes(text);
  return log(level, bytes.at, bytes.size);
}
