// What all VMs of one host share: clock, log, shared state, and what the test allows.
import { HostError } from "./errors.ts";
import { MetricStore } from "./metrics.ts";
import { PropertyTree } from "./property-tree.ts";
import { SharedData } from "./shared-data.ts";
import { SharedQueues } from "./shared-queues.ts";
import type { ByteString } from "./byte-string.ts";
import type { Clock } from "./clock.ts";
import type { GrpcCallout } from "./grpc-callout.ts";
import type { HttpCallout } from "./http-callout.ts";
import type { LogBook } from "./log-book.ts";
import type { PropertyValue } from "./property-values.ts";
import type { SurvivableMisuseCode } from "./errors.ts";

/** How a cluster takes part in callouts. */
export type ClusterState = "unknown" | "no-hosts" | "reachable";

/** The choices that a host is made with. */
export interface ServicesOptions {
  readonly clock: Clock;
  readonly log: LogBook;
  /** Misuse that is answered as Envoy answers it, with a warning in the log. */
  readonly tolerate: ReadonlySet<SurvivableMisuseCode>;
  /** Properties of every stream. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
  /** Random bytes. */
  random(size: number): Uint8Array;
  /** Whether Envoy would know the cluster, and have a host for it. */
  clusterState(name: ByteString): ClusterState;
  /** A callout has left. Called outside of any callback of the guest. */
  onHttpCallout(callout: HttpCallout): void;
  /** A gRPC call or stream has been opened. Called outside of any callback of the guest. */
  onGrpcCallout(callout: GrpcCallout): void;
}

/** Shared by everything in one host; each host has its own. */
export class Services {
  readonly options: ServicesOptions;
  readonly clock: Clock;
  readonly log: LogBook;
  readonly sharedData = new SharedData();
  readonly queues: SharedQueues;
  readonly metrics = new MetricStore();
  readonly properties: PropertyTree;
  /** Callouts that have not been answered, in the order in which they were made. */
  readonly httpCallouts = new Set<HttpCallout>();
  /** gRPC calls and streams that are open, in the order in which they were made. */
  readonly grpcCallouts = new Set<GrpcCallout>();
  #tasks: (() => void)[] = [];

  constructor(options: ServicesOptions) {
    this.options = options;
    this.clock = options.clock;
    this.log = options.log;
    this.properties = new PropertyTree(null, options.properties);
    this.queues = new SharedQueues((task) => this.post(task));
  }

  /** Runs a task later, outside of any callback: what Envoy posts to its event loop. */
  post(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Tasks are waiting. */
  get hasTasks(): boolean {
    return this.#tasks.length > 0;
  }

  /** Runs all tasks, also those that come up meanwhile. */
  runTasks(): void {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
  }

  /** Refuses what the guest did, unless the test tolerates it: then a warning is logged and Envoy's answer follows. */
  misuse(code: SurvivableMisuseCode, message: string): void {
    if (!this.options.tolerate.has(code)) throw new HostError(code, message);
    this.log.add(3, `[${code}] ${message}`, "host", 0, "", 0);
  }

  /** Logs what the author of a filter should know. */
  warn(message: string): void {
    this.log.add(3, message, "host", 0, "", 0);
  }
}
