// Sets of characters as ranges, for the classes of regular expressions.

/** Code points from the first to the second, both included. */
export type Range = readonly [from: number, to: number];

export const MAX_CODE_POINT = 0x10ffff;

function range(characters: string): Range {
  return [characters.codePointAt(0)!, characters.codePointAt(characters.length - 1)!];
}

const DIGITS = [range("09")];
const UPPER = [range("AZ")];
const LOWER = [range("az")];
const ALPHA = [...UPPER, ...LOWER];

/** `\d`, `\s` and `\w` of RE2, which are ASCII; `\s` has no vertical tab. */
export const PERL_CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: DIGITS,
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
  w: [...DIGITS, ...ALPHA, range("_")],
};

/** The names inside `[[:name:]]`. */
export const POSIX_CLASSES: Readonly<Record<string, readonly Range[]>> = {
  alnum: [...DIGITS, ...ALPHA],
  alpha: ALPHA,
  ascii: [[0, 0x7f]],
  blank: [range("\t"), range(" ")],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: DIGITS,
  graph: [range("!~")],
  lower: LOWER,
  print: [range(" ~")],
  punct: [range("!/"), range(":@"), range("[`"), range("{~")],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: UPPER,
  word: [...DIGITS, ...ALPHA, range("_")],
  xdigit: [...DIGITS, range("AF"), range("af")],
};

/** All other code points. */
export function complement(ranges: readonly Range[]): Range[] {
  const others: Range[] = [];
  let next = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from > next) others.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= MAX_CODE_POINT) others.push([next, MAX_CODE_POINT]);
  return others;
}

// The two characters outside ASCII that Unicode folds into it: long s and the Kelvin sign.
const FOLDED_INTO_ASCII: Readonly<Record<string, number>> = { s: 0x17f, k: 0x212a };

/**
 * The ranges with the other cases of their letters. Null where letters outside ASCII are concerned: their cases are not
 * always pairs, and no table of them is here.
 */
export function foldCase(ranges: readonly Range[]): Range[] | null {
  const folded: Range[] = [...ranges];
  for (const [from, to] of ranges) {
    if (to > 0x7f && (from !== to || hasCase(from))) return null;
    for (let code = from; code <= Math.min(to, 0x7f); code++) {
      if (!hasCase(code)) continue;
      const letter = String.fromCharCode(code).toLowerCase();
      folded.push(range(letter), range(letter.toUpperCase()));
      const outside = FOLDED_INTO_ASCII[letter];
      if (outside !== undefined) folded.push([outside, outside]);
    }
  }
  return folded;
}

function hasCase(code: number): boolean {
  const character = String.fromCodePoint(code);
  return character.toLowerCase() !== character || character.toUpperCase() !== character;
}

/** The ranges as they are written inside a character class of JavaScript with the flag `u`. */
export function writeRanges(ranges: readonly Range[]): string {
  return ranges
    .map(([from, to]) =>
      from === to ? writeCodePoint(from) : `${writeCodePoint(from)}-${writeCodePoint(to)}`,
    )
    .join("");
}

/** A character as JavaScript with the flag `u` takes it anywhere. */
export function writeCodePoint(code: number): string {
  const character = String.fromCodePoint(code);
  return /^[A-Za-z0-9 _]$/.test(character) ? character : `\\u{${code.toString(16)}}`;
}
