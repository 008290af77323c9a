// The characters of a file one after the other, with the place of each.
import { toText } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { Place } from "./suite.ts";

const BLANKS = new Set([" ", "\t", "\r", "\n", "\v", "\f"]);
const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/** A reader over the bytes of a file. Columns count characters: the second and later bytes of one in UTF-8 do not count. */
export class Characters {
  readonly #source: ByteString;
  #position = 0;
  #line = 1;
  #column = 1;

  constructor(source: ByteString) {
    this.#source = source;
    if (source.startsWith(BYTE_ORDER_MARK)) this.#position = BYTE_ORDER_MARK.length;
  }

  /** Where the next character stands. */
  get place(): Place {
    return { line: this.#line, column: this.#column };
  }

  /** Nothing is left. */
  get atEnd(): boolean {
    return this.#position >= this.#source.length;
  }

  /** The next byte, or nothing at the end. */
  peek(): string {
    return this.#source.charAt(this.#position);
  }

  /** Takes the next byte. */
  take(): string {
    const byte = this.peek();
    this.#position++;
    if (byte === "\n") {
      this.#line++;
      this.#column = 1;
    } else if ((byte.charCodeAt(0) & 0xc0) !== 0x80) this.#column++;
    return byte;
  }

  /** Takes the next byte if it is this one. */
  accept(byte: string): boolean {
    if (this.peek() !== byte || this.atEnd) return false;
    this.take();
    return true;
  }

  /** Takes what the sticky expression matches here, which must be ASCII on one line; null if nothing. */
  match(sticky: RegExp): string | null {
    sticky.lastIndex = this.#position;
    const found = sticky.exec(this.#source)?.[0] ?? null;
    if (found !== null) {
      this.#position += found.length;
      this.#column += found.length;
    }
    return found;
  }

  /** Goes on behind white space and comments. */
  skipBlanks(): void {
    while (!this.atEnd) {
      if (this.peek() === "#") while (!this.atEnd && this.peek() !== "\n") this.take();
      else if (BLANKS.has(this.peek())) this.take();
      else return;
    }
  }

  /** What comes next, for a message. */
  describe(): string {
    if (this.atEnd) return "the end of the file";
    const [character] = toText(this.#source.slice(this.#position, this.#position + 4));
    return character === '"' ? "a string" : `"${character}"`;
  }
}
