// The characters of a regular expression, and the escapes that stand for one character.
import type { Range } from "./code-points.ts";

/** A regular expression that RE2 refuses, or that has no equal in JavaScript. */
export class Re2Error extends Error {
  override readonly name = "Re2Error";
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** A reader over the code points of a pattern. */
export class Re2Reader {
  readonly pattern: string;
  readonly #characters: readonly string[];
  readonly #groups = new Set<string>();
  #position = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.#characters = [...pattern];
  }

  get atEnd(): boolean {
    return this.#position >= this.#characters.length;
  }

  /** The next character, or one further on; nothing at the end. */
  peek(offset = 0): string {
    return this.#characters[this.#position + offset] ?? "";
  }

  take(): string {
    return this.#characters[this.#position++] ?? "";
  }

  /** Takes the text if it comes next. */
  accept(text: string): boolean {
    const characters = [...text];
    if (!characters.every((character, offset) => this.peek(offset) === character)) return false;
    this.#position += characters.length;
    return true;
  }

  /** Takes what comes before the text, and the text; null if it does not come. */
  takeUntil(text: string): string | null {
    const rest = this.#characters.slice(this.#position).join("");
    const end = rest.indexOf(text);
    if (end < 0) return null;
    const taken = rest.slice(0, end);
    this.#position += [...taken, ...text].length;
    return taken;
  }

  /** Takes what the expression matches at this place; null if nothing. */
  match(anchored: RegExp): RegExpExecArray | null {
    const found = anchored.exec(this.#characters.slice(this.#position, this.#position + 64).join(""));
    if (found !== null) this.#position += [...found[0]].length;
    return found;
  }

  fail(reason: string): never {
    throw new Re2Error(`${reason}, in /${this.pattern}/`);
  }

  /** Notes the name of a group, which may be used once. */
  declareGroup(name: string): void {
    if (this.#groups.has(name)) this.fail(`two groups are called ${name}`);
    this.#groups.add(name);
  }

  /** The code point of an escape whose backslash has been taken. */
  readEscape(): number {
    const next = this.peek();
    if (next === "") this.fail("it ends with a backslash");
    const octal = this.match(/^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/);
    if (octal !== null) return Number.parseInt(octal[0], 8);
    this.take();
    if (next === "x") {
      const hex = this.match(/^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/);
      const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? "", 16);
      if (Number.isNaN(code) || code > 0x10ffff) this.fail("\\x needs two hexadecimal digits or {1F600}");
      return code;
    }
    if (Object.hasOwn(CONTROLS, next)) return CONTROLS[next]!;
    if (/^[^0-9A-Za-z]$/.test(next) && next <= "\x7f") return next.codePointAt(0)!;
    if (/^[1-9]$/.test(next)) this.fail(`RE2 has no backreference \\${next}`);
    return this.fail(`there is no escape \\${next} in RE2`);
  }
}

/** One range of one character. */
export function single(code: number): Range {
  return [code, code];
}
