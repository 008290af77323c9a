// Bytes as people read them, and the difference of two of them.
import { toText } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";

/** Longer texts are cut. */
const MAX_CHARACTERS = 400;
/** Of a difference, and of a list of elements, no more lines are shown. */
const MAX_LINES = 20;
/** Equal lines shown around a difference. */
const CONTEXT = 2;

// eslint-disable-next-line no-control-regex -- these are the characters to be made visible
const INVISIBLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

/** One line of text for any bytes: control characters as escapes, bytes that are not UTF-8 as `\xHH`. */
export function printable(bytes: ByteString): string {
  const text = toText(bytes);
  const source = text.includes("\ufffd") ? hexadecimal(bytes) : text;
  const visible = source.replace(
    INVISIBLE,
    (character) => NAMED[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  if (visible.length <= MAX_CHARACTERS) return visible;
  return `${visible.slice(0, MAX_CHARACTERS)}... (${bytes.length} bytes)`;
}

function hexadecimal(bytes: ByteString): string {
  return bytes.replace(
    /[\x80-\xff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** What was expected against all that was there. */
export function diffElements(
  expected: string,
  elements: readonly ByteString[],
  none: string,
): readonly string[] {
  const shown = elements.slice(0, MAX_LINES).map((element) => `+ ${printable(element)}`);
  if (elements.length === 0) shown.push(`+ (${none})`);
  if (elements.length > MAX_LINES) shown.push(`  (${elements.length - MAX_LINES} more)`);
  return [`- ${expected}`, ...shown];
}

/** Two texts line by line: equal lines at both ends are left out but for a few. */
export function diffLines(expected: ByteString, actual: ByteString): readonly string[] {
  if (expected === "" || actual === "")
    return [...section("-", orEmpty(expected)), ...section("+", orEmpty(actual))];
  const [wanted, found] = [expected.split("\n"), actual.split("\n")];
  const shortest = Math.min(wanted.length, found.length);
  let start = 0;
  while (start < shortest && wanted[start] === found[start]) start++;
  let tail = 0;
  while (tail < shortest - start && wanted.at(-1 - tail) === found.at(-1 - tail)) tail++;
  const before = wanted.slice(Math.max(0, start - CONTEXT), start);
  const after = wanted.slice(wanted.length - tail, wanted.length - tail + CONTEXT);
  return [
    ...(start > CONTEXT ? [`  (${start - CONTEXT} equal lines)`] : []),
    ...before.map((line) => `  ${printable(line)}`),
    ...section("-", wanted.slice(start, wanted.length - tail)),
    ...section("+", found.slice(start, found.length - tail)),
    ...after.map((line) => `  ${printable(line)}`),
    ...(tail > CONTEXT ? [`  (${tail - CONTEXT} equal lines)`] : []),
  ];
}

function orEmpty(text: ByteString): ByteString[] {
  return text === "" ? ["(empty)"] : text.split("\n");
}

function section(sign: string, lines: readonly ByteString[]): string[] {
  const shown = lines.slice(0, MAX_LINES).map((line) => `${sign} ${printable(line)}`);
  if (lines.length > MAX_LINES) shown.push(`  (${lines.length - MAX_LINES} more)`);
  return shown;
}
