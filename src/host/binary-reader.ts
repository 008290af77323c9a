// Reads the numbers, names and types of the WebAssembly binary format.

/** Smallest and largest size of a memory, in pages of 64 KiB; `maximum` is null when there is none. */
export interface MemoryLimits {
  minimum: number;
  maximum: number | null;
  shared: boolean;
}

const VALUE_LETTERS: Readonly<Record<number, string>> = {
  0x7f: "i",
  0x7e: "I",
  0x7d: "f",
  0x7c: "F",
  0x7b: "v",
};

/** Reads forward from a position, which may be set. Throws a RangeError where the bytes end too early. */
export class BinaryReader {
  position: number;
  private readonly bytes: Uint8Array;

  /** Begins after magic number and version, unless told otherwise. */
  constructor(bytes: Uint8Array, position = 8) {
    this.bytes = bytes;
    this.position = position;
  }

  get atEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.position++];
    if (value === undefined) throw new RangeError("the module ends in the middle of a section");
    return value;
  }

  /** LEB128. Signed and long numbers are only ever skipped, so their value does not matter. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    const length = this.number();
    const start = this.position;
    this.position += length;
    if (this.position > this.bytes.length)
      throw new RangeError("a name reaches beyond the end of the module");
    return Buffer.from(this.bytes.subarray(start, this.position)).toString("utf8");
  }

  /** One value type as a letter. */
  value(): string {
    const code = this.byte();
    // A reference with an explicit heap type.
    if (code === 0x63 || code === 0x64) this.number();
    return VALUE_LETTERS[code] ?? "r";
  }

  limits(): MemoryLimits {
    const flags = this.byte();
    const minimum = this.number();
    return { minimum, maximum: flags & 1 ? this.number() : null, shared: (flags & 2) !== 0 };
  }

  /** Skips a constant expression. */
  expression(): void {
    for (;;) {
      const opcode = this.byte();
      if (opcode === 0x0b) return;
      if (opcode === 0x41 || opcode === 0x42 || opcode === 0x23 || opcode === 0xd2 || opcode === 0xd0)
        this.number();
      else if (opcode === 0x43) this.position += 4;
      else if (opcode === 0x44) this.position += 8;
      else if (opcode === 0xfd) {
        this.number();
        this.position += 16;
      }
    }
  }
}
