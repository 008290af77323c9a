// Public face of the Envoy tooling: find or install an Envoy, write its configuration, start and stop it.
export { findEnvoy, DEFAULT_ENVOY_VERSION, type EnvoyBinary, type FindEnvoyOptions } from "./find.ts";
export { PIPS } from "./install.ts";
export { startEnvoy, validate, type EnvoyRunOptions, type LogLevel } from "./start.ts";
export type { Envoy } from "./envoy.ts";
export type { EnvoyLog, EnvoyLogEntry, EnvoyLogLevel, WasmLog, WasmLogLine } from "./log.ts";
export { EnvoyError, unexpectedEnd, type ProcessExit } from "./error.ts";
export { toBootstrap, toYaml } from "./bootstrap.ts";
export { extension, httpFilter, networkFilter, pluginConfig } from "./plugin-config.ts";
export { HotFilter, type HotFilterOptions, type Swap } from "./hot-filter.ts";
export { linearMemoryPages } from "./linear-memory.ts";
export type {
  BootstrapOptions,
  ClusterOptions,
  ClusterTls,
  HttpFilterOptions,
  HttpListenerOptions,
  Message,
  NetworkFilterOptions,
  RemoteModule,
  RouteOptions,
  TcpListenerOptions,
  WasmConfiguration,
  WasmPluginOptions,
  WasmServiceOptions,
} from "./options.ts";
