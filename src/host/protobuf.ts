// The protobuf wire format, as far as Envoy's small messages need it.

/** Fields of a message: number to its raw values, in order. Varints and fixed numbers are bigints. */
export type ProtoFields = Map<number, (bigint | Buffer)[]>;

/** Parses any message, or null if the bytes are no protobuf. Groups are checked and left out. */
export function parseProto(bytes: Buffer): ProtoFields | null {
  const fields: ProtoFields = new Map();
  const open: number[] = [];
  let position = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[position++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return null;
  };
  while (position < bytes.length) {
    const tag = varint();
    if (tag === null || tag >> 3n === 0n || tag > 0xffff_ffffn) return null;
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    let value: bigint | Buffer | null = null;
    if (type === 0) {
      value = varint();
      if (value === null) return null;
    } else if (type === 1 || type === 5) {
      const size = type === 1 ? 8 : 4;
      if (position + size > bytes.length) return null;
      value = type === 1 ? bytes.readBigUInt64LE(position) : BigInt(bytes.readUInt32LE(position));
      position += size;
    } else if (type === 2) {
      const size = varint();
      if (size === null || position + Number(size) > bytes.length) return null;
      value = bytes.subarray(position, position + Number(size));
      position += Number(size);
    } else if (type === 3) open.push(number);
    else if (type !== 4 || open.pop() !== number) return null;
    if (value === null || open.length > 0) continue;
    const values = fields.get(number);
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  }
  return open.length === 0 ? fields : null;
}

/** The last value of a length-delimited field, or null if it is absent or of another type. */
export function bytesField(fields: ProtoFields, number: number): Buffer | null {
  const value = fields.get(number)?.at(-1);
  return value instanceof Buffer ? value : null;
}

/** The last value of a varint field; 0 if it is absent. */
export function numberField(fields: ProtoFields, number: number): number {
  const value = fields.get(number)?.at(-1);
  return typeof value === "bigint" ? Number(value) : 0;
}

/** One length-delimited field. */
export function encodeBytes(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([encodeVarint((number << 3) | 2), encodeVarint(bytes.length), bytes]);
}

/** One varint field. */
export function encodeNumber(number: number, value: number): Buffer {
  return Buffer.concat([encodeVarint(number << 3), encodeVarint(value)]);
}

/** One double field. */
export function encodeDouble(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([encodeVarint((number << 3) | 1), bytes]);
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value);
  return Buffer.from(bytes);
}
