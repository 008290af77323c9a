// The embedded proxy of a test: plugins, an upstream, and everything in between.
import { HostError } from "../host/errors.ts";
import { Worker } from "../host/worker.ts";
import { ClientResponse } from "./client-response.ts";
import { toChunks, toPairs } from "./messages.ts";
import { createServices } from "./environment.ts";
import { CalloutsView } from "./callouts-view.ts";
import { PluginView } from "./plugin-view.ts";
import { bufferLimitOf, resolvePlugins } from "./options.ts";
import { MetricsView, QueuesView, SharedDataView } from "./views.ts";
import { completeHeaders, requestHeaders } from "./request-headers.ts";
import { seededRandom } from "./random.ts";
import { serializeStats } from "./stats.ts";
import { StreamRecorder } from "./stream-recorder.ts";
import { TestStream } from "./stream.ts";
import { ask, ReceivedRequest } from "./upstream.ts";
import { ConnectionRecorder, TestConnection } from "./tcp.ts";
import { Tasks } from "./tasks.ts";
import type { ConnectionInput } from "./tcp.ts";
import type { HostOptions } from "./options.ts";
import type { LogEntry } from "../host/log-book.ts";
import type { PluginConfig } from "../host/plugin.ts";
import type { PropertyTree } from "../host/property-tree.ts";
import type { RequestInput, StreamInput, Walk } from "./walk.ts";
import type { MemoryView } from "./plugin-view.ts";
import type { Pair } from "../host/pairs.ts";
import type { ReloadStats } from "../host/worker.ts";
import type { Services } from "../host/services.ts";
import type { Stats } from "./stats.ts";
import type { Trap } from "../host/trap.ts";
import type { UpstreamOutcome } from "./upstream.ts";

/**
 * Loads the modules and starts the plugins, as Envoy does when it accepts a configuration.
 *
 * @throws HostError when a module or a configuration is refused; the message says what Envoy would say.
 */
export async function createHost(options: HostOptions): Promise<TestHost> {
  return TestHost.create(options, await resolvePlugins(options));
}

/** A running host. It holds no operating-system resources; {@link TestHost.dispose} ends its root contexts. */
export class TestHost {
  /** Metrics of the guests. */
  readonly metrics: MetricsView;
  /** Data that VMs share. */
  readonly sharedData: SharedDataView;
  /** Queues that VMs share. */
  readonly queues: QueuesView;
  /** Callouts of the guests that wait for an answer. */
  readonly callouts: CalloutsView;
  readonly streamIdleTimeout: number;
  readonly #options: HostOptions;
  readonly #services: Services;
  readonly #workers: Worker[] = [];
  readonly #tasks: Tasks;
  readonly #random: (size: number) => Buffer;
  readonly #open = new Set<TestStream>();
  #disposed = false;
  #ended = false;

  /** @internal */
  private constructor(options: HostOptions) {
    this.#options = options;
    this.streamIdleTimeout = options.streamIdleTimeout ?? 300_000;
    this.#random = seededRandom(options.seed ?? 1);
    this.#services = createServices(options, this.#random, (answer) => this.#tasks.track(answer));
    this.#tasks = new Tasks(this.#services);
    const act = (task: () => void) => this.#tasks.act(task);
    const services = this.#services;
    this.metrics = new MetricsView(services.metrics);
    this.sharedData = new SharedDataView(services.sharedData);
    this.queues = new QueuesView(services.queues, act);
    this.callouts = new CalloutsView(services, act);
  }

  /** @internal Use {@link createHost}. */
  static async create(options: HostOptions, configs: readonly PluginConfig[]): Promise<TestHost> {
    const host = new TestHost(options);
    const intercept = options.intercept ?? null;
    if (options.canary === true) Worker.rehearse(configs, host.#services, intercept);
    const count = options.workers ?? 1;
    if (!Number.isInteger(count) || count < 1)
      throw new HostError("bad-option", `workers is ${count}; it must be a whole number from 1`);
    for (let index = 0; index < count; index++) {
      const worker = new Worker(index, host.#services, intercept);
      worker.start(configs);
      host.#workers.push(worker);
    }
    await host.settle();
    return host;
  }

  /** Everything logged so far, start included. */
  get logs(): readonly LogEntry[] {
    return this.#services.log.entries;
  }

  /** @internal */
  get logEntries(): readonly LogEntry[] {
    return this.#services.log.entries;
  }

  /** The time of the host, in milliseconds since 1970. */
  get now(): number {
    return this.#services.clock.now;
  }

  /** Properties of every stream; typed in by path with dots, or as segments. */
  get properties(): PropertyTree {
    return this.#services.properties;
  }

  /** A plugin by its place in the options, as it runs on a worker. */
  plugin(index = 0, worker = 0): PluginView {
    const plugin = this.#worker(worker).plugins[index];
    if (plugin === undefined)
      throw new HostError("bad-option", `there is no plugin ${index}; plugins are numbered from 0`);
    return new PluginView(plugin);
  }

  /** Memory of the first plugin's VM on the first worker. */
  get memory(): MemoryView {
    return this.plugin().memory;
  }

  /** Why the first plugin's VM on the first worker is dead, or null while it lives. */
  get trap(): Trap | null {
    return this.plugin().trap;
  }

  /** Counts of reloads under FAIL_RELOAD on a worker. */
  reloads(worker = 0): Readonly<ReloadStats> {
    return this.#worker(worker).reloads;
  }

  /** @internal */
  completeHeaders(headers: readonly Pair[]): Pair[] {
    return completeHeaders(headers, (this.#options.edgeHeaders ?? true) ? this.#random : null);
  }

  /**
   * Walks one request through the filters, to the upstream and back, and resolves when the client has its answer and
   * everything that answers by itself has answered.
   *
   * A filter that waits for an open callout, a tick or another stream keeps this waiting: answer it by hand meanwhile.
   *
   * @throws HostError when the guest does what would crash or confuse Envoy, or when nothing is left that could resume the stream.
   */
  request(input: RequestInput = {}): Promise<Walk> {
    const walk = this.#walk(input);
    // A test that lets a request wait learns of its failure when it awaits it; until then nobody may take it for unhandled.
    walk.catch(() => {});
    return walk;
  }

  async #walk(input: RequestInput): Promise<Walk> {
    const logged = this.logs.length;
    const stream = this.openStream(input);
    const { recorder } = stream;
    const upstream = input.upstream ?? this.#options.upstream ?? {};
    const split = (input.protocol ?? "HTTP/1.1") === "HTTP/1.1";
    recorder.onRequest = () =>
      this.#services.post(() => {
        const outcome = ask(upstream, new ReceivedRequest(recorder.request));
        const finish = (later: UpstreamOutcome) =>
          typeof later === "string" ? stream.failNow(later) : stream.respondNow(later, split);
        if (outcome instanceof Promise) this.#tasks.track(outcome.then(finish));
        else finish(outcome);
      });
    const chunks = toChunks(input.body);
    const trailers = toPairs(input.trailers);
    this.#tasks.run(() => {
      stream.beginRequest(
        this.completeHeaders(requestHeaders(input)),
        chunks.length === 0 && trailers.length === 0,
      );
      if (chunks.length > 0 || trailers.length > 0)
        stream.sendBody(chunks, trailers, split && trailers.length === 0);
    });
    await this.settle();
    if (!stream.finished) await this.#wait(stream);
    return {
      upstream: stream.upstream,
      response: new ClientResponse(recorder.response, recorder.responseReset),
      logs: this.logs.slice(logged),
      metrics: this.metrics,
    };
  }

  /** A stream whose events are yours to send; see {@link TestStream}. */
  openStream(input: StreamInput = {}): TestStream {
    this.#check();
    const recorder = new StreamRecorder();
    const protocol = input.protocol ?? "HTTP/1.1";
    const engine = this.#worker(input.worker ?? 0).openHttpStream(recorder, {
      protocol,
      properties: input.properties ?? {},
      bufferLimit: bufferLimitOf(this.#options, protocol),
      edgeHeaders: this.#options.edgeHeaders ?? true,
    });
    const stream = new TestStream(this, engine, recorder);
    this.#open.add(stream);
    recorder.onClosed = () => this.#open.delete(stream);
    return stream;
  }

  /** A TCP connection whose events are yours to send; resolves when the guest has been told of it. */
  async tcp(input: ConnectionInput = {}): Promise<TestConnection> {
    this.#check();
    const recorder = new ConnectionRecorder();
    const connection = this.#worker(input.worker ?? 0).openConnection(recorder, input.properties ?? {});
    await this.#tasks.act(() => connection.begin());
    return new TestConnection(this, connection, recorder);
  }

  /** Lets time pass: ticks, timeouts and retries happen in their order, each with its consequences. */
  async advance(milliseconds: number): Promise<void> {
    this.#check();
    // A request made just before must get as far as it can, so that its timers count from now.
    await this.settle();
    const { clock } = this.#services;
    const target = clock.now + milliseconds;
    while (this.#tasks.run(() => clock.step(target))) await this.settle();
    await this.settle();
  }

  /**
   * Tells every plugin of kind `stats-sink` what the proxy has counted, as Envoy does at each flush: on one thread.
   * Bytes are passed as they are.
   */
  async statsUpdate(stats: Stats | Uint8Array): Promise<void> {
    this.#check();
    const data = stats instanceof Uint8Array ? Buffer.from(stats) : serializeStats(stats);
    await this.#tasks.act(() => {
      for (const { root, config } of this.#worker(0).plugins)
        if (config.kinds.has("stats-sink")) root.onStatsUpdate(data);
    });
  }

  /** @internal Does something that may fail. */
  run(task: () => void): void {
    this.#check();
    this.#tasks.run(task);
  }

  /** Waits until everything that answers by itself has answered. */
  settle(): Promise<void> {
    return this.#tasks.settle();
  }

  /**
   * Ends the root contexts as Envoy does when nothing uses them any more: done, then delete. A root whose `onDone`
   * answers false stays until it calls `done()`: let time pass for it with {@link advance}. Safe to call twice.
   */
  async shutDown(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#tasks.act(() => {
      for (const worker of this.#workers) worker.shutDown();
    });
  }

  /** Ends the root contexts as on SIGTERM, which waits for none. The host cannot be used afterwards. Safe to call twice. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    if (!this.#tasks.failed) await this.shutDown();
    this.#disposed = true;
  }

  async #wait(stream: TestStream): Promise<void> {
    stream.armIdleTimer();
    await this.#tasks.waitFor(stream, () => this.#stalled());
    await this.settle();
  }

  /** Nothing is left that could resume a stream. */
  #stalled(): boolean {
    const { httpCallouts, grpcCallouts } = this.#services;
    if (httpCallouts.size > 0 || grpcCallouts.size > 0) return false;
    if (this.#workers.some((worker) => worker.plugins.some(({ root }) => root.armed))) return false;
    return [...this.#open].every((stream) => this.#tasks.waitsFor(stream));
  }

  #worker(index: number): Worker {
    const worker = this.#workers[index];
    if (worker === undefined)
      throw new HostError(
        "bad-option",
        `there is no worker ${index}; the host has ${this.#workers.length}, numbered from 0`,
      );
    return worker;
  }

  #check(): void {
    if (this.#disposed) throw new HostError("disposed", "the host was disposed of; create another one");
    this.#tasks.check();
  }
}
