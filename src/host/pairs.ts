// The wire format of header maps and of other lists of name and value.
import type { ByteString } from "./byte-string.ts";

/** One header: name and value. */
export type Pair = readonly [name: ByteString, value: ByteString];

/** The host reads no list of more bytes than this. */
export const MAX_PAIRS_BYTES = 1024 * 1024;
/** The host reads no list of more pairs than this. */
export const MAX_PAIRS = 1024;

/** Serializes pairs: count, lengths, then each name and value followed by NUL. No pairs are no bytes, as Envoy answers. */
export function encodePairs(pairs: readonly Pair[]): Buffer {
  if (pairs.length === 0) return Buffer.alloc(0);
  let size = 4 + pairs.length * 8;
  for (const [name, value] of pairs) size += name.length + value.length + 2;
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32LE(pairs.length, 0);
  let lengths = 4;
  let data = 4 + pairs.length * 8;
  for (const [name, value] of pairs) {
    bytes.writeUInt32LE(name.length, lengths);
    bytes.writeUInt32LE(value.length, lengths + 4);
    lengths += 8;
    data += bytes.write(name, data, "latin1");
    bytes[data++] = 0;
    data += bytes.write(value, data, "latin1");
    bytes[data++] = 0;
  }
  return bytes;
}

/**
 * Reads serialized pairs as the proxy does: exact total length, both NULs, at most {@link MAX_PAIRS_BYTES} and
 * {@link MAX_PAIRS}. No bytes are no pairs; null if the list does not parse, which Envoy takes for no pairs.
 */
export function decodePairs(bytes: Buffer): Pair[] | null {
  if (bytes.length === 0) return [];
  if (bytes.length > MAX_PAIRS_BYTES || bytes.length < 4) return null;
  const count = bytes.readUInt32LE(0);
  if (count > MAX_PAIRS || 4 + count * 8 > bytes.length) return null;
  const pairs: Pair[] = [];
  let position = 4 + count * 8;
  for (let index = 0; index < count; index++) {
    const nameEnd = position + bytes.readUInt32LE(4 + index * 8);
    const valueEnd = nameEnd + 1 + bytes.readUInt32LE(8 + index * 8);
    if (valueEnd >= bytes.length || bytes[nameEnd] !== 0 || bytes[valueEnd] !== 0) return null;
    pairs.push([
      bytes.toString("latin1", position, nameEnd),
      bytes.toString("latin1", nameEnd + 1, valueEnd),
    ]);
    position = valueEnd + 1;
  }
  return position === bytes.length ? pairs : null;
}
