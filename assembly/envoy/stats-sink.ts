// StatsUpdate: what a stats sink of Envoy is told, read in slices, since the size that Envoy announces means nothing.
import { BufferType, MetricType, Status } from "../abi/types";
import { phase, Phase, trackActive } from "../active-context";
import * as hostcalls from "../hostcalls";
import { refuse } from "../line";
import { takeBuffer } from "../memory";
import { decode } from "../utf8";

/** Bytes that are asked for at once: Envoy copies them, and would copy hundreds of megabytes for who asks for all. */
const SLICE: u32 = 0x8000;
/** No name of a stat is longer; what claims to be is no entry. */
const LONGEST_NAME: u32 = 0x4000;
/** Kinds of block, and their entries: u32 length of the name, name, padding to 8, u64 value, u64 increase of counters. */
const COUNTERS: u32 = 1;
const GAUGES: u32 = 2;

/**
 * The counters and gauges of a flush, one after the other, in `RootContext.onStatsUpdate`:
 *
 * ```ts
 * import { StatsUpdate } from "proxy-wasm-as/envoy";
 *
 * const stats = new StatsUpdate();
 * while (stats.next()) logInfo(stats.name + " " + stats.value.toString());
 * ```
 *
 * Envoy tells only those that have ever been counted. Histograms are not told.
 */
@final
export class StatsUpdate {
  private slice: ArrayBuffer = new ArrayBuffer(0);
  /** Where the slice begins in the host's buffer. */
  private base: u32 = 0;
  /** Where to read on. */
  private at: u32 = 0;
  /** Where the block ends, if its size can be believed. */
  private end: u32 = 0;
  private kind: u32 = 0;
  /** Entries that the block may still have. Envoy counts those that it leaves out. */
  private left: u32 = 0;
  private nameAt: u32 = 0;
  private nameLength: u32 = 0;

  /** Goes to the next counter or gauge: the first at first. False when there is none, and outside `onStatsUpdate`. */
  next(): bool {
    if (trackActive && phase != Phase.StatsUpdate) {
      refuse("StatsUpdate.next", "only onStatsUpdate can read stats");
      return false;
    }
    this.nameLength = 0;
    while (this.left == 0 || this.at >= this.end) if (!this.nextBlock()) return false;
    this.left--;
    const length = this.word(0);
    const valueAt = (this.at + 4 + length + 7) & ~7;
    const size = valueAt - this.at + (this.kind == COUNTERS ? 16 : 8);
    if (length == 0 || length > LONGEST_NAME || !this.reach(size) || !this.isText(length)) {
      // The end: Envoy does not say where it is, and what follows is memory that nobody has written.
      this.left = 0;
      this.kind = GAUGES;
      return false;
    }
    this.nameAt = this.at + 4 - this.base;
    this.nameLength = length;
    this.at += size;
    return true;
  }

  /** {@link MetricType.Counter} or {@link MetricType.Gauge}. */
  get type(): MetricType {
    return this.kind == COUNTERS ? MetricType.Counter : MetricType.Gauge;
  }

  /** The full name, as in Envoy's `/stats`; `""` before the first and after the last. */
  get name(): string {
    return decode(changetype<usize>(this.slice) + this.nameAt, this.nameLength);
  }

  /** The value now. */
  get value(): u64 {
    return this.number(this.kind == COUNTERS ? 16 : 8);
  }

  /** By how much a counter has grown since the last flush; 0 for a gauge. */
  get delta(): u64 {
    return this.kind == COUNTERS ? this.number(8) : 0;
  }

  /** The number that stands so many bytes before the end of the entry. */
  private number(before: u32): u64 {
    return this.nameLength ? load<u64>(changetype<usize>(this.slice) + this.at - this.base - before) : 0;
  }

  /** Begins the next block. There is none after the gauges, whose size Envoy has not set. */
  private nextBlock(): bool {
    this.at = this.end;
    if (this.kind == GAUGES || !this.reach(12)) return false;
    this.kind = this.word(4);
    this.left = this.word(8);
    this.end = this.at + this.word(0);
    if (this.kind != COUNTERS || this.end < this.at) this.end = u32.MAX_VALUE;
    this.at += 12;
    return this.kind == COUNTERS || this.kind == GAUGES;
  }

  /** A word at an offset from where to read on; 0 beyond the end. */
  private word(offset: u32): u32 {
    if (!this.reach(offset + 4)) return 0;
    return load<u32>(changetype<usize>(this.slice) + this.at - this.base + offset);
  }

  /** Has so many bytes from where to read on in the slice; false where the buffer ends before. */
  private reach(size: u32): bool {
    const to = this.at + size;
    if (to < this.at) return false;
    if (to > this.base + this.slice.byteLength) {
      const status = hostcalls.getBufferBytes(BufferType.CallData, this.at, SLICE);
      this.slice = status == Status.Ok ? takeBuffer() : new ArrayBuffer(0);
      this.base = this.at;
    }
    return to <= this.base + this.slice.byteLength;
  }

  /** Whether the name holds no control characters. */
  private isText(length: u32): bool {
    const start = changetype<usize>(this.slice) + this.at - this.base + 4;
    for (let i: u32 = 0; i < length; i++) if (load<u8>(start + i) < 32) return false;
    return true;
  }
}
