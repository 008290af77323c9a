// What a stats sink is told: counters and gauges, in Envoy's form.

/** Counters and gauges by name. */
export interface Stats {
  /** The value of each, or the value and by how much it has grown since the last flush. Default: none. */
  readonly counters?: Readonly<Record<string, bigint | number | readonly [value: bigint, delta: bigint]>>;
  readonly gauges?: Readonly<Record<string, bigint | number>>;
}

// Envoy counts what it leaves out, too, and has not set the size of the block of gauges (C12).
const LEFT_OUT = 5;
const UNSET_SIZE = 0x18fee664;
/** What lies behind the gauges: memory that nobody has written. */
const BEHIND = Buffer.alloc(64);

/** The bytes of an update. */
export function serializeStats({ counters = {}, gauges = {} }: Stats): Buffer {
  const counted = Object.entries(counters).map(([name, given]) => {
    const [value, delta] = typeof given === "object" ? given : [BigInt(given), BigInt(given)];
    return [name, value, delta] as const;
  });
  const first = block(1, counted);
  first.writeUInt32LE(first.length, 0);
  const second = block(
    2,
    Object.entries(gauges).map(([name, value]) => [name, BigInt(value)] as const),
  );
  second.writeUInt32LE(UNSET_SIZE, 0);
  return Buffer.concat([first, second, BEHIND]);
}

function block(type: number, entries: readonly (readonly [name: string, ...values: bigint[]])[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(type, 4);
  head.writeUInt32LE(entries.length + LEFT_OUT, 8);
  let size = head.length;
  const parts = entries.map(([name, ...values]) => {
    const bytes = Buffer.from(name);
    const at = size % 8;
    const entry = Buffer.alloc(((at + 4 + bytes.length + 7) & ~7) - at + 8 * values.length);
    entry.writeUInt32LE(bytes.length, 0);
    bytes.copy(entry, 4);
    values.forEach((value, index) =>
      entry.writeBigUInt64LE(value, entry.length - 8 * (values.length - index)),
    );
    size += entry.length;
    return entry;
  });
  return Buffer.concat([head, ...parts]);
}
