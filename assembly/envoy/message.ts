// Protobuf as far as the foreign functions of Envoy need it: fields of bytes and numbers, in a message that is built or read.

/** A message that is being built. */
@final
export class MessageWriter {
  private buffer: ArrayBuffer = new ArrayBuffer(256);
  private used: usize = 0;

  /** Where the message stands, for as long as this object lives and nothing is added. */
  get start(): usize {
    return changetype<usize>(this.buffer);
  }

  get length(): usize {
    return this.used;
  }

  /** Adds a field of text; an empty one is left out, as in proto3. */
  text(field: u32, value: string): void {
    const length = <usize>String.UTF8.byteLength(value);
    if (!length) return;
    const at = this.begin(field, length);
    String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, at);
  }

  /** Adds a field of bytes; an empty one is left out. */
  bytes(field: u32, value: Uint8Array): void {
    const length = <usize>value.byteLength;
    if (length) memory.copy(this.begin(field, length), value.dataStart, length);
  }

  /** Adds a field of a number; 0 is left out. */
  number(field: u32, value: u32): void {
    if (!value) return;
    this.reserve(10);
    this.varint(field << 3);
    this.varint(value);
  }

  /** Begins a field of bytes, and makes room for them. */
  private begin(field: u32, length: usize): usize {
    this.reserve(length + 10);
    this.varint((field << 3) | 2);
    this.varint(<u32>length);
    const at = this.start + this.used;
    this.used += length;
    return at;
  }

  private varint(value: u32): void {
    let at = this.start + this.used;
    for (; value > 127; value >>= 7) store<u8>(at++, value | 128);
    store<u8>(at++, value);
    this.used = at - this.start;
  }

  private reserve(size: usize): void {
    const needed = this.used + size;
    const room = <usize>this.buffer.byteLength;
    if (needed <= room) return;
    const larger = new ArrayBuffer(<i32>max(needed, room << 1));
    memory.copy(changetype<usize>(larger), changetype<usize>(this.buffer), this.used);
    this.buffer = larger;
  }
}

/** Reads a message field by field; what is not sound ends it. */
@final
export class MessageReader {
  /** Number of the field that was read last. */
  field: u32 = 0;
  /** Its value, if it is a number. */
  value: u64 = 0;
  /** Its bytes, if it is no number. */
  from: i32 = 0;
  to: i32 = 0;
  private at: i32 = 0;

  constructor(private message: Uint8Array) {}

  /** Goes to the next field; false at the end. */
  next(): bool {
    if (this.at >= this.message.length) return false;
    const tag = this.varint();
    this.field = <u32>(tag >> 3);
    const kind = (<u32>tag) & 7;
    this.value = 0;
    this.from = this.to = this.at;
    if (kind == 0) {
      this.value = this.varint();
      return this.at <= this.message.length;
    }
    const size: u64 = kind == 2 ? this.varint() : kind == 1 ? 8 : kind == 5 ? 4 : u64.MAX_VALUE;
    this.from = this.at;
    if (size > <u64>max(this.message.length - this.at, 0)) return false;
    this.to = this.at = this.at + <i32>size;
    return true;
  }

  /** The bytes of the field, copied. */
  bytes(): Uint8Array {
    return this.message.slice(this.from, this.to);
  }

  /** A number of up to ten bytes; one that is cut off leaves the position behind the end. */
  private varint(): u64 {
    let value: u64 = 0;
    for (let shift: u64 = 0; shift < 70; shift += 7) {
      if (this.at >= this.message.length) break;
      const byte = this.message[this.at++];
      if (shift < 64) value |= (<u64>(byte & 127)) << shift;
      if (byte < 128) return value;
    }
    this.at = i32.MAX_VALUE;
    return value;
  }
}
