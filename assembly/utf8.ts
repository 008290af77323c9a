// UTF-8 to and from AssemblyScript's UTF-16 strings: never reads out of bounds, never traps on bad input.
import { newObject, shortenObject } from "./allocate";

/** Set when text that was encoded since the last reset held CR, LF or NUL. */
export let sawLineBreak: bool = false;

export function resetLineBreak(): void {
  sawLineBreak = false;
}

/** Bytes that `units` UTF-16 units at `text` need at most (a surrogate pair is counted as 6 and takes 4). */
export function encodedBound(text: usize, units: usize): usize {
  let bytes = units;
  for (const end = text + (units << 1); text < end; text += 2) {
    const unit = <u32>load<u16>(text);
    bytes += <usize>i32(unit > 0x7f) + <usize>i32(unit > 0x7ff);
  }
  return bytes;
}

/** Writes `units` UTF-16 units as UTF-8 to `target` and returns the end. A lone surrogate becomes U+FFFD. */
export function encodeUnits(text: usize, units: usize, target: usize): usize {
  const end = text + (units << 1);
  while (true) {
    for (; text + 8 <= end; text += 8) {
      let four = load<u64>(text);
      // A unit below the space makes the subtraction borrow, which shows in its highest bit.
      if ((four | (four - 0x0020002000200020)) & 0xff80ff80ff80ff80) break;
      four |= four >> 8;
      store<u32>(target, (four & 0xffff) | ((four >> 16) & 0xffff0000));
      target += 4;
    }
    if (text >= end) return target;
    let point = <u32>load<u16>(text);
    text += 2;
    if (point < 0x80) {
      if (point < 14 && (0x2401 >> point) & 1) sawLineBreak = true;
      store<u8>(target++, point);
      continue;
    }
    let tail: u32 = 1; // bytes after the first
    if (point > 0x7ff) {
      tail = 2;
      if ((point & 0xf800) == 0xd800) {
        const low = point < 0xdc00 && text < end ? <u32>load<u16>(text) : 0;
        if ((low & 0xfc00) == 0xdc00) {
          text += 2;
          tail = 3;
          // Less what the two units have beside their ten bits, and more by 0x10000.
          point = (point << 10) + low - ((0xd800 << 10) + 0xdc00 - 0x10000);
        } else {
          point = 0xfffd;
        }
      }
    }
    // The first byte begins with as many ones as there are bytes: C0, E0 or F0 (what is higher is cut off).
    store<u8>(target++, (0xf80 >> tail) | (point >> (tail * 6)));
    do store<u8>(target++, 0x80 | ((point >> (--tail * 6)) & 0x3f));
    while (tail);
  }
}

/** The text of `length` bytes at `source`: one object. */
export function decode(source: usize, length: usize): string {
  return decodeInto(newObject(length << 1, idof<string>()), source, length);
}

/**
 * Writes `length` bytes at `source` as text into a new object, a string of as many units. Every maximal part of a bad
 * sequence becomes one U+FFFD, as in the Encoding Standard that browsers and Node follow.
 */
export function decodeInto(text: usize, source: usize, length: usize): string {
  const end = source + length;
  let target = text;
  while (true) {
    for (; source + 4 <= end; source += 4) {
      let four = <u64>load<u32>(source);
      if (four & 0x80808080) break;
      four = (four | (four << 16)) & 0x0000ffff0000ffff;
      store<u64>(target, (four | (four << 8)) & 0x00ff00ff00ff00ff);
      target += 8;
    }
    if (source >= end) break;
    let point = <u32>load<u8>(source++);
    if (point >= 0x80) {
      // The first byte, C2 to F4, begins with as many ones as there are bytes.
      let missing = point - 0xc2 > 0x32 ? 0 : clz(~(point << 24)) - 1;
      // The second byte is limited further where a longer form or a surrogate would hide.
      let lowest: u32 = point == 0xe0 ? 0xa0 : point == 0xf0 ? 0x90 : 0x80;
      let highest: u32 = point == 0xed ? 0x9f : point == 0xf4 ? 0x8f : 0xbf;
      point = missing ? point & (0x3f >> missing) : 0xfffd;
      for (; missing; missing--) {
        const next = source < end ? <u32>load<u8>(source) : 0;
        if (next < lowest || next > highest) {
          point = 0xfffd;
          break;
        }
        point = (point << 6) | (next & 0x3f);
        source++;
        lowest = 0x80;
        highest = 0xbf;
      }
      if (point >= 0x10000) {
        store<u16>(target, 0xd800 - (0x10000 >> 10) + (point >> 10));
        target += 2;
        point = 0xdc00 | (point & 0x3ff);
      }
    }
    store<u16>(target, point);
    target += 2;
  }
  const size = target - text;
  return changetype<string>(size == length << 1 ? text : shortenObject(text, size));
}
