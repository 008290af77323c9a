// Runs parity cases on a real Envoy: one process with a listener for each combination of filters and limits.
import { setTimeout as sleep } from "node:timers/promises";
import { EnvoyError, startEnvoy } from "../../src/envoy/index.ts";
import type { Envoy, EnvoyRunOptions } from "../../src/envoy/index.ts";
import { http1 } from "../support/http-client.ts";
import { startTcp, TcpClient } from "../support/tcp.ts";
import { startUpstream } from "../support/upstream.ts";
import type { TcpServer } from "../support/tcp.ts";
import type { Upstream } from "../support/upstream.ts";
import { endsItself } from "./embedded.ts";
import { keyOf, listenerOf } from "./envoy-listener.ts";
import { answering, PAUSE_MS, request, requestOf, seenMessage } from "./exchange.ts";
import { normalLine, trapLine } from "./observation.ts";
import type { Listener } from "./envoy-listener.ts";
import type { ParityCase } from "./case.ts";
import type { Observation } from "./observation.ts";
import type { Socket } from "node:net";

const SETTLE_MS = 10;

/** A running Envoy with everything around it. */
export class EnvoyBed implements AsyncDisposable {
  readonly #envoy: Envoy;
  readonly #upstreams: readonly [http1: Upstream, http2: Upstream];
  readonly #auth: Upstream;
  readonly #tcp: TcpServer;
  readonly #listeners: ReadonlyMap<ParityCase, Listener>;
  readonly #sockets: Socket[];
  #worker = 0;

  private constructor(parts: {
    envoy: Envoy;
    upstreams: readonly [http1: Upstream, http2: Upstream];
    auth: Upstream;
    tcp: TcpServer;
    listeners: ReadonlyMap<ParityCase, Listener>;
    sockets: Socket[];
  }) {
    this.#envoy = parts.envoy;
    this.#upstreams = parts.upstreams;
    this.#auth = parts.auth;
    this.#tcp = parts.tcp;
    this.#listeners = parts.listeners;
    this.#sockets = parts.sockets;
  }

  /** Starts an Envoy for these cases. Rejects with an EnvoyError if it refuses them. */
  static async start(cases: readonly ParityCase[]): Promise<EnvoyBed> {
    const listeners = new Map<ParityCase, Listener>();
    const distinct = new Map<string, Listener>();
    for (const each of cases) {
      const key = keyOf(each);
      let listener = distinct.get(key);
      if (listener === undefined) {
        listener = await listenerOf(each, distinct.size);
        distinct.set(key, listener);
      }
      listeners.set(each, listener);
    }
    const sockets: Socket[] = [];
    const [upstream, upstream2, auth, dead] = await Promise.all([
      startUpstream({ early: true }),
      startUpstream({ early: true, http2: true }),
      startUpstream(),
      startUpstream(),
    ]);
    const tcp = await startTcp(
      () => {},
      (socket) => sockets.push(socket),
    );
    await dead.stop();
    const stop = () => Promise.all([upstream.stop(), upstream2.stop(), auth.stop(), tcp.stop()]);
    const options: EnvoyRunOptions = {
      http: [...distinct.values()].flatMap(({ http }) => http ?? []),
      tcp: [...distinct.values()].flatMap(({ tcp }) => tcp ?? []),
      clusters: {
        upstream: upstream.port,
        upstream2: { port: upstream2.port, http2: true },
        auth: auth.port,
        dead: dead.port,
        empty: {},
        tcp: tcp.port,
      },
      // A trap of the guest is an error of `wasm`; what Envoy says about itself is not of interest.
      componentLogLevels: { wasm: "debug" },
    };
    try {
      const envoy = await startEnvoy(options);
      return new EnvoyBed({ envoy, upstreams: [upstream, upstream2], auth, tcp, listeners, sockets });
    } catch (error) {
      await stop();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#envoy.alive;
  }

  get envoy(): Envoy {
    return this.#envoy;
  }

  /** Runs one case; not two at a time. */
  async run(parity: ParityCase): Promise<Observation> {
    const listener = this.#listeners.get(parity)!;
    const seen: Observation = { logs: [] };
    const from = parity.start ? 0 : this.#envoy.log.length;
    const port = this.#envoy.ports[listener.name]!;
    const upstream = this.#upstreams[parity.upstreamHttp2 ? 1 : 0];
    upstream.requests.length = 0;
    upstream.handler = answering(
      parity.upstream ?? { body: "hello" },
      parity.http?.leaves,
      parity.upstreamHttp2,
    );
    this.#auth.handler = answering(parity.auth ?? {});
    if (parity.start) {
      await http1(port, {});
      await sleep(SETTLE_MS);
    } else if (parity.tcp) seen.tcp = await this.#exchange(port, parity);
    else {
      seen.client = await request(port, parity);
      await this.#ended(parity, listener, from);
      const last = upstream.requests.at(-1);
      seen.upstream = last === undefined ? null : requestOf(last);
    }
    await this.#ended(parity, listener, from);
    seen.again = [];
    for (const { after } of parity.again ?? []) {
      await sleep(after);
      const answer = await http1(port, { timeoutMs: 2000 });
      seen.again.push(seenMessage(answer));
      await sleep(SETTLE_MS);
    }
    seen.logs = this.#lines(listener, from, parity.start === true);
    if (parity.expect?.metrics) {
      const stats = await this.#envoy.stats("^wasmcustom");
      seen.metrics = Object.fromEntries(
        Object.keys(parity.expect.metrics).map((name) => [name, stats[`wasmcustom.${name}`]]),
      );
    }
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const servers = [...this.#upstreams, this.#auth, this.#tcp];
    await Promise.all([this.#envoy.stop(), ...servers.map((server) => server.stop())]);
  }

  /** Waits until every probe has said that its stream is over, and for the lines that the case expects. */
  async #ended(parity: ParityCase, listener: Listener, from: number): Promise<void> {
    const ends = parity.endless || parity.start ? 0 : listener.probes;
    const lines = parity.expect?.logs?.length ?? 0;
    const until = Date.now() + 1500;
    const done = () =>
      this.#raw(listener, from).filter(({ text }) => text === "end").length >= ends &&
      this.#lines(listener, from, parity.start === true).length >= lines;
    while (this.#envoy.alive && Date.now() < until && !done()) await sleep(5);
    await sleep(SETTLE_MS);
  }

  #raw(listener: Listener, from: number): { plugin: string; level: string; text: string; thread: number }[] {
    return this.#envoy.log.entries.slice(from).flatMap(({ wasm, level, thread }) => {
      if (wasm === undefined) return [];
      const plugin = listener.plugins.find((name) => wasm.prefix.split(" ").includes(name));
      return plugin === undefined ? [] : [{ plugin, level, text: wasm.text, thread }];
    });
  }

  /** What the guest said on the worker thread, and traps. */
  #lines(listener: Listener, from: number, start: boolean): string[] {
    if (this.#worker === 0) {
      const end = this.#envoy.log.entries.find(({ wasm }) => wasm?.text === "end");
      this.#worker = end?.thread ?? 0;
    }
    const many = listener.plugins.length > 1;
    const lines: string[] = [];
    for (const entry of this.#envoy.log.entries.slice(from)) {
      if (this.#worker !== 0 && entry.thread !== this.#worker) continue;
      const trap =
        entry.component === "wasm" && entry.level === "error" && !start ? trapLine(entry.message) : null;
      if (trap !== null) lines.push(normalLine("error", trap));
      if (entry.wasm === undefined || entry.wasm.text === "end") continue;
      const { prefix, text } = entry.wasm;
      const plugin = listener.plugins.findIndex((name) => prefix.split(" ").includes(name));
      if (plugin < 0) continue;
      lines.push(normalLine(entry.level, many ? `${listener.labels[plugin]}: ${text}` : text));
    }
    return lines;
  }

  async #exchange(port: number, parity: ParityCase): Promise<NonNullable<Observation["tcp"]>> {
    const count = this.#sockets.length;
    const client = await TcpClient.open(port);
    await sleep(2 * PAUSE_MS);
    for (const step of parity.tcp ?? []) {
      if ("client" in step) {
        if (step.client !== "") client.write(step.client);
        if (step.end) client.end();
      } else if ("wait" in step) await sleep(step.wait);
      else if ("close" in step) client.close();
      else {
        const socket = this.#sockets[count];
        if (socket !== undefined && step.upstream !== "") socket.write(Buffer.from(step.upstream, "latin1"));
        if (step.end) socket?.end();
      }
      await sleep(2 * PAUSE_MS);
    }
    const closed = client.ended && !endsItself(parity.tcp ?? []);
    const result = {
      client: client.received.toString("latin1"),
      upstream: (this.#tcp.received[count] ?? Buffer.alloc(0)).toString("latin1"),
      closed,
    };
    client.close();
    return result;
  }
}

/** Runs a case that kills Envoy, or is refused, with an Envoy of its own. */
export async function runAlone(parity: ParityCase): Promise<Observation> {
  let bed: EnvoyBed;
  try {
    bed = await EnvoyBed.start([parity]);
  } catch (error) {
    if (!(error instanceof EnvoyError)) throw error;
    if (parity.expect?.crash && /SIG/.test(error.message)) return { crash: parity.expect?.crash, logs: [] };
    if (parity.expect?.refused) return { refused: true, logs: [] };
    throw error;
  }
  try {
    if (!parity.expect?.crash) return await bed.run(parity);
    const seen = await bed.run(parity);
    // What was freed too early may be used only by the next requests.
    for (let tries = 0; tries < 20 && bed.alive; tries++) {
      await bed.run(parity).catch(() => {});
      await sleep(PAUSE_MS);
    }
    return bed.alive ? seen : { crash: parity.expect?.crash, logs: [] };
  } finally {
    await bed[Symbol.asyncDispose]();
  }
}
