// Character classes of RE2: `[...]`, `[[:alpha:]]`, `\pL`.
import { PERL_CLASSES, POSIX_CLASSES, complement, foldCase, writeRanges } from "./code-points.ts";
import type { Range } from "./code-points.ts";
import type { Re2Reader } from "./re2-reader.ts";

/** A class whose opening bracket has been taken, as a class of JavaScript. `foldCases` adds the other case of letters. */
export function readClass(reader: Re2Reader, foldCases: boolean): string {
  const negated = reader.accept("^");
  const ranges: Range[] = [];
  let others = "";
  for (let first = true; first || reader.peek() !== "]"; first = false) {
    if (reader.atEnd) reader.fail('a "[" is never closed');
    const named = readPosixClass(reader, foldCases) ?? readPerlClass(reader, foldCases);
    if (named !== null) ranges.push(...named);
    else if (reader.peek() === "\\" && /^[pP]$/.test(reader.peek(1))) {
      reader.take();
      others += readUnicodeClass(reader, foldCases);
    } else ranges.push(...readRange(reader, foldCases));
  }
  reader.take();
  return `[${negated ? "^" : ""}${writeRanges(ranges)}${others}]`;
}

function readRange(reader: Re2Reader, foldCases: boolean): readonly Range[] {
  const from = readCharacter(reader);
  let to = from;
  if (reader.peek() === "-" && reader.peek(1) !== "]" && reader.peek(1) !== "") {
    reader.take();
    to = readCharacter(reader);
    if (to < from) reader.fail("a range of characters ends before it begins");
  }
  if (!foldCases) return [[from, to]];
  return (
    foldCase([[from, to]]) ??
    reader.fail("a range outside ASCII cannot be translated for matching without regard to case")
  );
}

function readCharacter(reader: Re2Reader): number {
  if (reader.atEnd) reader.fail('a "[" is never closed');
  const character = reader.take();
  return character === "\\" ? reader.readEscape() : character.codePointAt(0)!;
}

function readPosixClass(reader: Re2Reader, foldCases: boolean): readonly Range[] | null {
  const found = reader.match(/^\[:(\^?)([A-Za-z]+):\]/);
  if (found === null) return null;
  const [text, caret, name = ""] = found;
  const ranges = Object.hasOwn(POSIX_CLASSES, name) ? POSIX_CLASSES[name] : undefined;
  if (ranges === undefined) return reader.fail(`there is no class ${text}`);
  return namedRanges(ranges, caret === "^", foldCases);
}

/** `\d`, `\s`, `\w` and their opposites, or null if something else comes next. */
export function readPerlClass(reader: Re2Reader, foldCases: boolean): readonly Range[] | null {
  const found = reader.match(/^\\([dswDSW])/);
  if (found === null) return null;
  const letter = found[1]!;
  const lower = letter.toLowerCase();
  return namedRanges(PERL_CLASSES[lower]!, letter !== lower, foldCases);
}

/** Named classes are ASCII, so their cases are known. */
function namedRanges(ranges: readonly Range[], negated: boolean, foldCases: boolean): readonly Range[] {
  const folded = (foldCases ? foldCase(ranges) : null) ?? ranges;
  return negated ? complement(folded) : folded;
}

/** `pL`, `p{Greek}`, `p{^Greek}` or `P...`, whose backslash has been taken, as it stands inside a class of JavaScript. */
export function readUnicodeClass(reader: Re2Reader, foldCases: boolean): string {
  const found = reader.match(/^([pP])(?:([A-Z])|\{(\^?)([A-Za-z_]+)\})/);
  if (found === null) return reader.fail("\\p needs a letter or a name in braces");
  const [, letter, short, caret, long] = found;
  const name = short ?? long ?? "";
  if (foldCases) reader.fail(`\\${letter}{${name}} cannot be translated for matching without regard to case`);
  const negated = (letter === "P") !== (caret === "^");
  if (name === "Any") return negated ? "" : "\\u{0}-\\u{10ffff}";
  const source = `\\${negated ? "P" : "p"}{${name.length > 2 ? "Script=" : ""}${name}}`;
  try {
    new RegExp(source, "u");
  } catch {
    reader.fail(`there is no Unicode class ${name}`);
  }
  return source;
}
