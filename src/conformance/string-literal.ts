// String literals of the text format and their escapes.
import { SuiteError } from "./suite-error.ts";
import { toByteString } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { Characters } from "./characters.ts";
import type { Place } from "./suite.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};
const OCTAL = /[0-7]{1,3}/y;
const HEX_BYTE = /[0-9A-Fa-f]{1,2}/y;
const HEX_4 = /[0-9A-Fa-f]{4}/y;
const HEX_8 = /[0-9A-Fa-f]{8}/y;

/** Takes one literal, whose quote comes next, and gives its bytes. */
export function readStringLiteral(input: Characters): ByteString {
  const { place } = input;
  const quote = input.take();
  let bytes = "";
  for (;;) {
    if (input.atEnd || input.peek() === "\n")
      throw new SuiteError(
        `this string has no closing ${quote} on its line; write a line break as \\n`,
        place,
      );
    if (input.accept(quote)) return bytes;
    const escape = input.place;
    const byte = input.take();
    bytes += byte === "\\" ? readEscape(input, escape) : byte;
  }
}

function readEscape(input: Characters, place: Place): ByteString {
  const octal = input.match(OCTAL);
  if (octal !== null) {
    const value = Number.parseInt(octal, 8);
    if (value > 0xff) throw new SuiteError(`the escape \\${octal} is more than a byte (\\377)`, place);
    return String.fromCharCode(value);
  }
  const described = input.describe();
  if (input.atEnd || input.peek() === "\n") throw new SuiteError("a backslash ends the line", place);
  const letter = input.take();
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return simple;
  if (letter === "x" || letter === "X") {
    const digits = input.match(HEX_BYTE);
    if (digits === null)
      throw new SuiteError(`the escape \\${letter} needs one or two hexadecimal digits`, place);
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  if (letter === "u" || letter === "U") {
    const digits = input.match(letter === "u" ? HEX_4 : HEX_8);
    const codePoint = digits === null ? -1 : Number.parseInt(digits, 16);
    if (codePoint < 0 || codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff))
      throw new SuiteError(
        `the escape \\${letter} needs ${letter === "u" ? "four" : "eight"} hexadecimal digits of a Unicode character`,
        place,
      );
    return toByteString(String.fromCodePoint(codePoint));
  }
  throw new SuiteError(
    `there is no escape of a backslash and ${described}; write \\\\ for a backslash, as in regular expressions: "\\\\d"`,
    place,
  );
}
