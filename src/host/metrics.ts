// Metrics as Envoy's stats keep them: one value per kind and name, any number of ids for it.
import { MetricType, Status } from "./statuses.ts";
import type { Answer } from "./hostcalls.ts";
import type { ByteString } from "./byte-string.ts";

/** One stat. */
export interface Metric {
  readonly type: MetricType;
  readonly name: ByteString;
  /** Of a counter or gauge. */
  value: bigint;
  /** Recorded values of a histogram, in order. */
  readonly samples: bigint[];
}

/** The stats of a process; every worker sees the same values. */
export class MetricStore {
  readonly #metrics = new Map<string, Metric>();

  /** The stat, made on first use. The same name with another type is another stat. */
  define(type: MetricType, name: ByteString): Metric {
    const key = `${type}${name}`;
    let metric = this.#metrics.get(key);
    if (metric === undefined) this.#metrics.set(key, (metric = { type, name, value: 0n, samples: [] }));
    return metric;
  }

  /** The stat, or undefined if nobody defined it. */
  find(type: MetricType, name: ByteString): Metric | undefined {
    return this.#metrics.get(`${type}${name}`);
  }

  /** All stats in the order in which they were defined. */
  all(): Metric[] {
    return [...this.#metrics.values()];
  }
}

/** The metric ids of one VM: counters 4, 8 and so on, gauges 5, 9, histograms 6, 10. Each definition gets a new one. */
export class MetricIds {
  readonly #store: MetricStore;
  readonly #byId = new Map<number, Metric>();
  readonly #next: [number, number, number] = [4, 5, 6];

  constructor(store: MetricStore) {
    this.#store = store;
  }

  define(type: number, name: ByteString): Answer<{ id: number }> {
    if (type > MetricType.Histogram) return Status.BadArgument;
    const kind = type as MetricType;
    const id = this.#next[kind];
    this.#next[kind] += 4;
    this.#byId.set(id, this.#store.define(kind, name));
    return { id };
  }

  increment(id: number, offset: bigint): number {
    const kind = id & 3;
    if (kind > MetricType.Gauge) return Status.BadArgument;
    const metric = this.#byId.get(id);
    if (metric === undefined) return Status.NotFound;
    if (kind === MetricType.Counter && offset <= 0n) return Status.BadArgument;
    metric.value = BigInt.asUintN(64, metric.value + offset);
    return Status.Ok;
  }

  record(id: number, value: bigint): number {
    const metric = this.#byId.get(id);
    if (metric === undefined) return Status.NotFound;
    if (metric.type === MetricType.Counter) metric.value = BigInt.asUintN(64, metric.value + value);
    else if (metric.type === MetricType.Gauge) metric.value = value;
    else metric.samples.push(value);
    return Status.Ok;
  }

  get(id: number): Answer<bigint> {
    if ((id & 3) > MetricType.Gauge) return Status.BadArgument;
    return this.#byId.get(id)?.value ?? Status.NotFound;
  }
}
