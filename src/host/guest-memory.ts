// The linear memory of one VM, read and written with the bounds checks of a proxy.
import type { ByteString } from "./byte-string.ts";
import type { LinearMemory } from "./webassembly.ts";

const NO_MEMORY = Buffer.alloc(0);

/**
 * Access to guest memory. Pointers and lengths are taken as the guest passes them (signed 32-bit numbers that mean
 * unsigned ones). Nothing here throws: reads answer null and writes false when they leave the memory.
 */
export class GuestMemory {
  #memory: LinearMemory | null = null;
  #bytes: Buffer = NO_MEMORY;

  /** Sets the memory once the module is instantiated. A module without one has no memory at all. */
  attach(memory: LinearMemory | null): void {
    this.#memory = memory;
    this.#refresh();
  }

  /** Size in pages of 64 KiB. */
  get pages(): number {
    return (this.#memory?.buffer.byteLength ?? 0) / 65_536;
  }

  /** The bytes at `pointer`, without a copy: valid until the guest runs again. Null if out of bounds. */
  read(pointer: number, length: number): Buffer | null {
    const start = pointer >>> 0;
    const end = start + (length >>> 0);
    if (!this.#holds(end)) return null;
    return this.#bytes.subarray(start, end);
  }

  /** The bytes at `pointer` as a byte string, or null if out of bounds. */
  readByteString(pointer: number, length: number): ByteString | null {
    const start = pointer >>> 0;
    const end = start + (length >>> 0);
    if (!this.#holds(end)) return null;
    return this.#bytes.toString("latin1", start, end);
  }

  /** The unsigned 32-bit number at `pointer`, or null if out of bounds. */
  readWord(pointer: number): number | null {
    const start = pointer >>> 0;
    return this.#holds(start + 4) ? this.#bytes.readUInt32LE(start) : null;
  }

  /** Stores a 32-bit number. */
  writeWord(pointer: number, value: number): boolean {
    const start = pointer >>> 0;
    if (!this.#holds(start + 4)) return false;
    this.#bytes.writeUInt32LE(value >>> 0, start);
    return true;
  }

  /** Stores a 64-bit number. */
  writeLong(pointer: number, value: bigint): boolean {
    const start = pointer >>> 0;
    if (!this.#holds(start + 8)) return false;
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), start);
    return true;
  }

  /** Stores bytes. */
  write(pointer: number, value: ByteString | Uint8Array): boolean {
    const start = pointer >>> 0;
    if (!this.#holds(start + value.length)) return false;
    if (typeof value === "string") this.#bytes.write(value, start, "latin1");
    else this.#bytes.set(value, start);
    return true;
  }

  /** Whether the memory reaches to `end`; a detached view (the guest grew its memory) is replaced first. */
  #holds(end: number): boolean {
    if (end <= this.#bytes.length) return true;
    this.#refresh();
    return end <= this.#bytes.length;
  }

  #refresh(): void {
    this.#bytes = this.#memory === null ? NO_MEMORY : Buffer.from(this.#memory.buffer);
  }
}
