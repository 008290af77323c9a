// What a hostile host says: bytes, header pairs, pointers, lengths, statuses.
import type { Random } from "./random.ts";

/**
 * Fills what the guest must not read. It never occurs in what the host gives, and as UTF-8 it continues a character,
 * so that a decoder that runs past its end is caught.
 */
export const POISON = 0xba;

/** Statuses of the ABI, and numbers that are none. */
export const STATUSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 100, -1, 0x7fffffff, -0x80000000];

const PIECES = [
  "plain text",
  "7",
  "content-length",
  "\u00e9\u20ac",
  "\u{1f600}",
  "\r\n",
  "\0",
  "\x80",
  "\xff\xfe",
  "\xc0\x80",
  "\xed\xa0\x80",
  "\xf4\x90\x80\x80",
  "\xf0\x9f\x98",
].map((text) => Buffer.from(text, text.charCodeAt(0) > 0xff || text === "\u00e9\u20ac" ? "utf8" : "latin1"));

/** Beginnings of characters, to end a value with. */
const CUT_OFF = [[0xc3], [0xe2], [0xe2, 0x82], [0xf0], [0xf0, 0x9f], [0xf0, 0x9f, 0x98], [0xed], [0xf4]].map(
  (bytes) => Buffer.from(bytes),
);

/** A size: mostly small, else around the sizes at which a guest changes its ways, up to `largest`. */
export function size(random: Random, largest: number): number {
  const kind = random.below(20);
  if (kind < 12) return random.below(30);
  if (kind < 16) return random.below(300);
  if (kind < 18) return random.pick([1365, 1366, 2047, 2048, 2049, 4095, 4096, 4097, 4104]);
  return random.below(kind === 18 ? 6000 : random.oneIn(2) ? largest : largest >> 3);
}

/** Bytes that may be text, numbers, or no UTF-8; they never hold the poison. */
export function bytes(random: Random, length: number): Buffer {
  if (length < 20 && random.oneIn(3))
    return Buffer.from(String(random.word()).padEnd(length, "0").slice(0, length));
  const result = Buffer.alloc(length, random.oneIn(2) ? PIECES[0]! : random.pick(PIECES));
  for (let count = Math.min(6, length); count > 0; count--)
    random.pick(PIECES).copy(result, random.below(length));
  if (length > 3 && random.oneIn(2)) {
    const end = random.pick(CUT_OFF);
    end.copy(result, length - end.length);
  }
  return result;
}

const NAMES = ["x-a", "x-b", "content-length", ":path", ":status", "x-forwarded-proto", "", "X-A"];

/** The byte form of a header map. */
export function serialize(pairs: readonly (readonly [Buffer, Buffer])[]): Buffer {
  const lengths = Buffer.alloc(4 + pairs.length * 8);
  lengths.writeUInt32LE(pairs.length, 0);
  const parts: Buffer[] = [lengths];
  pairs.forEach(([name, value], index) => {
    lengths.writeUInt32LE(name.length, 4 + index * 8);
    lengths.writeUInt32LE(value.length, 8 + index * 8);
    parts.push(name, Buffer.alloc(1), value, Buffer.alloc(1));
  });
  return Buffer.concat(parts);
}

/** Header pairs, half of the time damaged: cut off, with counts and lengths that lie, or with more behind them. */
export function pairs(random: Random, largest: number): Buffer {
  const count = random.oneIn(20) ? random.below(300) : random.below(5);
  const list = Array.from({ length: count }, () => {
    const name = random.oneIn(8) ? bytes(random, random.below(9)) : Buffer.from(random.pick(NAMES));
    return [name, bytes(random, count > 10 ? random.below(8) : size(random, largest))] as const;
  });
  const whole = serialize(list);
  if (random.oneIn(2)) return whole;
  const words = 1 + count * 2;
  switch (random.below(4)) {
    case 0:
      return whole.subarray(0, random.below(whole.length));
    case 1:
      whole.writeUInt32LE(
        random.pick([0, 1, count + 1, count * 2, 0x1fffffff, 0x20000000, 0x40000001, 0xffffffff]),
        0,
      );
      return whole;
    case 2:
      whole.writeUInt32LE(length(random, 4), 4 * random.below(words));
      return whole;
    default:
      return Buffer.concat([whole, bytes(random, random.below(12))]);
  }
}

/** Counters and gauges for a stats sink, half of the time damaged: cut off, or with a word that lies. */
export function stats(random: Random): Buffer {
  const block = (type: number): Buffer => {
    const parts: Buffer[] = [];
    let at = 12;
    for (let count = random.below(6); count > 0; count--) {
      const name = bytes(random, 1 + random.below(40));
      const end = (at + 4 + name.length + 7) & ~7;
      const entry = Buffer.alloc(end - at + (type === 1 ? 16 : 8), 1);
      entry.writeUInt32LE(name.length, 0);
      name.copy(entry, 4);
      parts.push(entry);
      at += entry.length;
    }
    const head = Buffer.alloc(12);
    head.writeUInt32LE(at, 0);
    head.writeUInt32LE(type, 4);
    head.writeUInt32LE(parts.length + random.below(3), 8);
    return Buffer.concat([head, ...parts]);
  };
  const whole = Buffer.concat([block(1), block(2)]);
  if (random.oneIn(2)) return whole;
  if (random.oneIn(2)) return whole.subarray(0, random.below(whole.length));
  const at = random.oneIn(2) ? 4 * random.below(5) : random.below(whole.length - 3);
  whole.writeUInt32LE(length(random, 4), at);
  return whole;
}

/** A length that lies about `real`. */
export function length(random: Random, real: number): number {
  return random.pick([
    real + 1,
    real + 8,
    real * 2 + 1,
    1,
    2048,
    2049,
    4096,
    4097,
    0x10000,
    0x7fffffff,
    0x80000000,
    0xfffffff8,
    0xfffffffe,
    0xffffffff,
    random.word(),
  ]);
}

/** A pointer that leads nowhere good: outside memory of `size` bytes, near its edges, or into what is the guest's. */
export function pointer(random: Random, size: number, known: readonly number[]): number {
  switch (random.below(4)) {
    case 0:
      return random.pick([
        0,
        1,
        4,
        size - 4,
        size - 1,
        size,
        size + 1,
        0x80000000,
        0xfffffff0,
        0xfffffff8,
        0xffffffff,
      ]);
    case 1:
      return 0xffffffff - random.below(16);
    case 2:
      return random.below(size);
    default:
      return Math.max(0, random.pick(known) + random.pick([0, 0, 1, -1, 4, -4, 8, 16]));
  }
}

/** Nanoseconds that may be none. */
export function time(random: Random): bigint {
  return random.pick([0n, 1n, 1_700_000_000_123_456_789n, 2n ** 63n, 2n ** 64n - 1n, BigInt(random.word())]);
}
