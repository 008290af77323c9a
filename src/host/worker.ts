// One worker thread of the proxy: its VMs, its plugins, and what becomes of them when they fail.
import { EnvoyVm } from "./envoy-vm.ts";
import { HttpStream } from "./http-stream.ts";
import { Plugin } from "./plugin.ts";
import { TcpConnection } from "./tcp-connection.ts";
import type { ConnectionEnds } from "./tcp-connection.ts";
import type { Interceptor } from "./envoy-vm.ts";
import type { PluginConfig, PluginKind } from "./plugin.ts";
import type { PropertyValue } from "./property-values.ts";
import type { Services } from "./services.ts";
import type { StreamEnds, StreamOptions } from "./stream-ends.ts";

/** A plugin with what is needed to load it again. */
interface Slot {
  plugin: Plugin;
  readonly config: PluginConfig;
  loadedAt: number;
}

/** Counts of reloads, as Envoy's stats `wasm.<plugin>.vm_reload_*`. */
export interface ReloadStats {
  success: number;
  failure: number;
  backoff: number;
}

/** Starts the plugins of one thread; those with the same VM identity share a VM. */
export class Worker {
  readonly index: number;
  readonly reloads: ReloadStats = { success: 0, failure: 0, backoff: 0 };
  readonly #services: Services;
  readonly #intercept: Interceptor | null;
  readonly #slots: Slot[] = [];

  constructor(index: number, services: Services, intercept: Interceptor | null) {
    this.index = index;
    this.#services = services;
    this.#intercept = intercept;
  }

  /** Starts every plugin, in order. @throws HostError if one refuses. */
  start(configs: readonly PluginConfig[]): void {
    for (const config of configs)
      this.#slots.push({ plugin: this.#load(config), config, loadedAt: this.#services.clock.now });
  }

  /**
   * Starts each plugin once in a VM of its own and throws that away, as Envoy does before it accepts a configuration.
   * What the guest does to shared state stays done; answers of its callouts never arrive.
   */
  static rehearse(configs: readonly PluginConfig[], services: Services, intercept: Interceptor | null): void {
    for (const config of configs) {
      const canary = new Worker(0, services, intercept);
      canary.start([config]);
      for (const { root, envoyVm } of canary.plugins) {
        root.arm(0);
        envoyVm.vm.retire();
      }
    }
  }

  /** The started plugins, in order. */
  get plugins(): readonly Plugin[] {
    return this.#slots.map((slot) => slot.plugin);
  }

  /** Plugins that serve a new stream of that kind: none that fails open, and fresh ones after a reload. */
  filters(kind: PluginKind): Plugin[] {
    const plugins: Plugin[] = [];
    for (const slot of this.#slots) {
      if (!slot.config.kinds.has(kind)) continue;
      if (slot.plugin.envoyVm.vm.trap !== null) {
        if (slot.config.failurePolicy === "FAIL_RELOAD") this.#reload(slot);
        else if (slot.config.failurePolicy !== "FAIL_CLOSED") continue;
      }
      plugins.push(slot.plugin);
    }
    return plugins;
  }

  /** A new HTTP stream through the filters of this worker. */
  openHttpStream(ends: StreamEnds, options: StreamOptions): HttpStream {
    const filters = { downstream: this.filters("http"), upstream: this.filters("upstream-http") };
    return new HttpStream(this.#services, filters, this.#accessLogs(), ends, options);
  }

  /** A new TCP connection through the network filters of this worker. */
  openConnection(ends: ConnectionEnds, properties: Readonly<Record<string, PropertyValue>>): TcpConnection {
    return new TcpConnection(this.#services, this.filters("network"), this.#accessLogs(), ends, properties);
  }

  /** Ends all root contexts, as on SIGTERM. */
  shutDown(): void {
    for (const { plugin } of this.#slots) plugin.root.shutDown();
  }

  #accessLogs(): Plugin[] {
    const loggers: Plugin[] = [];
    for (const { plugin, config } of this.#slots) if (config.kinds.has("access-log")) loggers.push(plugin);
    return loggers;
  }

  #load(config: PluginConfig): Plugin {
    const sharing = this.#slots.find(
      ({ plugin }) => plugin.envoyVm.vm.trap === null && sameVm(plugin.config, config),
    );
    const envoyVm =
      sharing?.plugin.envoyVm ?? EnvoyVm.start(config, this.#services, this.index, this.#intercept);
    return Plugin.start(config, envoyVm, this.#services, this.index);
  }

  #reload(slot: Slot): void {
    const { now } = this.#services.clock;
    if (now - slot.loadedAt < slot.config.reloadBackoff) {
      this.reloads.backoff++;
      return;
    }
    slot.loadedAt = now;
    try {
      slot.plugin = this.#load(slot.config);
      this.reloads.success++;
    } catch (error) {
      this.reloads.failure++;
      this.#services.warn(`plugin ${slot.config.name} could not be reloaded: ${(error as Error).message}`);
    }
  }
}

/** VMs with the same identity are one: vm_id, VM configuration, code, environment and capabilities. */
function sameVm(a: PluginConfig, b: PluginConfig): boolean {
  const settings = ({ environment, capabilities }: PluginConfig) =>
    JSON.stringify([[...environment], capabilities === null ? null : [...capabilities].sort()]);
  return (
    a.vmId === b.vmId &&
    a.vmConfiguration.equals(b.vmConfiguration) &&
    (a.module === b.module || Buffer.from(a.module.bytes).equals(b.module.bytes)) &&
    settings(a) === settings(b)
  );
}
