// The options of createHost, and what they mean when they are absent.
import { readFile } from "node:fs/promises";
import { asBuffer, toByteString } from "../host/byte-string.ts";
import { compileModule } from "../host/guest-module.ts";
import { HostError } from "../host/errors.ts";
import { LOG_LEVELS } from "../host/log-book.ts";
import type { CalloutBehaviour } from "./callouts.ts";
import type { FailurePolicy, PluginConfig, PluginKind } from "../host/plugin.ts";
import type { GrpcBehaviour } from "./grpc.ts";
import type { GuestModule } from "../host/guest-module.ts";
import type { Interceptor } from "../host/envoy-vm.ts";
import type { LogEntry, LogLevelName } from "../host/log-book.ts";
import type { PropertyValue } from "../host/property-values.ts";
import type { SurvivableMisuseCode } from "../host/errors.ts";
import type { Upstream } from "./upstream.ts";

/** One plugin, as in Envoy's PluginConfig and VmConfig. */
export interface PluginOptions {
  /** The module: a path, its bytes, or one from `compileModule` (quicker for many hosts). */
  readonly wasm: string | URL | Uint8Array | GuestModule;
  /** Plugin configuration; text is passed as UTF-8. Default: none. */
  readonly configuration?: string | Uint8Array;
  /** Default: empty. */
  readonly rootId?: string;
  /** Shown by property plugin_name. Default: `plugin`, and `plugin-2` and so on for further ones. */
  readonly name?: string;
  /** VMs with the same id share data and queues. Default: empty. */
  readonly vmId?: string;
  /** VM configuration. Default: none. */
  readonly vmConfiguration?: string | Uint8Array;
  /** Environment variables of the guest. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Allow-list of host functions and callbacks by name (capability restriction). Default: everything is allowed. */
  readonly capabilities?: readonly string[];
  /** What happens after a trap. Default: `FAIL_CLOSED`. */
  readonly failurePolicy?: FailurePolicy;
  /** Shortest time between two loads under FAIL_RELOAD, in milliseconds. Default: 1000. */
  readonly reloadBackoff?: number;
  /** Let StopIteration of a headers callback stop the headers only. Default: false, as in Envoy. */
  readonly allowOnHeadersStopIteration?: boolean;
  /** Where Envoy uses the plugin. Default: `["http", "network"]`. */
  readonly kinds?: readonly PluginKind[];
}

/** The host around the plugins. */
export interface EnvironmentOptions {
  /** What requests reach. Default: an empty 200. */
  readonly upstream?: Upstream;
  /** Clusters that callouts can reach, by name; all others are unknown to the proxy. */
  readonly callouts?: Readonly<Record<string, CalloutBehaviour>>;
  /** Clusters that gRPC callouts can reach, by name. */
  readonly grpc?: Readonly<Record<string, GrpcBehaviour>>;
  /** Properties of every stream, by path with dots. */
  readonly properties?: Readonly<Record<string, PropertyValue>>;
  /** The proxy's log level; entries below are not kept. Default: `info`. */
  readonly logLevel?: LogLevelName;
  /** Told of each log entry at once. */
  readonly onLog?: (entry: LogEntry) => void;
  /** Worker threads, each with VMs of its own. Default: 1. */
  readonly workers?: number;
  /** Start each plugin once more beforehand and throw that away, as Envoy does. Default: false. */
  readonly canary?: boolean;
  /** Time at the start. Default: 2026-01-01T00:00:00Z. It stands still until `advance`. */
  readonly now?: Date;
  /** Seed of everything random. Default: 1. */
  readonly seed?: number;
  /**
   * Misuse to answer as Envoy answers it, with a warning in the log, instead of failing. What kills the proxy cannot be
   * tolerated. Default: none.
   */
  readonly tolerate?: readonly SurvivableMisuseCode[];
  /** False tolerates all that Envoy survives. Default: true. */
  readonly strict?: boolean;
  /** Bytes a filter may hold. Default: 1 MiB for HTTP/1.1, 16 MiB for HTTP/2. */
  readonly bufferLimit?: number;
  /** Milliseconds after which Envoy gives up on an idle stream; 0 is never. Default: 300,000. */
  readonly streamIdleTimeout?: number;
  /** Add what Envoy adds at its edge (x-forwarded-proto, x-request-id, server, date and so on). Default: true. */
  readonly edgeHeaders?: boolean;
  /** @internal Replaces an imported function, given the real one; for fuzzing. Default: none. */
  readonly intercept?: Interceptor;
}

/** Options of createHost: one plugin, or several in order. */
export type HostOptions = EnvironmentOptions &
  (PluginOptions | { readonly plugins: readonly PluginOptions[] });

const SURVIVABLE: readonly SurvivableMisuseCode[] = [
  "request-sent-twice",
  "response-sent-twice",
  "response-header-injection",
  "header-pairs",
  "stats-buffer",
  "response-status",
  "late-header-write",
  "request-header-in-response",
  "no-stream",
];

const POLICIES: readonly FailurePolicy[] = ["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD", "FAIL_OPEN_LEGACY"];
const KINDS: readonly PluginKind[] = [
  "http",
  "upstream-http",
  "network",
  "access-log",
  "service",
  "stats-sink",
];

/** Misuse that the options let pass. */
export function tolerated(options: EnvironmentOptions): ReadonlySet<SurvivableMisuseCode> {
  return new Set(options.strict === false ? SURVIVABLE : options.tolerate);
}

/** Number of the log level. */
export function levelOf(options: EnvironmentOptions): number {
  const level = LOG_LEVELS.indexOf(options.logLevel ?? "info");
  if (level < 0)
    throw new HostError(
      "bad-option",
      `logLevel is "${options.logLevel}"; use one of ${LOG_LEVELS.join(", ")}`,
    );
  return level;
}

/** Bytes that a filter may hold of a stream. */
export function bufferLimitOf(options: EnvironmentOptions, protocol: "HTTP/1.1" | "HTTP/2"): number {
  return options.bufferLimit ?? (protocol === "HTTP/2" ? 16 : 1) * 1024 * 1024;
}

/** Plugins with their modules compiled. @throws HostError if a module is refused or an option cannot be used. */
export async function resolvePlugins(options: HostOptions): Promise<PluginConfig[]> {
  const plugins = "plugins" in options ? options.plugins : [options];
  const modules = new Map<unknown, GuestModule>();
  const configs: PluginConfig[] = [];
  for (const [index, plugin] of plugins.entries()) {
    const key = plugin.wasm instanceof URL ? plugin.wasm.href : plugin.wasm;
    checkChoices(plugin);
    const module = modules.get(key) ?? (await load(plugin.wasm));
    modules.set(key, module);
    configs.push({
      name: toByteString(plugin.name ?? (index === 0 ? "plugin" : `plugin-${index + 1}`)),
      rootId: toByteString(plugin.rootId ?? ""),
      vmId: toByteString(plugin.vmId ?? ""),
      configuration: Buffer.from(asBuffer(plugin.configuration ?? "")),
      vmConfiguration: Buffer.from(asBuffer(plugin.vmConfiguration ?? "")),
      module,
      environment: new Map(Object.entries(plugin.environment ?? {})),
      capabilities:
        plugin.capabilities === undefined || plugin.capabilities.length === 0
          ? null
          : new Set(plugin.capabilities),
      failurePolicy: plugin.failurePolicy ?? "FAIL_CLOSED",
      reloadBackoff: plugin.reloadBackoff ?? 1000,
      allowOnHeadersStopIteration: plugin.allowOnHeadersStopIteration ?? false,
      kinds: new Set(plugin.kinds ?? ["http", "network"]),
    });
  }
  return configs;
}

/** JavaScript tests have no types to catch a misspelt word. */
function checkChoices(plugin: PluginOptions): void {
  if (plugin.failurePolicy !== undefined && !POLICIES.includes(plugin.failurePolicy)) {
    throw new HostError(
      "bad-option",
      `failurePolicy is "${plugin.failurePolicy}"; use one of ${POLICIES.join(", ")}`,
    );
  }
  const kind = plugin.kinds?.find((name) => !KINDS.includes(name));
  if (kind !== undefined)
    throw new HostError("bad-option", `kinds has "${kind}"; use some of ${KINDS.join(", ")}`);
}

async function load(wasm: PluginOptions["wasm"]): Promise<GuestModule> {
  if (wasm instanceof Uint8Array) return compileModule(wasm);
  if (typeof wasm === "string" || wasm instanceof URL) {
    let bytes: Buffer;
    try {
      bytes = await readFile(wasm);
    } catch (error) {
      throw new HostError(
        "bad-option",
        `the module ${String(wasm)} cannot be read: ${(error as Error).message}. Has it been built?`,
        error,
      );
    }
    return compileModule(bytes);
  }
  if (typeof wasm === "object" && wasm !== null && "compiled" in wasm) return wasm;
  throw new HostError(
    "bad-option",
    "the option wasm must be a path, a URL, bytes, or a module from compileModule",
  );
}
