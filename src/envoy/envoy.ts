// A running Envoy.
import { adminRequest, exactly, readStats } from "./admin.ts";
import { EnvoyError, type ProcessExit } from "./error.ts";
import { linearMemoryPages } from "./linear-memory.ts";
import type { EnvoyLog } from "./log.ts";
import type { ManagedProcess } from "./process.ts";

// Closing the VMs of a busy Envoy takes a moment; an Envoy whose guest loops for ever never gets there.
const STOP_GRACE_MS = 5000;

/** What startEnvoy knows about the process it started. */
export interface EnvoyParts {
  process: ManagedProcess;
  log: EnvoyLog;
  accessLog: string[];
  /** Removes the files that Envoy was started from. */
  clean: () => Promise<void>;
  version: string;
  config: string;
  adminPort: number;
  ports: ReadonlyMap<string, number>;
}

/** A running Envoy: its ports, its log, its statistics. Stop it, or hold it with `await using`. */
export class Envoy {
  readonly #parts: EnvoyParts;

  /** Made by {@link startEnvoy}. */
  constructor(parts: EnvoyParts) {
    this.#parts = parts;
  }

  /** Port of the first listener. Throws an EnvoyError if there is none. */
  get port(): number {
    const first = [...this.#parts.ports.values()][0];
    if (first === undefined)
      throw new EnvoyError("This Envoy has no listener, so no port: see `http` and `tcp`.");
    return first;
  }

  /** Port of every listener by its name. */
  get ports(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#parts.ports);
  }

  /** Port of the admin server, on 127.0.0.1. */
  get adminPort(): number {
    return this.#parts.adminPort;
  }

  /** Process id. */
  get pid(): number {
    return this.#parts.process.pid ?? 0;
  }

  /** Such as `1.40.0`. */
  get version(): string {
    return this.#parts.version;
  }

  /** The configuration, as YAML. */
  get config(): string {
    return this.#parts.config;
  }

  /** Envoy's own log. */
  get log(): EnvoyLog {
    return this.#parts.log;
  }

  /** Complete lines of the listeners' access logs so far. A line comes a moment after the end of its stream. */
  get accessLog(): readonly string[] {
    return this.#parts.accessLog;
  }

  /** False as soon as the process is gone. */
  get alive(): boolean {
    return this.#parts.process.alive;
  }

  /** Resolves when Envoy is gone, whatever ended it: a crash shows as signal `SIGSEGV`. */
  get exit(): Promise<ProcessExit> {
    return this.#parts.process.exit;
  }

  /** Asks the admin server, e.g. for `/config_dump`. Rejects with an EnvoyError if the answer is not 200. */
  admin(path: string, method?: "GET" | "POST"): Promise<string> {
    return adminRequest(this.adminPort, path, method);
  }

  /** Counters and gauges by name. `filter` is a regular expression in RE2 syntax. Values above 2^53 are rounded. */
  stats(filter?: string): Promise<Record<string, number>> {
    return readStats(this.adminPort, filter);
  }

  /** One counter or gauge; undefined if there is none of that name. Values above 2^53 are rounded. */
  async stat(name: string): Promise<number | undefined> {
    return (await this.stats(exactly(name)))[name];
  }

  /**
   * Size in pages of 64 KiB of every linear memory, by address: the base VM of each module, the main thread's VMs and
   * the workers' (with one plugin and one worker: three). Linux only, else an EnvoyError is thrown.
   */
  linearMemoryPages(): number[] {
    return linearMemoryPages(this.pid);
  }

  /** Stops Envoy: SIGTERM, and SIGKILL if that does not help. Resolves when it is gone; may be called again. */
  async stop(): Promise<ProcessExit> {
    const exit = await this.#parts.process.stop(STOP_GRACE_MS);
    await this.#parts.clean();
    return exit;
  }

  /** Stops Envoy at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
