// Public face of the resources of Istio that load a filter.
export { IstioConfigError } from "./error.ts";
export { PHASES, type FailurePolicy, type Phase, type PluginOptions, type Resource } from "./plugin.ts";
export type { ModuleSource } from "./module-source.ts";
export { wasmPlugin, wasmPluginYaml } from "./wasm-plugin.ts";
export { trafficExtension, trafficExtensionYaml } from "./traffic-extension.ts";
export { envoyFilter, envoyFilterYaml, type EnvoyFilterOptions } from "./envoy-filter.ts";
