// What a test can look at and prepare in the shared state of a host: metrics, shared data, queues.
import { MetricType } from "../host/statuses.ts";
import { asBuffer, toByteString, toText } from "../host/byte-string.ts";
import { HostError } from "../host/errors.ts";
import type { Act } from "./tasks.ts";
import type { Metric, MetricStore } from "../host/metrics.ts";
import type { SharedData } from "../host/shared-data.ts";
import type { SharedQueues } from "../host/shared-queues.ts";

/** The metrics that guests have defined. Names are as the guest gave them, without Envoy's `wasmcustom.`. */
export class MetricsView {
  readonly #store: MetricStore;

  /** @internal */
  constructor(store: MetricStore) {
    this.#store = store;
  }

  /** Value of a counter, or null if nobody defined it. */
  counter(name: string): number | null {
    return valueOf(this.#store.find(MetricType.Counter, toByteString(name)));
  }

  /** Value of a gauge, or null if nobody defined it. */
  gauge(name: string): number | null {
    return valueOf(this.#store.find(MetricType.Gauge, toByteString(name)));
  }

  /** All values recorded in a histogram in order, or null if nobody defined it. */
  histogram(name: string): number[] | null {
    return this.#store.find(MetricType.Histogram, toByteString(name))?.samples.map(Number) ?? null;
  }

  /** Everything that was defined, by name: a number, or the list of a histogram. */
  all(): Record<string, number | number[]> {
    const all: Record<string, number | number[]> = {};
    for (const metric of this.#store.all()) {
      all[toText(metric.name)] =
        metric.type === MetricType.Histogram ? metric.samples.map(Number) : Number(metric.value);
    }
    return all;
  }
}

/** The data that VMs with the same vm_id share. */
export class SharedDataView {
  readonly #data: SharedData;

  /** @internal */
  constructor(data: SharedData) {
    this.#data = data;
  }

  /** The value and its cas number, or null. */
  get(key: string, vmId = ""): { value: Buffer; text: string; cas: number } | null {
    const found = this.#data.get(toByteString(vmId), toByteString(key));
    return typeof found === "number"
      ? null
      : { value: found.value, text: found.value.toString("utf8"), cas: found.cas };
  }

  /** Sets a value unconditionally. */
  set(key: string, value: string | Uint8Array, vmId = ""): void {
    this.#data.set(toByteString(vmId), toByteString(key), asBuffer(value), 0);
  }

  /** Keys in the order in which they were first set. */
  keys(vmId = ""): string[] {
    return this.#data.keys(toByteString(vmId)).map(toText);
  }
}

/** The shared queues. */
export class QueuesView {
  readonly #queues: SharedQueues;
  readonly #act: Act;

  /** @internal */
  constructor(queues: SharedQueues, act: Act) {
    this.#queues = queues;
    this.#act = act;
  }

  /** What waits in a queue, oldest first; null if nobody registered it. */
  items(name: string, vmId = ""): Buffer[] | null {
    return this.#queues.items(toByteString(vmId), toByteString(name))?.slice() ?? null;
  }

  /** Adds an item; whoever registered the queue last is told. */
  async enqueue(name: string, value: string | Uint8Array, vmId = ""): Promise<void> {
    const queue = this.#queues.resolve(toByteString(vmId), toByteString(name));
    if (typeof queue === "number") {
      throw new HostError("wrong-phase", `nobody has registered the queue "${name}" of vm_id "${vmId}"`);
    }
    await this.#act(() => this.#queues.enqueue(queue.token, asBuffer(value)));
  }
}

function valueOf(metric: Metric | undefined): number | null {
  return metric === undefined ? null : Number(metric.value);
}
