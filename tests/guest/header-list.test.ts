// The byte form of header maps, and which names and values are let through.
import { beforeAll, describe, expect, test } from "vitest";

import { seeded } from "./random.ts";
import { startUnits, type Units } from "./units.ts";

let units: Units;
beforeAll(async () => {
  units = await startUnits();
});

/** The byte form, written out independently. */
function serialized(pairs: [string | Buffer, string | Buffer][]): Buffer {
  const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
  const bytes = pairs.map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
  return Buffer.concat([
    u32(pairs.length),
    ...bytes.flatMap(([name, value]) => [u32(name.length), u32(value.length)]),
    ...bytes.flatMap(([name, value]) => [name, Buffer.of(0), value, Buffer.of(0)]),
  ]);
}

const SAMPLE: [string, string][] = [
  [":path", "/"],
  ["x-empty", ""],
  ["set-cookie", "a=1"],
  ["set-cookie", "b=2"],
  ["x-text", "straße"],
];

// prettier-ignore
const GOLDEN = Buffer.from([
  2, 0, 0, 0, // two pairs
  2, 0, 0, 0, 1, 0, 0, 0, // lengths of the first: name 2, value 1
  1, 0, 0, 0, 0, 0, 0, 0, // of the second: name 1, value 0
  0x61, 0x62, 0, 0x63, 0, // "ab" NUL "c" NUL
  0x64, 0, 0, // "d" NUL "" NUL
]);

describe("reading", () => {
  test("a golden vector", () => {
    expect(units.read(GOLDEN).map(([name, value]) => [name, value])).toEqual([
      ["ab", "c"],
      ["d", ""],
    ]);
  });

  test("a whole list, repeated names and empty values included", () => {
    expect(units.read(serialized(SAMPLE)).map(([name, value]) => [name, value])).toEqual(SAMPLE);
  });

  test("every byte value from 0 to 255 in a value", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const [pair] = units.read(serialized([["x", all]]));
    expect(pair?.[2].equals(all)).toBe(true);
  });

  test.each([0, 1, 2, 3, 4])("%i zero bytes are an empty list (field report 25)", (length) => {
    expect(units.read(Buffer.alloc(length))).toEqual([]);
  });

  test("a list cut at any byte gives the pairs that are whole", () => {
    const whole = serialized(SAMPLE);
    const start = 4 + 8 * SAMPLE.length;
    for (let end = 0; end < whole.length; end++) {
      const found = units.read(whole.subarray(0, end)).map(([name, value]) => [name, value]);
      expect(found).toEqual(end < start ? [] : SAMPLE.slice(0, found.length));
      expect(found.length).toBeLessThan(SAMPLE.length);
    }
  });

  test("counts and lengths that lie lead nowhere outside the list", () => {
    const random = seeded(3);
    const lies = [0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff];
    for (let round = 0; round < 5000; round++) {
      const bytes = serialized(SAMPLE);
      for (let lie = 0; lie <= random(3); lie++) {
        bytes.writeUInt32LE(random(2) ? lies[random(lies.length)]! : random(200), 4 * random(11));
      }
      let used = 0;
      for (const [name, , value] of units.read(bytes)) used += Buffer.byteLength(name) + value.length;
      // U+FFFD takes three bytes where the list may have one.
      expect(used).toBeLessThanOrEqual(3 * bytes.length);
    }
  });
});

describe("writing", () => {
  test("the golden vector comes back byte for byte", () => {
    units.read(GOLDEN);
    expect(units.write().equals(GOLDEN)).toBe(true);
  });

  test("an empty list is four zero bytes", () => {
    units.read(Buffer.alloc(0));
    expect(units.write().equals(Buffer.alloc(4))).toBe(true);
  });

  test("pairs can be added to what was read, a thousand of them", () => {
    units.read(serialized(SAMPLE));
    const added = Array.from({ length: 1000 }, (_, i): [string, string] => ["x", String(i)]);
    expect(units.write(1000).equals(serialized([...SAMPLE, ...added]))).toBe(true);
  });

  test("bytes that are no UTF-8 stay as they are", () => {
    const raw = serialized([["x", Buffer.from([0x31, 0xc0, 0xa7, 0xa1, 0xb1])]]);
    units.read(raw);
    expect(units.write().equals(raw)).toBe(true);
  });
});

describe("names and values", () => {
  test("a name is a token of RFC 9110: each byte value tried", () => {
    const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
    for (let byte = 0; byte < 256; byte++) {
      const allowed = byte < 128 && token.test(String.fromCharCode(byte));
      expect([byte, units.isHeaderName(Buffer.of(0x61, byte, 0x61))]).toEqual([byte, allowed]);
    }
  });

  test("a colon may lead a name, and only lead", () => {
    expect(units.isHeaderName(Buffer.from(":path"))).toBe(true);
    for (const name of ["", ":", "::a", "a:", "a:b"])
      expect([name, units.isHeaderName(Buffer.from(name))]).toEqual([name, false]);
  });

  test("a value must not hold CR, LF or NUL: each byte value tried", () => {
    for (let byte = 0; byte < 256; byte++) {
      const breaks = byte === 0 || byte === 10 || byte === 13;
      expect([byte, units.hasLineBreak(Buffer.of(0x61, byte, 0x61))]).toEqual([byte, breaks]);
    }
  });
});
