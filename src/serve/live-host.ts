// The embedded host on real time: the filter's VM, those that it replaced, and the streams that run in them.
import { randomBytes } from "node:crypto";

import { Clock, LogBook, Services, Worker } from "../host/index.ts";
import { RealTime } from "./real-time.ts";
import type { HttpStream, LogEntry, PluginConfig, StreamEnds, StreamOptions, Trap } from "../host/index.ts";
import type { GrpcCallout, HttpCallout, SurvivableMisuseCode } from "../host/index.ts";

/** Entries of the log that are kept, for the message of a VM that does not start. */
const MAX_LOG_ENTRIES = 1000;

/** Misuse that Envoy survives: reported, and answered as Envoy answers it. */
const TOLERATED: ReadonlySet<SurvivableMisuseCode> = new Set([
  "request-sent-twice",
  "response-sent-twice",
  "response-header-injection",
  "header-pairs",
  "stats-buffer",
  "response-status",
  "late-header-write",
  "no-stream",
] as const);

/** What a host asks of the server around it. */
export interface LiveHostOptions {
  readonly logLevel: number;
  onLog(entry: LogEntry): void;
  /** A VM died. */
  onTrap(trap: Trap): void;
  /** The guest did what no proxy survives, or the host itself failed: it is over, and its streams have been aborted. */
  onCrash(error: unknown, streams: number): void;
  knowsCluster(name: string): boolean;
  onHttpCallout(callout: HttpCallout, host: LiveHost): void;
  onGrpcCallout(callout: GrpcCallout, host: LiveHost): void;
}

/** A stream as the host sees it. */
export interface LiveStream extends StreamEnds {
  /** Slows its two sides down or lets them go on, by what is held at the moment. */
  regulate(): void;
  /** The host is over. */
  abort(error: unknown): void;
}

/** One life of the filter: until the server ends, or the guest does what would crash a proxy. */
export class LiveHost {
  readonly services: Services;
  readonly #options: LiveHostOptions;
  readonly #time: RealTime;
  /** Open streams by the worker that serves them; the last worker is the current one. */
  readonly #workers = new Map<Worker, Set<LiveStream>>();
  readonly #touched = new Set<LiveStream>();
  readonly #reported = new WeakSet<Trap>();
  #current: Worker | null = null;
  #generation = 0;
  #running = false;
  #over = false;

  constructor(options: LiveHostOptions) {
    this.#options = options;
    const log: LogBook = new LogBook(options.logLevel, (entry) => {
      if (log.entries.length > MAX_LOG_ENTRIES) log.entries.splice(0, MAX_LOG_ENTRIES / 2);
      options.onLog(entry);
    });
    this.services = new Services({
      clock: new Clock(Date.now()),
      log,
      tolerate: TOLERATED,
      properties: {},
      random: (size) => randomBytes(size),
      clusterState: (name) => (options.knowsCluster(name) ? "reachable" : "unknown"),
      onHttpCallout: (callout) => options.onHttpCallout(callout, this),
      onGrpcCallout: (callout) => options.onGrpcCallout(callout, this),
    });
    this.#time = new RealTime(this.services.clock, () => this.run(() => {}));
  }

  /** It ended, or crashed. */
  get over(): boolean {
    return this.#over;
  }

  /** Starts the filter; new streams go to it, those under way stay where they are. @throws HostError if it refuses. */
  load(config: PluginConfig): void {
    this.run(() => {});
    const worker = new Worker(this.#generation++, this.services, null);
    worker.start([config]);
    this.#current = worker;
    this.#workers.set(worker, new Set());
    this.run(() => {});
    this.#retire();
  }

  /** A new stream through the filter. Its context id is null if the filter is bypassed. */
  open(live: LiveStream, options: StreamOptions): { stream: HttpStream; contextId: number | null } {
    const worker = this.#current!;
    const stream = worker.openHttpStream(live, options);
    this.#workers.get(worker)!.add(live);
    return { stream, contextId: stream.contexts[0]?.id ?? null };
  }

  /** Number of the VM that serves new streams; log entries have it as their worker. */
  get generation(): number {
    return this.#current?.index ?? 0;
  }

  /** A stream is over. */
  close(live: LiveStream): void {
    for (const streams of this.#workers.values()) streams.delete(live);
    this.#touched.delete(live);
    if (this.#workers.size > 1) this.services.post(() => this.#retire());
  }

  /** The stream has moved, so that it must be regulated. */
  touch(live: LiveStream): void {
    this.#touched.add(live);
  }

  /** Does something in the host, with all that follows from it. Nothing happens if the host is over. */
  run(task: () => void): void {
    if (this.#over) return;
    if (this.#running) {
      this.services.post(task);
      return;
    }
    this.#running = true;
    try {
      this.#time.catchUp();
      task();
      this.services.runTasks();
    } catch (error) {
      this.#crash(error);
      return;
    } finally {
      this.#running = false;
    }
    for (const live of this.#touched) live.regulate();
    this.#touched.clear();
    this.#reportTraps();
    this.#time.arm();
  }

  /** Ends all root contexts, as on SIGTERM. */
  shutDown(): void {
    this.run(() => {
      for (const worker of this.#workers.keys()) worker.shutDown();
    });
    this.abandon();
  }

  /** Calls into no guest any more. */
  abandon(): void {
    this.#over = true;
    this.#time.stop();
    this.#workers.clear();
    this.#touched.clear();
  }

  /** Ends the VMs that were replaced and serve no stream any more. */
  #retire(): void {
    for (const [worker, streams] of this.#workers) {
      if (worker === this.#current || streams.size > 0) continue;
      this.#workers.delete(worker);
      this.run(() => {
        worker.shutDown();
        for (const { envoyVm } of worker.plugins) {
          if (envoyVm.vm.trap === null) envoyVm.vm.retire();
        }
      });
    }
  }

  #reportTraps(): void {
    for (const worker of this.#workers.keys()) {
      for (const { envoyVm } of worker.plugins) {
        const { trap } = envoyVm.vm;
        if (trap === null || this.#reported.has(trap)) continue;
        this.#reported.add(trap);
        this.#options.onTrap(trap);
      }
    }
  }

  #crash(error: unknown): void {
    const streams = [...this.#workers.values()].flatMap((each) => [...each]);
    this.abandon();
    this.#options.onCrash(error, streams.length);
    for (const live of streams) live.abort(error);
  }
}
