// Metrics: counters, gauges and histograms, which a proxy shows among its own statistics.
import { MetricType, Status } from "./abi/types";
import { inCallback } from "./call-rules";
import { Message, refuse, refuseNamed } from "./line";
import { encode, encodedLength, out, release } from "./memory";
import { MetricTags } from "./metric-tags";
import * as hostcalls from "./state-hostcalls";

/** A proxy keeps each name for as long as it runs, so their number must have an end. */
const MOST_NAMES: i32 = 10000;
const MOST_BYTES: i32 = 4096;

/** The metrics of this VM that have been used, by type and name: buckets of chained ones that grow. */
// @ts-ignore: decorator
@lazy
let buckets = new StaticArray<Metric | null>(32);
// @ts-ignore: decorator
@lazy
let names: i32 = 0;
// @ts-ignore: decorator
@lazy
let toldOfMost: bool = false;

function hashOf(bytes: usize, length: usize, start: u32): u32 {
  let hash = start;
  for (const end = bytes + length; bytes < end; bytes++) hash = (hash ^ load<u8>(bytes)) * 0x01000193;
  return hash;
}

/** Whether a name can be one: not empty, not too long, without control characters. */
function isSound(name: ArrayBuffer): bool {
  const length = name.byteLength;
  if (!length || length > MOST_BYTES) return false;
  const start = changetype<usize>(name);
  for (let i = 0; i < length; i++) if (load<u8>(start + i) < 32) return false;
  return true;
}

function find(type: MetricType, hash: u32, tags: usize, tagsLength: usize, name: ArrayBuffer): Metric | null {
  const length = <usize>name.byteLength;
  let metric = unchecked(buckets[hash & (buckets.length - 1)]);
  while (metric != null) {
    if (
      metric.__hash == hash &&
      metric.__type == type &&
      <usize>metric.__name.byteLength == tagsLength + length &&
      memory.compare(changetype<usize>(metric.__name), tags, tagsLength) == 0 &&
      memory.compare(changetype<usize>(metric.__name) + tagsLength, changetype<usize>(name), length) == 0
    ) {
      return metric;
    }
    metric = metric.__next;
  }
  return null;
}

function put(metric: Metric): void {
  const bucket = metric.__hash & (buckets.length - 1);
  metric.__next = unchecked(buckets[bucket]);
  unchecked((buckets[bucket] = metric));
}

/** Remembers a metric; false when there are too many. */
function insert(metric: Metric): bool {
  if (names == MOST_NAMES) return false;
  if (names++ == buckets.length) {
    const old = buckets;
    buckets = new StaticArray<Metric | null>(old.length * 4);
    for (let i = 0; i < old.length; i++) {
      let moved = unchecked(old[i]);
      while (moved != null) {
        const next = moved.__next;
        put(moved);
        moved = next;
      }
    }
  }
  put(metric);
  return true;
}

/** What counters, gauges and histograms have in common. */
export abstract class Metric {
  /** @internal The next one in the same bucket. */
  __next: Metric | null = null;
  /** @internal The whole name in UTF-8, tags first. */
  __name: ArrayBuffer;
  /** @internal */
  __hash: u32 = 0;
  /** @internal The host's id, once it is defined. */
  __id: u32 = 0;
  /** @internal */
  __defined: bool = false;
  /** @internal Refused, which the log has been told. */
  __refused: bool = false;

  /** @internal */
  constructor(
    name: string,
    /** @internal */
    readonly __type: MetricType,
  ) {
    const text = encode(name);
    const length = encodedLength;
    const bytes = new ArrayBuffer(<i32>length);
    memory.copy(changetype<usize>(bytes), text, length);
    release(text);
    this.__name = bytes;
    this.__hash = hashOf(changetype<usize>(bytes), length, 0x811c9dc5);
  }

  /** @internal Has the host know the metric. In every use but the first it is one comparison. */
  protected ready(): Status {
    return this.__defined ? Status.Ok : this.define();
  }

  private define(): Status {
    if (this.__refused) return Status.BadArgument;
    const name = this.__name;
    const known = find(this.__type, this.__hash, 0, 0, name);
    if (known != null && known.__defined) {
      this.__id = known.__id;
      this.__defined = true;
      return Status.Ok;
    }
    if (!inCallback("a metric")) return Status.BadArgument;
    if (!isSound(name))
      return this.refuse("its name is empty, longer than 4,096 bytes, or has control characters");
    if (known == null && !insert(this)) return this.tooMany();
    const status = hostcalls.defineMetric(this.__type, changetype<usize>(name), <usize>name.byteLength);
    if (status != Status.Ok) return status;
    this.__id = load<u32>(out);
    this.__defined = true;
    if (known != null && known != this) {
      known.__id = this.__id;
      known.__defined = true;
    }
    return Status.Ok;
  }

  private refuse(reason: Message): Status {
    this.__refused = true;
    return refuse("a metric", reason);
  }

  /** Says so once: where names come from requests there would be a line for each. */
  private tooMany(): Status {
    this.__refused = true;
    if (toldOfMost) return Status.BadArgument;
    toldOfMost = true;
    const name = this.__name;
    return refuseNamed(
      "metric",
      changetype<usize>(name),
      <usize>min(name.byteLength, 200),
      "this VM has 10,000 already, and a proxy keeps each",
    );
  }

  /** @internal The metric of this name with tags, or null when there is none yet. */
  protected find(tags: MetricTags): Metric | null {
    return find(this.__type, this.hashWith(tags), tags.__start, tags.__length, this.__name);
  }

  /** @internal Gives a new metric the name of this one with tags. */
  protected name(metric: Metric, tags: MetricTags): void {
    const length = tags.__length;
    const whole = new ArrayBuffer(<i32>length + this.__name.byteLength);
    const start = changetype<usize>(whole);
    memory.copy(start, tags.__start, length);
    memory.copy(start + length, changetype<usize>(this.__name), <usize>this.__name.byteLength);
    metric.__name = whole;
    metric.__hash = this.hashWith(tags);
    insert(metric);
  }

  private hashWith(tags: MetricTags): u32 {
    const hash = hashOf(tags.__start, tags.__length, 0x811c9dc5);
    return hashOf(changetype<usize>(this.__name), <usize>this.__name.byteLength, hash);
  }
}

/**
 * A count that only goes up, over all threads: `const hits = new Counter("hits");` at the top level or in a field, then
 * `hits.increment();` in callbacks. The proxy hears of it when it is first used; several objects of one name are one
 * counter. Envoy shows it as `wasmcustom.hits`, and to Prometheus as `hits`.
 *
 * Spec: Proxy-Wasm v0.2.1, metrics.
 */
@final
export class Counter extends Metric {
  /** A counter by its name. */
  constructor(name: string) {
    super(name, MetricType.Counter);
  }

  /** Adds to the count; 0 does nothing. Spec: `proxy_increment_metric`. */
  increment(offset: u64 = 1): Status {
    if (!offset) return Status.Ok;
    if (<i64>offset < 0) return refuse("increment", "more than 2^63 - 1");
    const status = this.ready();
    return status == Status.Ok ? hostcalls.incrementMetric(this.__id, <i64>offset) : status;
  }

  /** The count over all threads; 0 when the host does not tell. Spec: `proxy_get_metric`. */
  get value(): u64 {
    return this.ready() == Status.Ok ? hostcalls.getMetric(this.__id) : 0;
  }

  /** The counter of the same name with tags. It is kept, so that asking again allocates nothing. */
  tagged(tags: MetricTags): Counter {
    const known = this.find(tags);
    if (known != null) return changetype<Counter>(known);
    const counter = new Counter("");
    this.name(counter, tags);
    return counter;
  }
}

/**
 * A number that goes up and down, one for all threads. See {@link Counter} for how it is made.
 *
 * Spec: Proxy-Wasm v0.2.1, metrics.
 */
@final
export class Gauge extends Metric {
  /** A gauge by its name. */
  constructor(name: string) {
    super(name, MetricType.Gauge);
  }

  /** Sets the number. Spec: `proxy_record_metric`. */
  set(value: u64): Status {
    const status = this.ready();
    return status == Status.Ok ? hostcalls.recordMetric(this.__id, value) : status;
  }

  /**
   * Adds to the number, or takes from it. In Envoy a gauge has no sign: below 0 it wraps to 2^64 - 1.
   * Spec: `proxy_increment_metric`.
   */
  add(offset: i64): Status {
    const status = this.ready();
    return status == Status.Ok ? hostcalls.incrementMetric(this.__id, offset) : status;
  }

  /** The number; 0 when the host does not tell. Spec: `proxy_get_metric`. */
  get value(): u64 {
    return this.ready() == Status.Ok ? hostcalls.getMetric(this.__id) : 0;
  }

  /** The gauge of the same name with tags; as {@link Counter.tagged}. */
  tagged(tags: MetricTags): Gauge {
    const known = this.find(tags);
    if (known != null) return changetype<Gauge>(known);
    const gauge = new Gauge("");
    this.name(gauge, tags);
    return gauge;
  }
}

/**
 * A distribution of values, over all threads. It cannot be read back. See {@link Counter} for how it is made.
 *
 * Spec: Proxy-Wasm v0.2.1, metrics.
 */
@final
export class Histogram extends Metric {
  /** A histogram by its name. */
  constructor(name: string) {
    super(name, MetricType.Histogram);
  }

  /** Adds a value. Envoy's ranges are made for milliseconds and bytes. Spec: `proxy_record_metric`. */
  record(value: u64): Status {
    const status = this.ready();
    return status == Status.Ok ? hostcalls.recordMetric(this.__id, value) : status;
  }

  /** The histogram of the same name with tags; as {@link Counter.tagged}. */
  tagged(tags: MetricTags): Histogram {
    const known = this.find(tags);
    if (known != null) return changetype<Histogram>(known);
    const histogram = new Histogram("");
    this.name(histogram, tags);
    return histogram;
  }
}
