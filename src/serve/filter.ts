// The filter under development: the module as it is now, its settings, and the host that runs it.
import { readFile } from "node:fs/promises";

import { compileModule, HostError, toByteString } from "../host/index.ts";
import { LiveHost } from "./live-host.ts";
import type { FailurePolicy, LogEntry, PluginConfig } from "../host/index.ts";
import type { LiveHostOptions } from "./live-host.ts";

/** What is loaded, and how. */
export interface FilterSettings {
  /** Path of the module. */
  readonly wasm: string;
  /** Plugin name, shown by property plugin_name. */
  readonly name: string;
  readonly rootId: string;
  /** Plugin configuration: the value, or the path of a file that holds it. */
  readonly configuration: Uint8Array | { readonly file: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly failurePolicy: FailurePolicy;
  readonly allowOnHeadersStopIteration: boolean;
}

/** Envoy's default. */
const RELOAD_BACKOFF_MILLISECONDS = 1000;

/** Runs one filter, through crashes and new versions. */
export class Filter {
  readonly #settings: FilterSettings;
  readonly #options: LiveHostOptions;
  #config: PluginConfig;
  #host: LiveHost | null = null;
  #closed = false;

  private constructor(settings: FilterSettings, options: LiveHostOptions, config: PluginConfig) {
    this.#settings = settings;
    this.#options = options;
    this.#config = config;
  }

  /** Reads and compiles the module without running it. @throws HostError, or the error of the file. */
  static async read(settings: FilterSettings, options: LiveHostOptions): Promise<Filter> {
    return new Filter(settings, options, await readConfig(settings));
  }

  /** Size of the module in bytes. */
  get size(): number {
    return this.#config.module.bytes.length;
  }

  /** The host to give a stream to. Starts the filter if it does not run. @throws HostError if it does not start. */
  host(): LiveHost {
    // What is due comes first, and may be the end of it.
    this.#host?.run(() => {});
    if (this.#host !== null && !this.#host.over) return this.#host;
    if (this.#closed) throw new HostError("disposed", "the server has been stopped");
    const host = new LiveHost(this.#options);
    host.load(this.#config);
    return (this.#host = host);
  }

  /**
   * Takes the module and the configuration as they are now. If they cannot be used the filter stays what it was.
   *
   * @returns false if nothing has changed.
   * @throws HostError that says why they cannot be used, or the error of the file.
   */
  async reload(): Promise<boolean> {
    const config = await readConfig(this.#settings);
    const same =
      Buffer.from(config.module.bytes).equals(this.#config.module.bytes) &&
      config.configuration.equals(this.#config.configuration);
    if (same || this.#closed) return false;
    this.#rehearse(config);
    this.#config = config;
    if (this.#host !== null && !this.#host.over) this.#host.load(config);
    return true;
  }

  /** Ends the filter: done and delete of its root contexts. */
  close(): void {
    this.#closed = true;
    this.#host?.shutDown();
  }

  /** Starts the new version aside, as Envoy does with every configuration, so that a bad one touches nothing. */
  #rehearse(config: PluginConfig): void {
    const logged: LogEntry[] = [];
    const aside = new LiveHost({
      ...this.#options,
      onLog: (entry) => logged.push(entry),
      onTrap: () => {},
      onCrash: (error) => {
        throw error;
      },
      onHttpCallout: () => {},
      onGrpcCallout: () => {},
    });
    try {
      aside.load(config);
    } finally {
      aside.abandon();
    }
  }
}

async function readConfig(settings: FilterSettings): Promise<PluginConfig> {
  const { configuration } = settings;
  const [bytes, text] = await Promise.all([
    readFile(settings.wasm),
    configuration instanceof Uint8Array ? configuration : readFile(configuration.file),
  ]);
  return {
    name: toByteString(settings.name),
    rootId: toByteString(settings.rootId),
    vmId: "",
    configuration: Buffer.from(text),
    vmConfiguration: Buffer.alloc(0),
    module: await compileModule(bytes),
    environment: new Map(Object.entries(settings.environment)),
    capabilities: null,
    failurePolicy: settings.failurePolicy,
    reloadBackoff: RELOAD_BACKOFF_MILLISECONDS,
    allowOnHeadersStopIteration: settings.allowOnHeadersStopIteration,
    kinds: new Set(["http"]),
  };
}
