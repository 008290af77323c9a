// A body in pieces that a guest can read and edit the way Envoy lets it.
import { Status } from "./statuses.ts";

const EMPTY = Buffer.alloc(0);

/** Bytes that grow at the end. Reading joins the pieces once. */
export class ByteBuffer {
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(bytes?: Buffer) {
    if (bytes !== undefined && bytes.length > 0) this.append(bytes);
  }

  /** Number of bytes. */
  get length(): number {
    return this.#length;
  }

  /** All bytes in one piece. Not a copy: do not write to it. */
  get bytes(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces, this.#length)];
    return this.#pieces[0] ?? EMPTY;
  }

  /** Adds bytes, which must not change afterwards. */
  append(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** Moves all bytes of the other buffer to the end of this one. */
  take(other: ByteBuffer): void {
    for (const piece of other.#pieces) this.append(piece);
    other.clear();
  }

  /** Forgets all bytes. */
  clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }

  /** The bytes from `start`, at most `length`, clipped to what there is. */
  slice(start: number, length: number): Buffer {
    return start >= this.#length ? EMPTY : this.bytes.subarray(start, Math.min(this.#length, start + length));
  }

  /**
   * `proxy_set_buffer_bytes`: at 0 it replaces the first `length` bytes (none of them: prepends), at the end or beyond it
   * appends, and anywhere between it is a bad argument. The value is copied.
   */
  write(start: number, length: number, value: Uint8Array): number {
    const copy = Buffer.from(value);
    if (start === 0) this.#replace([copy, this.slice(length, this.#length)]);
    else if (start >= this.#length) this.append(copy);
    else return Status.BadArgument;
    return Status.Ok;
  }

  #replace(pieces: Buffer[]): void {
    this.clear();
    for (const piece of pieces) this.append(piece);
  }
}
