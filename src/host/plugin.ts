// One plugin on one worker: its configuration, the VM that it shares with others, and its root context.
import { HostError } from "./errors.ts";
import { RootContext } from "./root-context.ts";
import type { ByteString } from "./byte-string.ts";
import type { EnvoyVm } from "./envoy-vm.ts";
import type { GuestModule } from "./guest-module.ts";
import type { Services } from "./services.ts";

/** What happens to streams once the VM has trapped. `FAIL_OPEN_LEGACY` is the deprecated `fail_open: true`. */
export type FailurePolicy = "FAIL_CLOSED" | "FAIL_OPEN" | "FAIL_RELOAD" | "FAIL_OPEN_LEGACY";

/** Where Envoy uses the plugin. `upstream-http` is a filter of a cluster, behind all filters of the listener. */
export type PluginKind = "http" | "upstream-http" | "network" | "access-log" | "service" | "stats-sink";

/** `envoy.extensions.wasm.v3.PluginConfig` with its `VmConfig`, resolved. */
export interface PluginConfig {
  readonly name: ByteString;
  readonly rootId: ByteString;
  readonly vmId: ByteString;
  readonly configuration: Buffer;
  readonly vmConfiguration: Buffer;
  readonly module: GuestModule;
  readonly environment: ReadonlyMap<string, string>;
  readonly capabilities: ReadonlySet<string> | null;
  readonly failurePolicy: FailurePolicy;
  /** Shortest time between two loads under FAIL_RELOAD, in milliseconds. */
  readonly reloadBackoff: number;
  readonly allowOnHeadersStopIteration: boolean;
  readonly kinds: ReadonlySet<PluginKind>;
}

/** A started plugin. */
export class Plugin {
  readonly config: PluginConfig;
  readonly envoyVm: EnvoyVm;
  readonly services: Services;
  /** Number of the worker, from 0. */
  readonly worker: number;
  readonly root: RootContext;

  private constructor(config: PluginConfig, envoyVm: EnvoyVm, services: Services, worker: number) {
    this.config = config;
    this.envoyVm = envoyVm;
    this.services = services;
    this.worker = worker;
    this.root = new RootContext(this);
  }

  /**
   * Creates the root context in the VM and configures it: context_create, vm_start, configure.
   *
   * @throws HostError `vm-start-refused` or `configure-refused`.
   */
  static start(config: PluginConfig, envoyVm: EnvoyVm, services: Services, worker: number): Plugin {
    const plugin = new Plugin(config, envoyVm, services, worker);
    const { root } = plugin;
    const { vm } = envoyVm;
    root.create();
    if (vm.trap !== null) {
      throw new HostError(
        "vm-start-refused",
        `${vm.trap.text}\nEnvoy refuses the configuration under every failure policy`,
        vm.trap.cause,
      );
    }
    if (!root.onVmStart()) throw refused("vm-start-refused", "proxy_on_vm_start", plugin);
    if (!root.onConfigure()) throw refused("configure-refused", "proxy_on_configure", plugin);
    return plugin;
  }
}

function refused(
  code: "vm-start-refused" | "configure-refused",
  callback: string,
  plugin: Plugin,
): HostError {
  const { trap } = plugin.envoyVm.vm;
  const what = trap === null ? `${callback} returned 0` : trap.text;
  const logged = plugin.services.log.entries.filter(
    (entry) => entry.context === plugin.root.id && entry.worker === plugin.worker,
  );
  const tail = logged.slice(-5).map((entry) => `\n  [${entry.level}] ${entry.text}`);
  return new HostError(
    code,
    `${what}: Envoy refuses the configuration under every failure policy${tail.length > 0 ? `. Logged by the plugin:${tail.join("")}` : ""}`,
    trap?.cause,
  );
}
