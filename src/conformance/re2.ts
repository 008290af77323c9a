// Regular expressions of RE2 as JavaScript runs them, matched against a whole element.
import { foldCase, writeCodePoint, writeRanges } from "./code-points.ts";
import { Re2Reader, single } from "./re2-reader.ts";
import { readClass, readPerlClass, readUnicodeClass } from "./re2-class.ts";
import { toBytes } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";

export { Re2Error } from "./re2-reader.ts";

/** Flags that hold up to the end of a group. `U`, ungreedy, changes nothing about whether the whole matches. */
interface Flags {
  i: boolean;
  m: boolean;
  s: boolean;
  U: boolean;
}

/** RE2 repeats no more often than this. */
const MAX_REPEAT = 1000;
// Wrapped in a group, because RE2 lets assertions be repeated and JavaScript does not.
const LINE_START = "(?:^|(?<=\\n))";
const LINE_END = "(?:$|(?=\\n))";
const WORD = "[0-9A-Za-z_]";
const WORD_EDGE = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
const NO_WORD_EDGE = `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;

/** Answers whether a whole element matches. */
export type FullMatch = (element: ByteString) => boolean;

/**
 * Translates an RE2 expression for full matches: `.` stops at line feeds alone, `$` is the end of the text, `\d`, `\s`
 * and `\w` are ASCII. Elements that are not UTF-8 match nothing, as in RE2. Unlike RE2, JavaScript backtracks: nested
 * repetitions such as `(a+)+b` can take very long on long elements.
 *
 * @throws Re2Error for what RE2 refuses (lookaround, backreferences) and for the little that cannot be translated (`\C`,
 *   ranges outside ASCII regardless of case).
 */
export function compileRe2(pattern: string): FullMatch {
  const expression = new RegExp(translateRe2(pattern), "u");
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (element) => {
    let text: string;
    try {
      text = decoder.decode(toBytes(element));
    } catch {
      return false;
    }
    return expression.test(text);
  };
}

/** The source of the JavaScript expression, for the flag `u`. */
export function translateRe2(pattern: string): string {
  const reader = new Re2Reader(pattern);
  const source = translateAlternatives(reader, { i: false, m: false, s: false, U: false });
  if (!reader.atEnd) reader.fail('there is a ")" without a "("');
  return `^(?:${source})$`;
}

/** Everything up to the closing bracket of the group, which stays, or the end. Flags set inside end here. */
function translateAlternatives(reader: Re2Reader, outer: Flags): string {
  const flags = { ...outer };
  let source = "";
  while (!reader.atEnd && reader.peek() !== ")") {
    if (reader.accept("|")) {
      source += "|";
      continue;
    }
    if (reader.accept("\\Q")) {
      const literal = reader.takeUntil("\\E") ?? takeRest(reader);
      for (const [index, character] of [...literal].entries()) {
        const atom = literalAtom(reader, character.codePointAt(0)!, flags);
        source += index === [...literal].length - 1 ? atom + readRepetition(reader) : atom;
      }
      continue;
    }
    const perl = readPerlClass(reader, flags.i);
    const atom = perl === null ? translateAtom(reader, flags) : `[${writeRanges(perl)}]`;
    source += atom === "" ? "" : atom + readRepetition(reader);
  }
  return source;
}

function takeRest(reader: Re2Reader): string {
  let rest = "";
  while (!reader.atEnd) rest += reader.take();
  return rest;
}

/** One thing that can be repeated; nothing if it only set flags. */
function translateAtom(reader: Re2Reader, flags: Flags): string {
  const character = reader.take();
  switch (character) {
    case ".":
      return flags.s ? "[^]" : "[^\\n]";
    case "^":
      return flags.m ? LINE_START : "(?:^)";
    case "$":
      return flags.m ? LINE_END : "(?:$)";
    case "[":
      return readClass(reader, flags.i);
    case "(":
      return translateGroup(reader, flags);
    case "*":
    case "+":
    case "?":
      return reader.fail(`there is nothing that "${character}" could repeat`);
    case "{":
      if (reader.match(/^\d+(?:,\d*)?\}/) !== null) reader.fail('there is nothing that "{" could repeat');
      return literalAtom(reader, character.codePointAt(0)!, flags);
    case "\\":
      return translateEscape(reader, flags);
    default:
      return literalAtom(reader, character.codePointAt(0)!, flags);
  }
}

function translateGroup(reader: Re2Reader, flags: Flags): string {
  let inner = flags;
  if (reader.accept("?")) {
    const named = reader.match(/^P?<([A-Za-z_][A-Za-z0-9_]*)>/);
    if (named !== null) reader.declareGroup(named[1]!);
    else {
      if (reader.match(/^(?:<?[=!])/) !== null) reader.fail("RE2 has no lookahead or lookbehind");
      const found = reader.match(/^([imsU]*)(?:-([imsU]+))?([:)])/);
      if (found === null) return reader.fail('there is no such group "(?"');
      inner = { ...flags };
      for (const letter of found[1]!) inner[letter as keyof Flags] = true;
      for (const letter of found[2] ?? "") inner[letter as keyof Flags] = false;
      if (found[3] === ")") {
        Object.assign(flags, inner);
        return "";
      }
    }
  }
  const source = translateAlternatives(reader, inner);
  if (!reader.accept(")")) reader.fail('a "(" is never closed');
  return `(?:${source})`;
}

function translateEscape(reader: Re2Reader, flags: Flags): string {
  switch (reader.peek()) {
    case "p":
    case "P":
      return `[${readUnicodeClass(reader, flags.i)}]`;
    case "A":
      return (reader.take(), "(?:^)");
    case "z":
      return (reader.take(), "(?:$)");
    case "b":
      return (reader.take(), WORD_EDGE);
    case "B":
      return (reader.take(), NO_WORD_EDGE);
    case "C":
      return reader.fail("\\C, a single byte, has no equal in JavaScript");
    default:
      return literalAtom(reader, reader.readEscape(), flags);
  }
}

function literalAtom(reader: Re2Reader, code: number, flags: Flags): string {
  if (!flags.i) return writeCodePoint(code);
  const folded = foldCase([single(code)]);
  if (folded === null) return reader.fail("a character has no simple other case");
  return folded.length === 1 ? writeCodePoint(code) : `[${writeRanges(folded)}]`;
}

/** A repetition behind an atom, or nothing. Braces that are no repetition are characters. */
function readRepetition(reader: Re2Reader): string {
  const found = reader.match(/^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/);
  if (found === null) return "";
  const [text, least, comma, most] = found;
  for (const count of [least, most])
    if (count !== undefined && count !== "" && Number(count) > MAX_REPEAT)
      reader.fail(`RE2 repeats at most ${MAX_REPEAT} times, not ${count}`);
  if (comma !== undefined && most !== "" && Number(most) < Number(least))
    reader.fail(`${text} ends before it begins`);
  const lazy = reader.accept("?") ? "?" : "";
  if (reader.match(/^(?:[*+?]|\{\d+(?:,\d*)?\})/) !== null)
    reader.fail(`a repetition follows ${text}${lazy}, which is one already`);
  return text + lazy;
}
