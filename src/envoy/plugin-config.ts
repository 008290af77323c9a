// PluginConfig and VmConfig messages, and the filters, loggers and services that carry them.
import { basename, resolve } from "node:path";

import type {
  HttpFilterOptions,
  Message,
  NetworkFilterOptions,
  WasmConfiguration,
  WasmPluginOptions,
  WasmServiceOptions,
} from "./options.ts";

const TYPE = "type.googleapis.com/";

/** A typed extension as Envoy wants it: name, and a message with its type. */
export function extension(name: string, type: string, message: Message = {}): Message {
  return { name, typed_config: { "@type": TYPE + type, ...message } };
}

/** A google.protobuf.Duration. */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) {
    throw new RangeError(`A duration must be a number of milliseconds from 0, not ${milliseconds}.`);
  }
  // Not a plain division: 0.1 + 0.2 style digits and exponents are no legal Duration.
  return `${(milliseconds / 1000).toFixed(9).replace(/\.?0+$/, "")}s`;
}

/** Name under which a plugin logs and by which a route can switch it off. */
export function pluginName(options: WasmPluginOptions): string {
  if (options.name !== undefined) return options.name;
  return typeof options.wasm === "string" ? basename(options.wasm).replace(/\.wasm$/, "") : "plugin";
}

/** The `envoy.extensions.wasm.v3.PluginConfig` message. */
export function pluginConfig(options: WasmPluginOptions, envoyVersion?: string): Message {
  const restriction = options.allowedCapabilities && {
    allowed_capabilities: Object.fromEntries(options.allowedCapabilities.map((name) => [name, {}])),
  };
  const restrictionInPlugin = envoyVersion !== undefined && isBefore(envoyVersion, 1, 40);
  const { keyValues, hostEnvKeys } = options.environmentVariables ?? {};
  return defined({
    name: pluginName(options),
    root_id: options.rootId,
    failure_policy: options.failurePolicy,
    reload_config:
      options.reloadBackoffMs === undefined
        ? undefined
        : { backoff: { base_interval: duration(options.reloadBackoffMs) } },
    allow_on_headers_stop_iteration: options.allowOnHeadersStopIteration,
    configuration: configuration(options.configuration),
    capability_restriction_config: restrictionInPlugin ? restriction : undefined,
    vm_config: defined({
      vm_id: options.vmId,
      runtime: "envoy.wasm.runtime.v8",
      code: code(options.wasm),
      configuration: configuration(options.vmConfiguration),
      environment_variables:
        options.environmentVariables &&
        defined({
          key_values: keyValues && { ...keyValues },
          host_env_keys: hostEnvKeys && [...hostEnvKeys],
        }),
      capability_restriction_config: restrictionInPlugin ? undefined : restriction,
    }),
  });
}

/** One entry of `http_filters`. */
export function httpFilter(options: HttpFilterOptions, envoyVersion?: string): Message {
  if ("raw" in options) return options.raw;
  const filter = extension(pluginName(options), "envoy.extensions.filters.http.wasm.v3.Wasm", {
    config: pluginConfig(options, envoyVersion),
  });
  return options.disabled ? { ...filter, disabled: true } : filter;
}

/** One entry of a filter chain's `filters`. */
export function networkFilter(options: NetworkFilterOptions, envoyVersion?: string): Message {
  if ("raw" in options) return options.raw;
  return extension(pluginName(options), "envoy.extensions.filters.network.wasm.v3.Wasm", {
    config: pluginConfig(options, envoyVersion),
  });
}

/** One entry of `access_log`. */
export function accessLogger(options: WasmPluginOptions, envoyVersion?: string): Message {
  return extension("envoy.access_loggers.wasm", "envoy.extensions.access_loggers.wasm.v3.WasmAccessLog", {
    config: pluginConfig(options, envoyVersion),
  });
}

/** One entry of `bootstrap_extensions`. */
export function wasmService(options: WasmServiceOptions, envoyVersion?: string): Message {
  return extension("envoy.bootstrap.wasm", "envoy.extensions.wasm.v3.WasmService", {
    singleton: options.singleton ?? true,
    config: pluginConfig(options, envoyVersion),
  });
}

/** One entry of `stats_sinks`. */
export function statsSink(options: WasmPluginOptions, envoyVersion?: string): Message {
  return extension("envoy.stat_sinks.wasm", "envoy.extensions.stat_sinks.wasm.v3.Wasm", {
    config: pluginConfig(options, envoyVersion),
  });
}

/** The object without its undefined fields. */
export function defined(message: Message): Message {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

function code(wasm: WasmPluginOptions["wasm"]): Message {
  if (typeof wasm === "string") return { local: { filename: resolve(wasm) } };
  if (wasm instanceof Uint8Array) return { local: { inline_bytes: base64(wasm) } };
  const { url, sha256, cluster, timeoutMs = 30_000 } = wasm;
  return { remote: { http_uri: { uri: url, cluster, timeout: duration(timeoutMs) }, sha256 } };
}

function configuration(value: WasmConfiguration | undefined): Message | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return { "@type": `${TYPE}google.protobuf.StringValue`, value };
  if (value instanceof Uint8Array)
    return { "@type": `${TYPE}google.protobuf.BytesValue`, value: base64(value) };
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function isBefore(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
