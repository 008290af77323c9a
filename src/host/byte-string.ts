// Byte strings: JavaScript strings whose every character is one byte of the wire.

/**
 * A string of bytes, one per character (0 to 255). Header names, header values and property keys are held
 * like this: exact, comparable with `===`, usable as keys, and quick to copy in and out of guest memory.
 */
export type ByteString = string;

// eslint-disable-next-line no-control-regex -- the control characters are part of ASCII
const NOT_ASCII = /[^\x00-\x7f]/;
const UPPER_CASE = /[A-Z]/;
const UPPER_CASES = /[A-Z]+/g;

/** The bytes of a text in UTF-8, or the bytes given. */
export function toByteString(value: string | Uint8Array): ByteString {
  if (typeof value !== "string") return asBuffer(value).toString("latin1");
  return NOT_ASCII.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value;
}

/** The text that the bytes mean in UTF-8; bytes that mean nothing become U+FFFD. */
export function toText(bytes: ByteString): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

/** A copy of the bytes. */
export function toBytes(bytes: ByteString): Buffer {
  return Buffer.from(bytes, "latin1");
}

/** The bytes of a text in UTF-8, or the bytes given, without a copy. */
export function asBuffer(value: string | Uint8Array): Buffer {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Lower case of the ASCII letters only, as proxies compare header names. */
export function toLowerCase(name: ByteString): ByteString {
  if (!UPPER_CASE.test(name)) return name;
  return NOT_ASCII.test(name)
    ? name.replace(UPPER_CASES, (letters) => letters.toLowerCase())
    : name.toLowerCase();
}
