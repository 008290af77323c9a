// Which names and values a header may have, checked before a host sees them: Envoy writes CR and LF through.
import { Status } from "./abi/types";
import { Message, refuse, refuseNamed } from "./line";

/** Whether the bytes are a token of RFC 9110, with a colon allowed in front for pseudo-headers. */
export function isHeaderName(name: usize, length: usize): bool {
  if (!length) return false;
  const end = name + length;
  if (load<u8>(name) == 0x3a) name++;
  if (name == end) return false;
  for (; name < end; name++) {
    const byte = <u32>load<u8>(name);
    // Bits 33..126 of: ! # $ % & ' * + - . 0-9 A-Z ^ _ ` a-z | ~
    const allowed: u64 = byte < 64 ? 0x03ff6cfa00000000 : 0x57ffffffc7fffffe;
    if (byte > 127 || !((allowed >> (byte & 63)) & 1)) return false;
  }
  return true;
}

/** Whether two names are the same but for the case of their letters. */
export function sameName(a: usize, aLength: usize, b: usize, bLength: usize): bool {
  if (aLength != bLength) return false;
  for (let i: usize = 0; i < aLength; i++) {
    let x = load<u8>(a + i);
    let y = load<u8>(b + i);
    if (x - 65 < 26) x |= 32;
    if (y - 65 < 26) y |= 32;
    if (x != y) return false;
  }
  return true;
}

/** Whether the bytes hold CR, LF or NUL. */
export function hasLineBreak(value: usize, length: usize): bool {
  for (const end = value + length; value < end; value++) {
    const byte = <u32>load<u8>(value);
    if (byte < 14 && (0x2401 >> byte) & 1) return true;
  }
  return false;
}

/** Refuses a header name; it is not repeated in the log, where it could start a line of its own. */
export function refuseName(call: Message): Status {
  return refuse(call, "bad header name");
}

/** Refuses the value of a header with a sound name. */
export function refuseValue(call: Message, name: usize, nameLength: usize): Status {
  return refuseNamed(call, name, nameLength, "CR, LF or NUL in the value");
}
