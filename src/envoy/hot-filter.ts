// A filter that a running Envoy takes anew: its configuration comes from a file that is watched (ECDS).
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { EnvoyError, startError } from "./error.ts";
import { extension, pluginConfig } from "./plugin-config.ts";
import { removeAtExit } from "./process.ts";
import type { Envoy } from "./envoy.ts";
import type { Message, WasmConfiguration, WasmPluginOptions } from "./options.ts";

/** The filter, without its module. */
export interface HotFilterOptions extends Omit<WasmPluginOptions, "wasm" | "configuration" | "name"> {
  name: string;
  kind: "http" | "tcp";
  envoyVersion?: string | undefined;
}

/** What came of a swap. */
export type Swap =
  | { readonly outcome: "active" }
  /** The same bytes and the same configuration: there was nothing to do. */
  | { readonly outcome: "unchanged" }
  /** Envoy refused it, under any failure policy, and goes on with what it had. */
  | { readonly outcome: "refused"; readonly reason: EnvoyError };

const TYPES = {
  http: "envoy.extensions.filters.http.wasm.v3.Wasm",
  tcp: "envoy.extensions.filters.network.wasm.v3.Wasm",
} as const;
const STATS = { http: "http_filter", tcp: "network_filter" } as const;
const POLL_MILLISECONDS = 10;
const LONGEST_SWAP_MILLISECONDS = 30_000;
const FILE = "filter.json";

/** A filter in a folder of its own. Dispose of it when Envoy is gone. */
export class HotFilter {
  readonly #options: HotFilterOptions;
  readonly #folder: string;
  readonly #forget: () => void;
  #version = "";

  private constructor(options: HotFilterOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#forget = removeAtExit(folder);
  }

  /** Makes the folder and puts the first module into it. */
  static async create(
    options: HotFilterOptions,
    wasm: Uint8Array,
    configuration?: WasmConfiguration,
  ): Promise<HotFilter> {
    const filter = new HotFilter(options, await mkdtemp(join(tmpdir(), "proxy-wasm-as-filter-")));
    await filter.#put(wasm, configuration);
    return filter;
  }

  /** What stands in the listener. */
  get filter(): { raw: Message } {
    const { name, kind } = this.#options;
    return {
      raw: {
        name,
        config_discovery: {
          config_source: {
            path_config_source: { path: join(this.#folder, FILE), watched_directory: { path: this.#folder } },
            resource_api_version: "V3",
          },
          type_urls: [`type.googleapis.com/${TYPES[kind]}`],
        },
      },
    };
  }

  /** Throws an EnvoyError if Envoy has refused the first module: it then serves without one. */
  async checkFirst(envoy: Envoy): Promise<void> {
    const outcome = await this.#outcome(envoy, NONE, 0);
    if (outcome.outcome === "refused") throw outcome.reason;
  }

  /** Gives Envoy another module or configuration, and waits for what it makes of it. No request is dropped. */
  async swap(envoy: Envoy, wasm: Uint8Array, configuration?: WasmConfiguration): Promise<Swap> {
    const before = await this.#counts(envoy);
    const from = envoy.log.length;
    if (!(await this.#put(wasm, configuration))) return { outcome: "unchanged" };
    const swap = await this.#outcome(envoy, before, from);
    await this.#tidy();
    return swap;
  }

  /** Removes the folder. */
  async dispose(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    this.#forget();
  }

  /** False if nothing is new. */
  async #put(wasm: Uint8Array, configuration: WasmConfiguration | undefined): Promise<boolean> {
    const { kind, envoyVersion, ...options } = this.#options;
    const hash = createHash("sha256").update(wasm).digest("hex");
    // Envoy keeps what it has for a file name, whatever the bytes: another module needs another name.
    const file = join(this.#folder, `${hash}.wasm`);
    const plugin = pluginConfig({ ...options, wasm: file, configuration }, envoyVersion);
    const version = createHash("sha256").update(JSON.stringify(plugin)).digest("hex");
    if (version === this.#version) return false;
    await writeFile(file, wasm);
    const resource = {
      "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
      ...extension(options.name, TYPES[kind], { config: plugin }),
    };
    const next = join(this.#folder, `${FILE}.next`);
    await writeFile(next, JSON.stringify({ version_info: version, resources: [resource] }));
    // Envoy notices files that are moved here, not files that are written.
    await rename(next, join(this.#folder, FILE));
    this.#version = version;
    return true;
  }

  async #outcome(envoy: Envoy, before: Counts, from: number): Promise<Swap> {
    const end = Date.now() + LONGEST_SWAP_MILLISECONDS;
    for (;;) {
      const now = await this.#counts(envoy);
      if (now.bad > before.bad) return { outcome: "refused", reason: await this.#reason(envoy, from) };
      if (now.good > before.good) return { outcome: "active" };
      if (Date.now() > end)
        throw new EnvoyError(
          `Envoy took no notice of the new module within ${LONGEST_SWAP_MILLISECONDS / 1000} s.`,
        );
      await sleep(POLL_MILLISECONDS);
    }
  }

  async #reason(envoy: Envoy, from: number): Promise<EnvoyError> {
    // What the statistics say may be ahead of what the log shows.
    await sleep(5 * POLL_MILLISECONDS);
    return startError("Envoy refused the module", envoy.log, undefined, from);
  }

  async #counts(envoy: Envoy): Promise<Counts> {
    const { kind, name } = this.#options;
    const stats = await envoy.stats(`^extension_config_discovery\\.${STATS[kind]}\\..*update_`);
    const of = (counter: string): number =>
      stats[`extension_config_discovery.${STATS[kind]}.${name}.${counter}`] ?? 0;
    return { good: of("update_success"), bad: of("update_rejected") + of("update_failure") };
  }

  /** Envoy has read what it needs: older modules may go. */
  async #tidy(): Promise<void> {
    const files = (await readdir(this.#folder)).filter((file) => file.endsWith(".wasm"));
    const text = await readFile(join(this.#folder, FILE), "utf8");
    for (const file of files) if (!text.includes(file)) await rm(join(this.#folder, file), { force: true });
  }
}

interface Counts {
  readonly good: number;
  readonly bad: number;
}

const NONE: Counts = { good: 0, bad: 0 };
