// What a test can see of one plugin on one worker.
import { toText } from "../host/byte-string.ts";
import type { Plugin } from "../host/plugin.ts";
import type { Trap } from "../host/trap.ts";

/** Linear memory of a VM. */
export interface MemoryView {
  /** Pages of 64 KiB. */
  readonly pages: number;
  readonly bytes: number;
}

/** A started plugin. After a reload, ask the host for it again. */
export class PluginView {
  readonly #plugin: Plugin;

  /** @internal */
  constructor(plugin: Plugin) {
    this.#plugin = plugin;
  }

  /** As given in the options. */
  get name(): string {
    return toText(this.#plugin.config.name);
  }

  /** Id of the root context. */
  get rootContextId(): number {
    return this.#plugin.root.id;
  }

  /** Why its VM is dead, or null while it lives. */
  get trap(): Trap | null {
    return this.#plugin.envoyVm.vm.trap;
  }

  /** Memory of its VM, which other plugins may share. */
  get memory(): MemoryView {
    const { pages } = this.#plugin.envoyVm.vm.memory;
    return { pages, bytes: pages * 65_536 };
  }
}
