// The guest's UTF-8 against the encoder and decoder of Node, which follow the Encoding Standard.
import { beforeAll, describe, expect, test } from "vitest";

import { seeded } from "./random.ts";
import { startUnits, type Units } from "./units.ts";

const reference = new TextDecoder("utf-8", { ignoreBOM: true });
let units: Units;
beforeAll(async () => {
  units = await startUnits();
});

const SAMPLES = [
  "",
  "a",
  "hello",
  "straße",
  "日本語",
  "😀",
  "a😀b",
  "\u{10ffff}",
  "\ufeffbom",
  "\0",
  "x".repeat(5000),
];

describe("decode", () => {
  test.each(SAMPLES)("gives the text of %j", (sample) => {
    expect(units.decode(Buffer.from(sample))).toBe(sample);
  });

  test.each([
    ["field report 27", [0x31, 0x20, 0xc0, 0xa7, 0xa1, 0xb1]],
    ["a long form of NUL", [0xe0, 0x80, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["a lone continuation", [0x80, 0x41]],
    ["a lead before ASCII", [0xe2, 0x82, 0x41]],
    ["FE and FF", [0xfe, 0xff]],
  ])("replaces %s as browsers do", (_, bytes) => {
    expect(units.decode(Uint8Array.from(bytes))).toBe(reference.decode(Uint8Array.from(bytes)));
  });

  test("every text cut at every byte reads as Node reads it, and no byte behind the end counts (field report 28)", () => {
    for (const sample of SAMPLES.filter((each) => each.length < 100)) {
      const bytes = Buffer.from(`0123456789${sample}`);
      for (let end = 0; end <= bytes.length; end++) {
        const cut = bytes.subarray(0, end);
        expect(units.decode(cut)).toBe(reference.decode(cut));
      }
    }
  });

  test("20,000 random byte sequences read as Node reads them", () => {
    const random = seeded(1);
    const pieces = [0x41, 0x7f, 0x80, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf1, 0xf4, 0xf5, 0xff];
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: random(12) }, () =>
        random(2) ? pieces[random(pieces.length)]! : random(256),
      );
      const text = units.decode(bytes);
      if (text !== reference.decode(bytes))
        expect([...bytes, text]).toEqual([...bytes, reference.decode(bytes)]);
    }
  });
});

describe("encode", () => {
  test.each(SAMPLES)("gives the bytes of %j", (sample) => {
    expect(units.encode(sample).bytes.equals(Buffer.from(sample))).toBe(true);
  });

  test("5,000 random texts, lone surrogates among them, are written as Node writes them", () => {
    const random = seeded(2);
    const pieces = [0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff];
    for (let round = 0; round < 5000; round++) {
      const text = String.fromCharCode(
        ...Array.from({ length: random(20) }, () =>
          random(3) ? pieces[random(pieces.length)]! : random(128),
        ),
      );
      const { bytes } = units.encode(text);
      if (!bytes.equals(Buffer.from(text))) expect([text, bytes]).toEqual([text, Buffer.from(text)]);
    }
  });

  test("a text of 3 MiB goes through memory of its own, and gives it back", () => {
    const text = "é漢".repeat(600_000);
    for (let round = 0; round < 3; round++)
      expect(units.encode(text).bytes.equals(Buffer.from(text))).toBe(true);
  });

  test.each(["\r", "\n", "\0", "abcd\r", "abcdefg\nh", "é\0", "\r\n"])(
    "sees the line break in %j",
    (text) => {
      expect(units.encode(text).sawLineBreak).toBe(true);
    },
  );

  test("sees no line break in any other character up to U+0100", () => {
    for (let code = 0; code <= 0x100; code++) {
      const breaks = code === 0 || code === 10 || code === 13;
      for (const text of [String.fromCharCode(code), `abcd${String.fromCharCode(code)}efg`]) {
        expect([code, units.encode(text).sawLineBreak]).toEqual([code, breaks]);
      }
    }
  });
});
