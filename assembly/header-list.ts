// HeaderList: an ordered list of header names and values, kept in the byte form that hosts read and write.
import { Status } from "./abi/types";
import { newObject, viewOf } from "./allocate";
import { hasLineBreak, isHeaderName, refuseName, refuseValue, sameName } from "./header-rules";
import { encode, encodedLength, release } from "./memory";
import { decode, resetLineBreak, sawLineBreak } from "./utf8";

// The byte form (little endian): u32 count, per pair u32 name length and u32 value length, then per pair the
// name, NUL, the value, NUL. Lengths exclude the NULs. An empty list may come as no bytes at all.

/**
 * Headers in order: what {@link HeaderMap.entries} returns, and what a local response or
 * {@link HeaderMap.setAll} takes. Read from a host, it holds the host's bytes and decodes a name or value
 * when it is asked for.
 *
 * Spec: Proxy-Wasm v0.2.1, serialization of header maps.
 */
@final
export class HeaderList {
  private lengths: ArrayBuffer | null = null;
  private lengthsAt: usize = 0;
  private bytes: ArrayBuffer | null = null;
  private bytesAt: usize = 0;
  private bytesUsed: usize = 0;
  private count: i32 = 0;
  private owned: bool = false;
  // Where the pair that was read last begins, so that reading in order is one step a pair.
  private cursor: i32 = 0;
  private cursorAt: usize = 0;

  /** @internal Reads the byte form, as far as it is sound. */
  static read(buffer: ArrayBuffer): HeaderList {
    const list = new HeaderList();
    const start = changetype<usize>(buffer);
    const end = start + buffer.byteLength;
    let at = start + 4;
    let count: u32 = at > end ? 0 : load<u32>(start);
    if (<usize>count > (end - at) >> 3) count = 0;
    const bytes = at + ((<usize>count) << 3);
    let room = <u64>(end - bytes);
    let sound: u32 = 0;
    for (; sound < count; sound++, at += 8) {
      const needed = <u64>load<u32>(at) + load<u32>(at, 4) + 2;
      if (needed > room) break;
      room -= needed;
    }
    list.lengths = buffer;
    list.lengthsAt = 4;
    list.bytes = buffer;
    list.bytesAt = bytes - start;
    list.bytesUsed = end - bytes - <usize>room;
    list.count = sound;
    return list;
  }

  /** A list of the given pairs, each `[name, value]`: `HeaderList.from([["content-type", "text/html"]])`. */
  static from(pairs: string[][]): HeaderList {
    const list = new HeaderList();
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i];
      assert(pair.length == 2, "each header is a pair of a name and a value");
      list.add(pair[0], pair[1]);
    }
    return list;
  }

  /** How many headers there are; a repeated one counts each time. */
  get length(): i32 {
    return this.count;
  }

  /** @internal Bytes of the serialized form. */
  get byteLength(): usize {
    return 4 + ((<usize>this.count) << 3) + this.bytesUsed;
  }

  /** The name at `index`; `""` outside the list. Hosts give names in lower case. */
  name(index: i32): string {
    return decode(this.nameAt(index), this.nameLength(index));
  }

  /** The value at `index` as text; `""` outside the list. */
  value(index: i32): string {
    return decode(this.valueAt(index), this.valueLength(index));
  }

  /** The value at `index` as it is on the wire; empty outside the list. */
  valueBytes(index: i32): Uint8Array {
    const length = this.valueLength(index);
    const buffer = changetype<ArrayBuffer>(newObject(length, idof<ArrayBuffer>()));
    memory.copy(changetype<usize>(buffer), this.valueAt(index), length);
    return viewOf(buffer);
  }

  /** The length of the name at `index` in bytes; 0 outside the list. */
  nameLength(index: i32): i32 {
    return <u32>index < <u32>this.count ? load<u32>(this.lengthsOf(index)) : 0;
  }

  /** The length of the value at `index` in bytes; 0 outside the list. */
  valueLength(index: i32): i32 {
    return <u32>index < <u32>this.count ? load<u32>(this.lengthsOf(index), 4) : 0;
  }

  /** The first value of a header, or `null` when the list does not name it. */
  get(name: string): string | null {
    const index = this.indexOf(name, 0);
    return index < 0 ? null : this.value(index);
  }

  /** Every value of a header, in order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    for (let at = this.indexOf(name, 0); at >= 0; at = this.indexOf(name, at + 1))
      values.push(this.value(at));
    return values;
  }

  /** Whether the list names a header. */
  has(name: string): bool {
    return this.indexOf(name, 0) >= 0;
  }

  /**
   * Appends a header. A name that is no header name, or CR, LF or NUL in the value, is refused with
   * {@link Status.BadArgument}, and the list stays as it was.
   */
  add(name: string, value: string): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    resetLineBreak();
    const data = encode(value);
    const status = !isHeaderName(key, keyLength)
      ? refuseName("HeaderList.add")
      : !data || sawLineBreak
        ? refuseValue("HeaderList.add", key, keyLength)
        : this.append(key, keyLength, data, encodedLength);
    release(data);
    release(key);
    return status;
  }

  /** Like {@link add}, with the value's bytes as they shall be on the wire. */
  addBytes(name: string, value: Uint8Array): Status {
    const key = encode(name);
    const keyLength = encodedLength;
    const status = !isHeaderName(key, keyLength)
      ? refuseName("HeaderList.addBytes")
      : hasLineBreak(value.dataStart, value.byteLength)
        ? refuseValue("HeaderList.addBytes", key, keyLength)
        : this.append(key, keyLength, value.dataStart, value.byteLength);
    release(key);
    return status;
  }

  /** @internal Appends a pair of another list as it is. */
  copyFrom(other: HeaderList, index: i32): void {
    this.append(other.nameAt(index), other.nameLength(index), other.valueAt(index), other.valueLength(index));
  }

  /** @internal Whether the list names the header that stands at `index` of another list. */
  hasNameOf(other: HeaderList, index: i32): bool {
    return this.find(other.nameAt(index), other.nameLength(index), 0) >= 0;
  }

  /** @internal Whether the pair is a pseudo-header. */
  isPseudo(index: i32): bool {
    return this.nameLength(index) > 0 && load<u8>(this.nameAt(index)) == 0x3a;
  }

  /** @internal Whether a proxy cannot route without the pair. */
  isVital(index: i32): bool {
    if (this.isPseudo(index)) return true;
    const name = encode("x-forwarded-proto");
    const vital = sameName(name, encodedLength, this.nameAt(index), this.nameLength(index));
    release(name);
    return vital;
  }

  /** @internal The byte form that host functions take. */
  serialize(): ArrayBuffer {
    const buffer = new ArrayBuffer(<i32>this.byteLength);
    const start = changetype<usize>(buffer);
    const lengthsSize = (<usize>this.count) << 3;
    store<u32>(start, this.count);
    memory.copy(start + 4, changetype<usize>(this.lengths) + this.lengthsAt, lengthsSize);
    memory.copy(start + 4 + lengthsSize, changetype<usize>(this.bytes) + this.bytesAt, this.bytesUsed);
    return buffer;
  }

  private lengthsOf(index: i32): usize {
    return changetype<usize>(this.lengths) + this.lengthsAt + ((<usize>index) << 3);
  }

  /** @internal Where the name at `index` begins; 0 outside the list. */
  nameAt(index: i32): usize {
    if (<u32>index >= <u32>this.count) return 0;
    let at = this.cursorAt;
    let i = this.cursor;
    if (index < i) {
      i = 0;
      at = 0;
    }
    for (; i < index; i++) {
      const lengths = this.lengthsOf(i);
      at += load<u32>(lengths) + load<u32>(lengths, 4) + 2;
    }
    this.cursor = index;
    this.cursorAt = at;
    return changetype<usize>(this.bytes) + this.bytesAt + at;
  }

  private valueAt(index: i32): usize {
    return <u32>index < <u32>this.count ? this.nameAt(index) + this.nameLength(index) + 1 : 0;
  }

  private indexOf(name: string, from: i32): i32 {
    const key = encode(name);
    const index = this.find(key, encodedLength, from);
    release(key);
    return index;
  }

  private find(name: usize, length: usize, from: i32): i32 {
    for (let i = from; i < this.count; i++) {
      if (sameName(name, length, this.nameAt(i), this.nameLength(i))) return i;
    }
    return -1;
  }

  private append(name: usize, nameLength: usize, value: usize, valueLength: usize): Status {
    const lengthsSize = (<usize>this.count) << 3;
    const used = this.bytesUsed;
    const needed = used + nameLength + valueLength + 2;
    if (!this.owned || lengthsSize == sizeOf(this.lengths)) {
      this.lengths = grown(this.lengths, this.lengthsAt, lengthsSize, 64);
      this.lengthsAt = 0;
    }
    if (!this.owned || needed > sizeOf(this.bytes)) {
      this.bytes = grown(this.bytes, this.bytesAt, used, needed);
      this.bytesAt = 0;
    }
    this.owned = true;
    const lengths = changetype<usize>(this.lengths) + lengthsSize;
    store<u32>(lengths, <u32>nameLength);
    store<u32>(lengths, <u32>valueLength, 4);
    const target = changetype<usize>(this.bytes) + used;
    memory.copy(target, name, nameLength);
    store<u8>(target + nameLength, 0);
    memory.copy(target + nameLength + 1, value, valueLength);
    store<u8>(target + nameLength + 1 + valueLength, 0);
    this.bytesUsed = needed;
    this.count++;
    return Status.Ok;
  }
}

function sizeOf(buffer: ArrayBuffer | null): usize {
  return buffer == null ? 0 : <usize>buffer.byteLength;
}

/** A copy of `used` bytes with room for twice as many, and for `least`. */
function grown(buffer: ArrayBuffer | null, from: usize, used: usize, least: usize): ArrayBuffer {
  const size = used << 1;
  const larger = new ArrayBuffer(<i32>(size < least ? least : size));
  memory.copy(changetype<usize>(larger), changetype<usize>(buffer) + from, used);
  return larger;
}
